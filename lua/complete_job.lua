--[[ complete_job: a job has ended; its place is free, and it is remembered as finished.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[4] node    hash        current_jobs, finished, version
KEYS[5] jobs    sorted set  job id -> lease deadline, ms
KEYS[6] done    sorted set  finished job id -> finishing order, about ms
ARGV[1] now_ms      integer  or empty: the server's clock
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] node        id       1..256 bytes
ARGV[5] job         id       1..256 bytes
ARGV[6] done_ms     integer  1..86400000: how long a finished job is remembered
ARGV[7] done_max    integer  1..100000: how many are remembered at most
Returns {'completed', version} | {'unknown', version} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by job id: a retry finds the job in done, answers 'completed' and writes nothing
Keeps       J1 current_jobs = |jobs| >= 0: derived, never decremented    V1 sequence grows by one ]]
local SCRIPT = 'complete_job'
--@include arguments
--@include log
--@include leases

check_call()
local node = id('node', ARGV[4])
local job = id('job', ARGV[5])
local done_ms = integer('done_ms', ARGV[6], 1, 86400000)
local done_max = integer('done_max', ARGV[7], 1, 100000)
check_keys(6)

local refused = open()
if refused then
  return refused
end

if not redis.call('ZSCORE', KEYS[5], job) then
  return { redis.call('ZSCORE', KEYS[6], job) and 'completed' or 'unknown', version() }
end
redis.call('ZSCORE', KEYS[3], node)
local counted = redis.call('HGET', KEYS[4], 'finished')
local finished = whole_number((tonumber(counted) or 0) + 1)
local now = clock()
-- Strictly growing, so that neither a clock that goes back nor a tie can push out the job that finished last.
local last = redis.call('ZRANGE', KEYS[6], -1, -1, 'WITHSCORES')
local order = last[2] and math.max(now, tonumber(last[2]) + 1) or now
local current_jobs = whole_number(redis.call('ZCARD', KEYS[5]) - 1)

commit('kind', 'completed', 'node', node, 'job', job, 'current_jobs', current_jobs, 'finished', finished)
redis.call('ZREM', KEYS[5], job)
if counted then -- else half a record would be left
  redis.call('HSET', KEYS[4], 'current_jobs', current_jobs, 'finished', finished, 'version', version())
end
redis.call('ZADD', KEYS[6], whole_number(order), job)
redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', whole_number(now - done_ms))
redis.call('ZREMRANGEBYRANK', KEYS[6], 0, -(done_max + 1))
follow_leases(KEYS[3], KEYS[5], node)
return { 'completed', version() }
