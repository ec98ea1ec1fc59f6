--[[ sweep: expire nodes, free lapsed leases and remove old records that are due; any instance may, at any time.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions, swept_ms, held_ms
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] nodes   sorted set  every node, score 0
KEYS[4] expiry  sorted set  node id -> expires_at_ms
KEYS[5] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[6] orphans  sorted set  losses of jobs -> their order
KEYS[7..]       for each candidate: node (hash), jobs, done (sorted sets)
ARGV[1] now_ms        integer  or empty: the server's clock
ARGV[2] partitions    integer  1..4096
ARGV[3] feed_max      integer  1..1000000
ARGV[4] retention_ms  integer  1..86400000: how long an expired node's record is kept
ARGV[5] limit         integer  1..100: candidates and due nodes a call
ARGV[6] job_limit     integer  1..1000: jobs that lose their places a call; those of one node that expires go together
ARGV[7] gap_ms        integer  1..86400000: sweeps that are further apart than this show that the store was away
ARGV[8] grace_ms      integer  0..86400000: for how long nothing is due after that
ARGV[9] offset        integer  0..999999999999999: so many of the entries that are due are passed over
ARGV[10..] candidates ids      at most `limit`; their keys are declared
Returns {'swept', version, {expired}, {removed}, {{node, job...}} lapsed, {{node, message}} failed, {due}}
      | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; for each candidate every check precedes the first write; one with a key of another type fails alone
Idempotent  a second run finds nothing due, but for what was beyond job_limit
Keeps       N4 nothing is due before nodes could renew it    J1 current_jobs = |jobs|    J4 a lapsed lease is freed    V1 sequence grows by one a change ]]
local SCRIPT = 'sweep'
local FIRST_CANDIDATE = 10
--@include arguments
--@include log
--@include leases
--@include orphans
--@include departure

check_call()
local retention_ms = integer('retention_ms', ARGV[4], 1, 86400000)
local limit = integer('limit', ARGV[5], 1, 100)
local job_limit = integer('job_limit', ARGV[6], 1, 1000)
local gap_ms = integer('gap_ms', ARGV[7], 1, 86400000)
local grace_ms = integer('grace_ms', ARGV[8], 0, 86400000)
local offset = integer('offset', ARGV[9], 0, 999999999999999)
local candidate_count = #ARGV - FIRST_CANDIDATE + 1
if candidate_count > limit then
  refuse('candidates', candidate_count .. ' nodes', 'at most limit, ' .. limit)
end
id_arguments('candidates', ARGV, FIRST_CANDIDATE)
check_keys(6 + 3 * candidate_count)

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
-- The keys that all candidates need are read before anything is written, also where nothing is due yet.
redis.call('ZCARD', KEYS[4])
redis.call('ZCARD', KEYS[5])
redis.call('ZCARD', KEYS[6])
redis.call('HSET', KEYS[1], 'swept_ms', whole_number(now), 'held_ms', whole_number(held_until))
if now < held_until then
  return { 'swept', version(), {}, {}, {}, {}, {} }
end

local expired, removed, lapsed, failed = {}, {}, {}, {}
local jobs_left = job_limit

-- Returns the answer to a read of a candidate's key; nil where the key is of another type: the candidate failed.
local function read(node, key, answer)
  if type(answer) ~= 'table' or not answer.err then
    return answer
  end
  if string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then
    error(answer)
  end
  failed[#failed + 1] = { node, key .. ': ' .. answer.err }
end

local function expire(node, keys)
  local orphaned = read(node, keys.jobs, redis.pcall('ZRANGE', keys.jobs, 0, -1))
  if orphaned then
    depart('expired', node, keys, orphaned, now + retention_ms)
    expired[#expired + 1] = node
    jobs_left = jobs_left - #orphaned
  end
end

local function remove(node, keys)
  if read(node, KEYS[3], redis.pcall('ZSCORE', KEYS[3], node)) == nil then
    return
  end
  commit('kind', 'removed', 'node', node)
  redis.call('UNLINK', keys.node, keys.jobs, keys.done)
  redis.call('ZREM', KEYS[3], node)
  redis.call('ZREM', KEYS[4], node)
  redis.call('ZREM', KEYS[5], node)
  removed[#removed + 1] = node
end

local function free_lapsed(node, keys)
  local due = read(node, keys.jobs, redis.pcall('ZRANGEBYSCORE', keys.jobs, '-inf', whole_number(now), 'LIMIT', 0, jobs_left))
  if not due or #due == 0 then
    return
  end
  local current_jobs = whole_number(redis.call('ZCARD', keys.jobs) - #due)
  commit('kind', 'lapsed', 'node', node, 'jobs', json_list(due), 'current_jobs', current_jobs)
  redis.call('ZREM', keys.jobs, unpack(due))
  redis.call('HSET', keys.node, 'current_jobs', current_jobs, 'version', version())
  follow_leases(KEYS[5], keys.jobs, node)
  keep_orphans(KEYS[6], node, 'lapsed', due)
  lapsed[#lapsed + 1] = { node, unpack(due) }
  jobs_left = jobs_left - #due
end

for candidate = 1, candidate_count do
  if jobs_left <= 0 then
    break
  end
  local node, first = ARGV[FIRST_CANDIDATE + candidate - 1], 3 * candidate + 4
  local keys = { expiry = KEYS[4], leases = KEYS[5], orphans = KEYS[6], node = KEYS[first], jobs = KEYS[first + 1], done = KEYS[first + 2] }
  local record = read(node, keys.node, redis.pcall('HMGET', keys.node, 'status'))
  if record then
    local expires_at = tonumber(redis.call('ZSCORE', KEYS[4], node) or nil)
    if not expires_at or expires_at > now then
      if record[1] then
        free_lapsed(node, keys)
      end
    elseif record[1] == 'online' then
      expire(node, keys)
    else
      remove(node, keys)
    end
  end
end

local due, listed = {}, {}
local from, count = offset + #failed, limit
for _, index in ipairs({ KEYS[4], KEYS[5] }) do
  local there = redis.call('ZCOUNT', index, '-inf', whole_number(now))
  local taken = math.min(count, there - from)
  if taken > 0 then
    for _, node in ipairs(redis.call('ZRANGE', index, whole_number(from), whole_number(from + taken - 1))) do
      if not listed[node] then
        listed[node], due[#due + 1] = true, node
      end
    end
    count = count - taken
  end
  from = math.max(0, from - there)
end
return { 'swept', version(), expired, removed, lapsed, failed, due }
