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
ARGV[6] max_bytes   integer  1..1048576: the record, and the id, with which its list takes as much is the last
Returns {'page', version, {{field, value...}, or wrong_type alone...}, {node...}, generation, {past epoch...}} | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; writes only to begin an epoch
Idempotent  reads
Keeps       V2 a record is read whole, with the version that it is true at ]]
local SCRIPT = 'snapshot'
--@include arguments
--@include log

-- One record in the place of which another program has put something else does not hide the others.
local function unreadable(message)
  if string.sub(message, 1, 9) ~= 'WRONGTYPE' then
    error({ err = message })
  end
  return { 'wrong_type' }
end

check_call()
bytes('after', ARGV[4], 0, 256)
local limit = integer('limit', ARGV[5], 0, 1000)
local max_bytes = integer('max_bytes', ARGV[6], 1, 1048576)
if #KEYS < 3 then
  check_keys(3)
end

local refused = open()
if refused then
  return refused
end

local records, bytes = {}, 0
for position = 4, #KEYS do
  if bytes < max_bytes then
    local record = redis.pcall('HGETALL', KEYS[position])
    if record.err then
      record = unreadable(record.err)
    end
    for _, text in ipairs(record) do
      bytes = bytes + #text
    end
    records[position - 3] = record
  end
end
if #records < #KEYS - 3 then
  limit = 0 -- the caller asks for the other records first
end

-- A page that ended with an id that no reader can name would be asked for again for ever.
local following, after = {}, ARGV[4]
bytes = 0
repeat
  local asked = limit - #following
  local page = redis.call('ZRANGEBYLEX', KEYS[3], after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, asked)
  for _, each in ipairs(page) do
    if bytes < max_bytes and is_id(each) then
      following[#following + 1] = each
      bytes = bytes + #each
    end
  end
  after = page[#page]
until #page < asked or #following == limit or bytes >= max_bytes
return { 'page', version(), records, following, succession() }
