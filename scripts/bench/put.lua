-- Puts values under keys that nobody used before. Arguments: a folder, new in every run; the bytes
-- of a value, 64 unless given; and how many keys each thread uses, one after the other and again,
-- when they are not new.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local folder
local count = 0
local body
local keys

init = function(arguments)
  folder = arguments[1]
  body = 'value=' .. string.rep('v', tonumber(arguments[2] or 64))
  keys = tonumber(arguments[3] or math.huge)
end

request = function()
  count = count % keys + 1
  return wrk.format('PUT', '/v2/keys/' .. folder .. '/' .. number .. '-' .. count, form, body)
end
