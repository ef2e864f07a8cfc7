-- Counts a key up, each time on the condition that it has the value from before; every thread has
-- a key of its own, and must have exactly one connection. Argument: a folder, new in every run.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local place
local count = 0

init = function(arguments)
  place = '/v2/keys/' .. arguments[1] .. '/' .. number
end

request = function()
  local condition = count == 0 and 'prevExist=false' or 'prevValue=' .. count
  return wrk.format('PUT', place .. '?' .. condition, form, 'value=' .. count + 1)
end

response = function()
  count = count + 1
end
