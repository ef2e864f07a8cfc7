-- Reads one key so that the answer is never older than the question. Argument: the key.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local read

init = function(arguments)
  read = wrk.format('GET', '/v2/keys/' .. arguments[1] .. '?quorum=true')
end

request = function()
  return read
end
