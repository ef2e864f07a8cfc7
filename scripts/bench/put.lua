-- Puts 64 bytes under a key that nobody used before. Argument: a folder, new in every run.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local folder
local count = 0
local body = 'value=' .. string.rep('v', 64)

init = function(arguments)
  folder = arguments[1]
end

request = function()
  count = count + 1
  return wrk.format('PUT', '/v2/keys/' .. folder .. '/' .. number .. '-' .. count, form, body)
end
