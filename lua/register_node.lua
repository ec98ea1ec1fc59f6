--[[ register_node: a node begins a new incarnation, online, without jobs, if it still has the one that the caller replaces.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] nodes   sorted set  every node, score 0
KEYS[4] expiry  sorted set  node id -> expires_at_ms
KEYS[5] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[6] node    hash        the record, written whole
KEYS[7] jobs    sorted set  job id -> lease deadline, ms
KEYS[8] orphans  sorted set  losses of jobs -> their order
ARGV[1] now_ms          integer  or empty: the server's clock
ARGV[2] partitions      integer  1..4096
ARGV[3] feed_max        integer  1..1000000
ARGV[4] node            id       1..256 bytes
ARGV[5] registration    token    1..64 bytes, unique to this incarnation, the same on every retry
ARGV[6] expected        bytes    0..64: the incarnation that the caller replaces; empty: there is no such node
ARGV[7] max_jobs        integer  0..100000
ARGV[8] ttl_ms          integer  1..86400000, jitter included
ARGV[9] pools           JSON     ids
ARGV[10] languages      JSON     [source, target] pairs
ARGV[11] services       JSON     ids
Returns {'registered', version, incarnation} | {'already', version, incarnation} | {'superseded', version, incarnation}
      | {'conflict', version, incarnation} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by registration token: a retry answers 'already', and 'conflict' once another one has followed; both write nothing
Keeps       J1 current_jobs = |jobs|    N1 only the expected incarnation is replaced    V1 sequence grows by one ]]
local SCRIPT = 'register_node'
--@include arguments
--@include lists
--@include log
--@include orphans

check_call()
local node = id('node', ARGV[4])
local registration = bytes('registration', ARGV[5], 1, 64)
local expected = bytes('expected', ARGV[6], 0, 64)
local max_jobs = integer('max_jobs', ARGV[7], 0, 100000)
local ttl_ms = integer('ttl_ms', ARGV[8], 1, 86400000)
ids('pools', ARGV[9], 64)
languages('languages', ARGV[10])
ids('services', ARGV[11], 64)
check_keys(8)

local refused = open()
if refused then
  return refused
end

local old = redis.call('HMGET', KEYS[6], 'status', 'incarnation', 'registration', 'finished')
local status, stored = old[1], old[2] or ''
if status and old[3] == registration then
  return { status == 'online' and 'already' or 'superseded', version(), stored }
end
if stored ~= expected then
  return { 'conflict', version(), stored }
end
redis.call('ZSCORE', KEYS[3], node)
redis.call('ZSCORE', KEYS[4], node)
redis.call('ZSCORE', KEYS[5], node)
redis.call('ZCARD', KEYS[8])
local orphaned = redis.call('ZRANGE', KEYS[7], 0, -1)
local expires_at = whole_number(clock() + ttl_ms)
local incarnation = next_version()
local finished = old[4] or '0'

commit('kind', 'registered', 'node', node, 'incarnation', incarnation, 'finished', finished, 'max_jobs', whole_number(max_jobs),
  'pools', ARGV[9], 'languages', ARGV[10], 'services', ARGV[11], 'health_milli', '500', 'orphaned', json_list(orphaned))
redis.call('HSET', KEYS[6], 'status', 'online', 'incarnation', incarnation, 'version', incarnation,
  'registration', registration, 'heartbeat_seq', '-1', 'heartbeat_chunk', '0', 'max_jobs', whole_number(max_jobs),
  'current_jobs', '0', 'finished', finished, 'metrics', '', 'health_milli', '500', 'services', ARGV[11], 'languages', ARGV[10],
  'pools', ARGV[9], 'expires_at_ms', expires_at)
redis.call('ZADD', KEYS[3], '0', node)
redis.call('ZADD', KEYS[4], expires_at, node)
if #orphaned > 0 then
  redis.call('UNLINK', KEYS[7])
  redis.call('ZREM', KEYS[5], node)
  keep_orphans(KEYS[8], node, 'registered', orphaned)
end
return { 'registered', version(), incarnation }
