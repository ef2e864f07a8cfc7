-- Adds keys in order to one folder. Argument: the folder.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local add

init = function(arguments)
  add = wrk.format('POST', '/v2/keys/' .. arguments[1], form, 'value=' .. string.rep('v', 64))
end

request = function()
  return add
end
