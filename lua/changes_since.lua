--[[ changes_since: what a follower has missed; with limit 0 only whether it has.
KEYS[1] meta  hash    epoch, sequence, replication_id, layout, partitions
KEYS[2] feed  stream  changes, id = <sequence>-0
ARGV[1] now_ms      integer  or empty: not used
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4] epoch       bytes    0..64: the follower's
ARGV[5] sequence    integer  0..999999999999999: the last change that it has
ARGV[6] limit       integer  0..10000
ARGV[7] max_bytes   integer  1..1048576: the entry with which fields and values take as much is the last
Returns {'changes', version, {{sequence, field, value...}...}} oldest first
      | {'resync', version, generation, {past epoch...}}
      | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; writes only to begin an epoch
Idempotent  reads
Keeps       F1 every change once, in order; where that cannot be, it says resync    V4 a gap is noticed ]]
local SCRIPT = 'changes_since'
-- Entries read at a time: those beyond the last one that is given are read in vain.
local CHUNK = 16
--@include arguments
--@include log

check_call()
bytes('epoch', ARGV[4], 0, 64)
local since = integer('sequence', ARGV[5], 0, 999999999999999)
local limit = integer('limit', ARGV[6], 0, 10000)
local max_bytes = integer('max_bytes', ARGV[7], 1, 1048576)
check_keys(2)

local refused = open()
if refused then
  return refused
end

if ARGV[4] ~= epoch or since > sequence then
  return { 'resync', version(), succession() }
end
local changes, bytes = {}, 0

-- Returns whether the reply has room for more.
local function add(id, fields)
  if #changes == limit then
    return false
  end
  bytes = bytes + #table.concat(fields)
  table.insert(fields, 1, string.sub(id, 1, -3)) -- without its '-0'
  changes[#changes + 1] = fields
  return bytes < max_bytes and #changes < limit
end

local from = since + 1
local has_room = since < sequence
while has_room do
  local first = whole_number(from) .. '-0'
  local entries = redis.call('XRANGE', KEYS[2], first, '+', 'COUNT', math.max(math.min(CHUNK, limit - #changes), 1))
  -- A stream answers from its first kept entry, without a word about those that were trimmed: hence the look at the id.
  if from == since + 1 and (not entries[1] or entries[1][1] ~= first) then
    return { 'resync', version(), succession() }
  end
  for _, entry in ipairs(entries) do
    has_room = has_room and add(entry[1], entry[2])
  end
  has_room = has_room and #entries == CHUNK
  from = has_room and tonumber(changes[#changes][1]) + 1
end
return { 'changes', version(), changes }
