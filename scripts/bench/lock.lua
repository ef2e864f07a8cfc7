-- Acquires and releases a lock, in turn; every thread must have exactly one connection.
-- Arguments: the lock's name, and "own" when each thread has a lock of its own.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local acquire
local release
local holds = false

init = function(arguments)
  local name = arguments[1]
  if arguments[2] == 'own' then name = name .. '-' .. number end
  local place = '/mod/v2/lock/' .. name .. '?value=client' .. number
  acquire = wrk.format('POST', place .. '&ttl=60')
  release = wrk.format('DELETE', place)
end

request = function()
  return holds and release or acquire
end

response = function()
  holds = not holds
end
