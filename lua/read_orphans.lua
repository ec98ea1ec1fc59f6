--[[ read_orphans: the losses of jobs for which no instance has called back yet, as far as it was acknowledged.
KEYS[1] meta     hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed     stream      changes, id = <sequence>-0
KEYS[3] orphans  sorted set  loss -> its order
ARGV[1] now_ms      integer  or empty: not used
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] after       integer  0..999999999999999: the order of the last loss that the reader knows; 0: from the start
ARGV[5] limit       integer  1..1000: losses at most
Returns {'orphans', version, {{order, loss}...}} oldest first | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; writes only to begin an epoch
Idempotent  reads
Keeps       O1 every loss reaches a callback ]]
local SCRIPT = 'read_orphans'
--@include arguments
--@include log

check_call()
local after = integer('after', ARGV[4], 0, 999999999999999)
local limit = integer('limit', ARGV[5], 1, 1000)
check_keys(3)

local refused = open()
if refused then
  return refused
end

local kept = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. whole_number(after), '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
local losses = {}
for position = 1, #kept, 2 do
  losses[#losses + 1] = { kept[position + 1], kept[position] }
end
return { 'orphans', version(), losses }
