--[[ changes_since: what a follower has missed; with limit 0 only whether it has.
KEYS[1] meta  hash    epoch, sequence, replication_id, layout, partitions
KEYS[2] feed  stream  changes, id = <sequence>-0
ARGV[1] now_ms      integer  or empty: not used
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] epoch       bytes    0..64: the follower's
ARGV[5] sequence    integer  0..999999999999999: the last change that it has
ARGV[6] limit       integer  0..10000
Returns {'changes', version, {{sequence, field, value...}...}} oldest first | {'resync', version}
      | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; writes only to begin an epoch
Idempotent  reads
Keeps       F1 every change once, in order; where that cannot be, it says resync    V4 a gap is noticed ]]
local SCRIPT = 'changes_since'
--@include arguments
--@include log

check_call()
bytes('epoch', ARGV[4], 0, 64)
local since = integer('sequence', ARGV[5], 0, 999999999999999)
local limit = integer('limit', ARGV[6], 0, 10000)
check_keys(2)

local refused = open()
if refused then
  return refused
end

if ARGV[4] ~= epoch or since > sequence then
  return { 'resync', version() }
end
local changes = {}
if since < sequence then
  -- A stream answers from its first kept entry, without a word about those that were trimmed: hence the look at the id.
  local wanted = whole_number(since + 1) .. '-0'
  local entries = redis.call('XRANGE', KEYS[2], wanted, '+', 'COUNT', math.max(limit, 1))
  if not entries[1] or entries[1][1] ~= wanted then
    return { 'resync', version() }
  end
  for position = 1, math.min(limit, #entries) do
    changes[position] = { string.match(entries[position][1], '^%d+'), unpack(entries[position][2]) }
  end
end
return { 'changes', version(), changes }
