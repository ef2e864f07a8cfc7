-- Shared by all workloads. Each thread gets a number of its own, and an address when PORTS has
-- several. The run ends with one line of JSON, easier to read back than wrk's report for people.
local threads = 0
local addresses = {}

for port in (os.getenv('PORTS') or ''):gmatch('%d+') do
  addresses[#addresses + 1] = wrk.lookup('127.0.0.1', port)[1]
end

setup = function(thread)
  thread:set('number', threads)
  if #addresses > 0 then thread.addr = addresses[threads % #addresses + 1] end
  threads = threads + 1
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,' ..
      '"p50":%d,"p99":%d,"p999":%d,"max":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), latency.max))
end

form = { ['Content-Type'] = 'application/x-www-form-urlencoded' }
