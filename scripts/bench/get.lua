-- Reads one key. Arguments: the key, and what "quorum" is: true, so that the answer is never older
-- than the question, or false.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'report.lua')

local read

init = function(arguments)
  read = wrk.format('GET', '/v2/keys/' .. arguments[1] .. '?quorum=' .. arguments[2])
end

request = function()
  return read
end
