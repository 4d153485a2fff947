-- SPDX-License-Identifier: Apache-2.0
-- Nine times show, once list; with WRITES, that share of set_metadata.
local path = os.getenv('BENCH_PATH')
local aggregates = tonumber(os.getenv('BENCH_AGGREGATES'))
local writes = tonumber(os.getenv('BENCH_WRITES'))
local counter = 0

wrk.headers['OpenStack-API-Version'] = 'compute 2.104'
wrk.headers['Content-Type'] = 'application/json'

function init(args)
  math.randomseed(1)
end

function request()
  counter = counter + 1
  local one = path .. '/' .. math.random(1, aggregates)
  if math.random() < writes then
    local body = '{"set_metadata": {"metadata": {"key-1": "written-'
      .. counter .. '"}}}'
    return wrk.format('POST', one .. '/action', nil, body)
  end
  if counter % 10 == 0 then
    return wrk.format('GET', path)
  end
  return wrk.format('GET', one)
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %f, "median_ms": %f,'
      .. ' "p99_ms": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
