-- Shared by all workloads. Each thread gets a number of its own, and the run ends with one line
-- of JSON, easier to read back than wrk's report for people.
local threads = 0

setup = function(thread)
  thread:set('number', threads)
  threads = threads + 1
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d,"max":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end

form = { ['Content-Type'] = 'application/x-www-form-urlencoded' }
