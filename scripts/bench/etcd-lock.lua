-- The same with the lock of etcd's v3 API, which v2 has none of, over its JSON gateway.
-- Arguments: the lock's name, and "own" when each thread has a lock of its own.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local json = { ['Content-Type'] = 'application/json' }
local acquire
local key

init = function(arguments)
  local name = arguments[1]
  if arguments[2] == 'own' then name = name .. '-' .. number end
  acquire = wrk.format('POST', '/v3/lock/lock', json, '{"name":"' .. base64(name) .. '"}')
end

request = function()
  if key == nil then return acquire end
  return wrk.format('POST', '/v3/lock/unlock', json, '{"key":"' .. key .. '"}')
end

response = function(_, _, body)
  key = key == nil and body:match('"key":"([^"]+)"') or nil
end

function base64(text)
  local digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  local encoded = text:gsub('..?.?', function(part)
    local a, b, c = part:byte(1, 3)
    local bits = a * 65536 + (b or 0) * 256 + (c or 0)
    local four = ''
    for shift = 18, 0, -6 do
      local at = math.floor(bits / 2 ^ shift) % 64 + 1
      four = four .. digits:sub(at, at)
    end
    return four:sub(1, #part + 1) .. string.rep('=', 3 - #part)
  end)
  return encoded
end
