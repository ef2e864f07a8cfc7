-- Puts values under keys that nobody used before. Arguments: a folder, new in every run; the bytes
-- of a value, 64 unless given; how many keys each thread uses, one after the other and again, when
-- they are not new; and what its Authorization says, if there is to be one.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local folder
local count = 0
local body
local keys
local headers

init = function(arguments)
  folder = arguments[1]
  body = 'value=' .. string.rep('v', tonumber(arguments[2] or 64))
  keys = tonumber(arguments[3] or math.huge)
  headers = { ['Content-Type'] = form['Content-Type'], Authorization = arguments[4] }
end

request = function()
  count = count % keys + 1
  return wrk.format('PUT', '/v2/keys/' .. folder .. '/' .. number .. '-' .. count, headers, body)
end
