--[[ ack_orphans: an instance has called back for losses of jobs; they need not be kept any longer.
KEYS[1] meta     hash        epoch, sequence, replication_id, layout, partitions
KEYS[2] feed     stream      changes, id = <sequence>-0
KEYS[3] orphans  sorted set  loss -> its order
ARGV[1] now_ms      integer  or empty: not used
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] losses      JSON     [order, version] each, at most 1000: order and version of a loss
Returns {'acknowledged', version} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  a loss that is not kept any longer, or another one in its place, stays as it is
Keeps       O1 no loss goes that no instance has called back for ]]
local SCRIPT = 'ack_orphans'
--@include arguments
--@include lists
--@include log

check_call()
local losses = array('losses', ARGV[4], 1000)
for _, loss in ipairs(losses) do
  if type(loss) ~= 'table' or type(loss[1]) ~= 'number' or loss[1] % 1 ~= 0 or type(loss[2]) ~= 'string' then
    refuse('losses', ARGV[4], '[order, version] each')
  end
  integer('losses', whole_number(loss[1]), 1, 999999999999999)
  bytes('losses', loss[2], 1, 64)
end
check_keys(3)

local refused = open()
if refused then
  return refused
end

redis.call('ZCARD', KEYS[3])
for _, loss in ipairs(losses) do
  local order = whole_number(loss[1])
  for _, kept in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], order, order)) do
    if cjson.decode(kept)[1] == loss[2] then
      redis.call('ZREM', KEYS[3], kept)
    end
  end
end
return { 'acknowledged', version() }
