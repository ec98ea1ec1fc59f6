--[[ heartbeat: renews a node, with its health and the jobs that it runs, or with a chunk of them.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] expiry  sorted set  node id -> expires_at_ms
KEYS[4] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[5] node    hash        status, incarnation, heartbeat_seq, heartbeat_chunk, metrics, health_milli, expires_at_ms, version
KEYS[6] jobs    sorted set  job id -> lease deadline, ms
ARGV[1] now_ms         integer  or empty: the server's clock
ARGV[2] partitions     integer  1..4096
ARGV[3] feed_max       integer  1..1000000
ARGV[4] node           id       1..256 bytes
ARGV[5] incarnation    version  1..64 bytes: the life that speaks
ARGV[6] seq            integer  0..999999999999999, grows within a life
ARGV[7] chunk          integer  0..199, grows within a seq
ARGV[8] ttl_ms         integer  1..86400000, jitter included
ARGV[9] lease_ms       integer  1..86400000
ARGV[10] health_milli  integer  0..1000, thousandths of the health score
ARGV[11] cpu           metric   0..1000000000, or empty: not known
ARGV[12] gpu           metric   likewise
ARGV[13] memory        metric   likewise
ARGV[14] load          metric   likewise
ARGV[15] latency_ms    metric   likewise
ARGV[16] error_rate    metric   likewise
ARGV[17..] running     ids      at most 500 jobs
Returns {'renewed', version, job...} with the running jobs that the store does not know
      | {'already', version} | {'stale', version} | {'unknown_node', version} | {'not_online', version}
      | {'superseded', version, incarnation} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by seq and chunk: a retry answers 'already' and writes nothing
Keeps       N1 neither an older heartbeat nor one of a former life writes    V1 a version only for a health that moved by 50 or more ]]
local SCRIPT = 'heartbeat'
local METRICS = { 'cpu', 'gpu', 'memory', 'load', 'latency_ms', 'error_rate' }
local FIRST_METRIC, FIRST_RUNNING, MOST_RUNNING, MATERIAL_MILLI = 11, 17, 500, 50
--@include arguments
--@include log
--@include leases

check_call()
local node = id('node', ARGV[4])
bytes('incarnation', ARGV[5], 1, 64)
local seq = integer('seq', ARGV[6], 0, 999999999999999)
local chunk = integer('chunk', ARGV[7], 0, 199)
local ttl_ms = integer('ttl_ms', ARGV[8], 1, 86400000)
local lease_ms = integer('lease_ms', ARGV[9], 1, 86400000)
local health_milli = integer('health_milli', ARGV[10], 0, 1000)
local known = {}
for index, name in ipairs(METRICS) do
  local text = ARGV[FIRST_METRIC + index - 1]
  if text ~= '' then
    known[#known + 1] = '"' .. name .. '":' .. metric(name, text)
  end
end
local metrics = '{' .. table.concat(known, ',') .. '}'
if #ARGV - FIRST_RUNNING + 1 > MOST_RUNNING then
  refuse('running', (#ARGV - FIRST_RUNNING + 1) .. ' jobs', 'at most ' .. MOST_RUNNING)
end
id_arguments('running', FIRST_RUNNING)
check_keys(6)

local refused = open()
if refused then
  return refused
end

local record = redis.call('HMGET', KEYS[5], 'status', 'incarnation', 'heartbeat_seq', 'health_milli', 'heartbeat_chunk')
if not record[1] then
  return { 'unknown_node', version() }
end
if record[2] ~= ARGV[5] then
  return { 'superseded', version(), record[2] }
end
if record[1] ~= 'online' then
  return { 'not_online', version() }
end
local last_seq, last_chunk = tonumber(record[3]), tonumber(record[5])
local is_further = seq == last_seq and chunk > last_chunk
if seq == last_seq and chunk == last_chunk then
  return { 'already', version() }
end
if seq < last_seq or (seq == last_seq and chunk < last_chunk) then
  return { 'stale', version() }
end

local now = clock()
local expires_at, lease_until = whole_number(now + ttl_ms), now + lease_ms
local reply, renewed = { 'renewed' }, {}
if #ARGV >= FIRST_RUNNING then
  local lease = whole_number(lease_until)
  local deadlines = redis.call('ZMSCORE', KEYS[6], unpack(ARGV, FIRST_RUNNING))
  for index, deadline in ipairs(deadlines) do
    local job = ARGV[FIRST_RUNNING + index - 1]
    if not deadline then
      reply[#reply + 1] = job
    elseif tonumber(deadline) < lease_until then
      renewed[#renewed + 1] = lease
      renewed[#renewed + 1] = job
    end
  end
end
if #renewed > 0 then
  redis.call('ZSCORE', KEYS[4], node)
end

if is_further then
  redis.call('HSET', KEYS[5], 'heartbeat_chunk', whole_number(chunk))
else
  local fields = { 'heartbeat_seq', whole_number(seq), 'heartbeat_chunk', whole_number(chunk), 'metrics', metrics,
    'expires_at_ms', expires_at }
  if math.abs(health_milli - tonumber(record[4])) >= MATERIAL_MILLI then
    redis.call('ZSCORE', KEYS[3], node)
    commit('kind', 'health', 'node', node, 'health_milli', whole_number(health_milli))
    fields[9], fields[10], fields[11], fields[12] = 'health_milli', whole_number(health_milli), 'version', version()
  end
  redis.call('ZADD', KEYS[3], expires_at, node)
  redis.call('HSET', KEYS[5], unpack(fields))
end
if #renewed > 0 then
  redis.call('ZADD', KEYS[6], unpack(renewed))
  follow_leases(KEYS[4], KEYS[6], node)
end
table.insert(reply, 2, version())
return reply
