--[[ group: calls to one partition in one, made in their order; each is checked and answered for itself.
KEYS[1] meta  hash    epoch, sequence, replication_id, layout, partitions
KEYS[2] feed  stream  changes, id = <sequence>-0
KEYS[3..]     for each item: the keys of its script from the third on
ARGV[1] now_ms      integer  or empty: the server's clock
ARGV[2] partitions  integer  1..4096
ARGV[3] feed_max    integer  1..1000000
ARGV[4..] items     for each, 1 to 32: its script, how many arguments follow, and those of its script from the fourth on; at most 256 running jobs
Returns {'grouped', version, {reply...}}: of each item the reply or the error of its script | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; an item that fails does so before its first write, and alone
Idempotent  as its items are
Keeps       V1 sequence grows by one a change, and is stored whatever fails    and what the items keep ]]
local SCRIPT = 'group'
local FIRST_ITEM, MOST_ITEMS, MOST_RUNNING_OF_ALL, ARGUMENTS_OF_HEARTBEAT = 4, 32, 256, 13
--@include arguments
--@include log
--@include leases

-- The group has begun by then, and has checked how many keys there are.
local function start()
end
--@include heartbeat
--@include reserve
--@include complete
--@include release

local SCRIPTS = {
  heartbeat = { run = heartbeat, keys = 4 },
  reserve_job = { run = reserve_job, keys = 4 },
  complete_job = { run = complete_job, keys = 4 },
  release_job = { run = release_job, keys = 3 },
}

-- The item whose name is ARGV[position]; KEYS[last_key] is the last one of the items before it.
local function item_at(position, last_key)
  local name, count = ARGV[position], ARGV[position + 1]
  local script = SCRIPTS[name]
  if not script then
    refuse('items', name, 'heartbeat, reserve_job, complete_job or release_job')
  end
  local last = position + 1 + integer('items', count, 0, 1000)
  if last > #ARGV then
    refuse('items', count, 'the number of arguments that follow')
  end
  return {
    name = name, run = script.run,
    keys = { KEYS[1], KEYS[2], unpack(KEYS, last_key + 1, last_key + script.keys) },
    arguments = { ARGV[1], ARGV[2], ARGV[3], unpack(ARGV, position + 2, last) },
    last_key = last_key + script.keys, last = last,
  }
end

check_call()
local items, position, last_key, running = {}, FIRST_ITEM, 2, 0
repeat
  local item = item_at(position, last_key)
  items[#items + 1] = item
  if item.name == 'heartbeat' then
    running = running + math.max(0, item.last - position - 1 - ARGUMENTS_OF_HEARTBEAT)
  end
  position, last_key = item.last + 1, item.last_key
until position > #ARGV
if #items > MOST_ITEMS then
  refuse('items', #items .. ' items', 'at most ' .. MOST_ITEMS)
end
if running > MOST_RUNNING_OF_ALL then
  refuse('items', running .. ' running jobs', 'at most ' .. MOST_RUNNING_OF_ALL)
end
check_keys(last_key)

local refused = open()
if refused then
  return refused
end

is_group = true
local before, replies = sequence, {}
for index, item in ipairs(items) do
  SCRIPT = item.name
  local _, reply = pcall(item.run, item.keys, item.arguments)
  replies[index] = type(reply) == 'table' and reply or { err = tostring(reply) }
end
if sequence > before then
  store_sequence()
end
return { 'grouped', version(), replies }
