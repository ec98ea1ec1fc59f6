--[[ offline_node: a node says goodbye; its jobs are orphaned, by name.
KEYS[1] meta    hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed    stream      changes, id = <sequence>-0
KEYS[3] expiry  sorted set  node id -> expires_at_ms: for an offline node, when it is removed
KEYS[4] leases  sorted set  node id -> its earliest lease deadline, ms
KEYS[5] node    hash        status, incarnation, version, current_jobs, expires_at_ms
KEYS[6] jobs    sorted set  job id -> lease deadline, ms
KEYS[7..]       sets        of pools, languages, in this order
ARGV[1] now_ms        integer  or empty: the server's clock
ARGV[2] partitions    integer  1..4096
ARGV[3] feed_max      integer  1..1000000
ARGV[4] node          id       1..256 bytes
ARGV[5] incarnation   version  1..64 bytes: the life that ends
ARGV[6] retention_ms  integer  1..86400000: how long the record is kept
ARGV[7] pools         JSON     ids; their keys are declared
ARGV[8] languages     JSON     pairs, likewise
Returns {'offline', version, job...} with the orphaned jobs | {'already', version} | {'unknown_node', version}
      | {'superseded', version, incarnation} | {'keys_needed', version, pools, languages}
      | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by status: a retry answers 'already' and writes nothing
Keeps       J1 current_jobs = |jobs|    N1 a former life cannot end a later one    V1 sequence grows by one ]]
local SCRIPT = 'offline_node'
--@include arguments
--@include lists
--@include log
--@include membership
--@include departure

check_call()
local node = id('node', ARGV[4])
bytes('incarnation', ARGV[5], 1, 64)
local retention_ms = integer('retention_ms', ARGV[6], 1, 86400000)
local pools = ids('pools', ARGV[7], 64)
local pairs_served = languages('languages', ARGV[8])
check_keys(6 + #pools + #pairs_served)

local refused = open()
if refused then
  return refused
end

local record = redis.call('HMGET', KEYS[5], 'status', 'incarnation', 'pools', 'languages')
if not record[1] then
  return { 'unknown_node', version() }
end
if record[2] ~= ARGV[5] then
  return { 'superseded', version(), record[2] }
end
if record[1] ~= 'online' then
  return { 'already', version() }
end
local pool_keys, language_keys = {}, {}
declare(7, pools, pairs_served, pool_keys, language_keys)
local own_pools, own_pairs = cjson.decode(record[3]), cjson.decode(record[4])
if not all_declared(own_pools, own_pairs, pool_keys, language_keys) then
  return { 'keys_needed', version(), record[3], record[4] }
end

local keys = { expiry = KEYS[3], leases = KEYS[4], node = KEYS[5], jobs = KEYS[6] }
local member_of = member_keys(node, own_pools, own_pairs, pool_keys, language_keys)
local orphaned = depart('offline', node, keys, member_of, clock() + retention_ms)
local reply = { 'offline', version() }
for position, job in ipairs(orphaned) do
  reply[position + 2] = job
end
return reply
