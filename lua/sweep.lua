--[[ sweep: expire nodes, free lapsed leases and remove old records that are due; any instance may, at any time.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions, swept_ms, held_ms
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] nodes   sorted set  every node, score 0
KEYS[4] expiry  sorted set  node id -> expires_at_ms
KEYS[5] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[6..]       for each candidate: node (hash), jobs, done (sorted sets)
ARGV[1] now_ms        integer  or empty: the server's clock
ARGV[2] partitions    integer  1..4096
ARGV[3] feed_max      integer  1..1000000
ARGV[4] retention_ms  integer  1..86400000: how long an expired node's record is kept
ARGV[5] limit         integer  1..1000: candidates, jobs a candidate and due nodes a call
ARGV[6] gap_ms        integer  1..86400000: sweeps that are further apart than this show that the store was away
ARGV[7] grace_ms      integer  0..86400000: for how long nothing is due after that
ARGV[8..] candidates  ids      at most `limit`; their keys are declared
Returns {'swept', version, {expired}, {removed}, {{node, job...}} lapsed, {due}}
      | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; for each candidate every check precedes the first write
Idempotent  a second run finds nothing due
Keeps       N4 nothing is due before nodes could renew it    J1 current_jobs = |jobs|    J4 a lapsed lease is freed    V1 sequence grows by one a change ]]
local SCRIPT = 'sweep'
local FIRST_CANDIDATE = 8
--@include arguments
--@include log
--@include leases
--@include departure

check_call()
local retention_ms = integer('retention_ms', ARGV[4], 1, 86400000)
local limit = integer('limit', ARGV[5], 1, 1000)
local gap_ms = integer('gap_ms', ARGV[6], 1, 86400000)
local grace_ms = integer('grace_ms', ARGV[7], 0, 86400000)
local candidate_count = #ARGV - FIRST_CANDIDATE + 1
if candidate_count > limit then
  refuse('candidates', candidate_count .. ' nodes', 'at most limit, ' .. limit)
end
for position = FIRST_CANDIDATE, #ARGV do
  id('candidates', ARGV[position])
end
check_keys(5 + 3 * candidate_count)

local refused = open()
if refused then
  return refused
end

local now = clock()
local swept = redis.call('HMGET', KEYS[1], 'swept_ms', 'held_ms')
local swept_at, held_until = tonumber(swept[1]), tonumber(swept[2]) or 0
if not swept_at or swept_at > now or swept_at < now - gap_ms then
  held_until = now + grace_ms
end
-- What may fail is read before anything is written, also where nothing is due yet.
redis.call('ZCARD', KEYS[4])
redis.call('ZCARD', KEYS[5])
redis.call('HSET', KEYS[1], 'swept_ms', whole_number(now), 'held_ms', whole_number(held_until))
if now < held_until then
  return { 'swept', version(), {}, {}, {}, {} }
end

local expired, removed, lapsed = {}, {}, {}

local function remove(node, keys)
  redis.call('ZSCORE', KEYS[3], node)
  commit('kind', 'removed', 'node', node)
  redis.call('DEL', keys.node, keys.jobs, keys.done)
  redis.call('ZREM', KEYS[3], node)
  redis.call('ZREM', KEYS[4], node)
  redis.call('ZREM', KEYS[5], node)
  removed[#removed + 1] = node
end

local function free_lapsed(node, keys)
  local due = redis.call('ZRANGEBYSCORE', keys.jobs, '-inf', whole_number(now), 'LIMIT', 0, limit)
  if #due == 0 then
    return
  end
  redis.call('ZSCORE', KEYS[5], node)
  local current_jobs = whole_number(redis.call('ZCARD', keys.jobs) - #due)
  commit('kind', 'lapsed', 'node', node, 'jobs', json_list(due), 'current_jobs', current_jobs)
  redis.call('ZREM', keys.jobs, unpack(due))
  redis.call('HSET', keys.node, 'current_jobs', current_jobs, 'version', version())
  follow_leases(KEYS[5], keys.jobs, node)
  lapsed[#lapsed + 1] = { node, unpack(due) }
end

for candidate = 1, candidate_count do
  local node, first = ARGV[FIRST_CANDIDATE + candidate - 1], 3 * candidate + 3
  local keys = { expiry = KEYS[4], leases = KEYS[5], node = KEYS[first], jobs = KEYS[first + 1], done = KEYS[first + 2] }
  local status = redis.call('HMGET', keys.node, 'status')[1]
  if status then
    local expires_at = tonumber(redis.call('ZSCORE', KEYS[4], node) or now)
    if expires_at > now then
      free_lapsed(node, keys)
    elseif status == 'online' then
      depart('expired', node, keys, now + retention_ms)
      expired[#expired + 1] = node
    else
      remove(node, keys)
    end
  end
end

local due, listed = {}, {}
for _, index in ipairs({ KEYS[4], KEYS[5] }) do
  for _, node in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', whole_number(now), 'LIMIT', 0, limit)) do
    if not listed[node] then
      listed[node], due[#due + 1] = true, node
    end
  end
end
return { 'swept', version(), expired, removed, lapsed, due }
