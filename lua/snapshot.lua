--[[ snapshot: a page of the partition, true at its version: the declared records, and which ids come next.
KEYS[1] meta   hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed   stream      changes, id = <sequence>-0
KEYS[3] nodes  sorted set  every node, score 0, hence in byte order
KEYS[4..]      hashes      the records of this page
ARGV[1] now_ms      integer  or empty: not used
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] after       bytes    0..256: the last id that the reader knows; empty: from the start
ARGV[5] limit       integer  0..1000: ids at most
Returns {'page', version, {{field, value...}...}, {node...}} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; writes only to begin an epoch
Idempotent  reads
Keeps       V2 a record is read whole, with the version that it is true at ]]
local SCRIPT = 'snapshot'
--@include arguments
--@include log

check_call()
bytes('after', ARGV[4], 0, 256)
local limit = integer('limit', ARGV[5], 0, 1000)
if #KEYS < 3 then
  check_keys(3)
end

local refused = open()
if refused then
  return refused
end

local records = {}
for position = 4, #KEYS do
  records[position - 3] = redis.call('HGETALL', KEYS[position])
end
local from = ARGV[4] == '' and '-' or '(' .. ARGV[4]
local following = redis.call('ZRANGEBYLEX', KEYS[3], from, '+', 'LIMIT', 0, limit)
return { 'page', version(), records, following }
