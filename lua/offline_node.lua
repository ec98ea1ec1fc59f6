--[[ offline_node: a node says goodbye; its jobs are orphaned, by name.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] expiry  sorted set  node id -> expires_at_ms: for an offline node, when it is removed
KEYS[4] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[5] node    hash        status, incarnation, version, current_jobs, expires_at_ms
KEYS[6] jobs    sorted set  job id -> lease deadline, ms
KEYS[7] orphans  sorted set  losses of jobs -> their order
ARGV[1] now_ms        integer  or empty: the server's clock
ARGV[2] partitions    integer  1..4096
ARGV[3] feed_max      integer  1..1000000
ARGV[4] node          id       1..256 bytes
ARGV[5] incarnation   version  1..64 bytes: the life that ends
ARGV[6] retention_ms  integer  1..86400000: how long the record is kept
Returns {'offline', version, job...} with the orphaned jobs | {'already', version} | {'unknown_node', version}
      | {'superseded', version, incarnation} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by status: a retry answers 'already' and writes nothing
Keeps       J1 current_jobs = |jobs|    N1 a former life cannot end a later one    V1 sequence grows by one ]]
local SCRIPT = 'offline_node'
--@include arguments
--@include log
--@include orphans
--@include departure

check_call()
local node = id('node', ARGV[4])
bytes('incarnation', ARGV[5], 1, 64)
local retention_ms = integer('retention_ms', ARGV[6], 1, 86400000)
check_keys(7)

local refused = open()
if refused then
  return refused
end

local record = redis.call('HMGET', KEYS[5], 'status', 'incarnation')
if not record[1] then
  return { 'unknown_node', version() }
end
if record[2] ~= ARGV[5] then
  return { 'superseded', version(), record[2] }
end
if record[1] ~= 'online' then
  return { 'already', version() }
end

local keys = { expiry = KEYS[3], leases = KEYS[4], node = KEYS[5], jobs = KEYS[6], orphans = KEYS[7] }
redis.call('ZSCORE', KEYS[3], node)
redis.call('ZSCORE', KEYS[4], node)
redis.call('ZCARD', KEYS[7])
local orphaned = redis.call('ZRANGE', KEYS[6], 0, -1)
depart('offline', node, keys, orphaned, clock() + retention_ms)
local reply = { 'offline', version() }
for position, job in ipairs(orphaned) do
  reply[position + 2] = job
end
return reply
