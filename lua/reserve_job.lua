--[[ reserve_job: count one job against an online node that has room.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[4] node    hash        status, max_jobs, current_jobs, finished, version
KEYS[5] jobs    sorted set  job id -> lease deadline, ms
KEYS[6] done    sorted set  finished job id -> finishing order
ARGV[1] now_ms      integer  or empty: the server's clock
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] node        id       1..256 bytes
ARGV[5] job         id       1..256 bytes, unique, the same on every retry
ARGV[6] lease_ms    integer  1..86400000
ARGV[7] seen        integer  0..999999999999999: jobs finished on the node, as known when the place was first asked for
Returns {'reserved', version} | {'already', version} | {'full', version} | {'not_online', version} | {'finished', version}
      | {'finished_unknown', version, finished} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by job id: a retry answers 'already', or 'finished', and writes nothing
Keeps       J1 current_jobs = |jobs| >= 0    J2 current_jobs <= max_jobs    J3 no finished job comes back    V1 sequence grows by one ]]
local SCRIPT = 'reserve_job'
--@include arguments
--@include log

check_call()
local node = id('node', ARGV[4])
local job = id('job', ARGV[5])
local lease_ms = integer('lease_ms', ARGV[6], 1, 86400000)
local seen = integer('seen', ARGV[7], 0, 999999999999999)
check_keys(6)

local refused = open()
if refused then
  return refused
end

if redis.call('ZSCORE', KEYS[6], job) then
  return { 'finished', version() }
end
if redis.call('ZSCORE', KEYS[5], job) then
  return { 'already', version() }
end
local record = redis.call('HMGET', KEYS[4], 'status', 'max_jobs', 'finished')
local finished = tonumber(record[3]) or 0
if seen < finished - redis.call('ZCARD', KEYS[6]) then
  return { 'finished_unknown', version(), whole_number(finished) }
end
if record[1] ~= 'online' then
  return { 'not_online', version() }
end
local live = redis.call('ZCARD', KEYS[5])
if live >= tonumber(record[2]) then
  return { 'full', version() }
end
local earliest = redis.call('ZSCORE', KEYS[3], node)

local lease_until, current_jobs = clock() + lease_ms, whole_number(live + 1)
commit('kind', 'reserved', 'node', node, 'job', job, 'current_jobs', current_jobs, 'lease_until_ms', whole_number(lease_until))
redis.call('ZADD', KEYS[5], whole_number(lease_until), job)
redis.call('HSET', KEYS[4], 'current_jobs', current_jobs, 'version', version())
if not earliest or lease_until < tonumber(earliest) then
  redis.call('ZADD', KEYS[3], whole_number(lease_until), node)
end
return { 'reserved', version() }
