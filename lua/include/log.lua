--[[ log: epoch, sequence, feed and wake-up (docs/protocol.md, section 3).
KEYS[1] meta  hash    epoch, sequence, replication_id, layout, partitions
KEYS[2] feed  stream  id = <sequence>-0; its name is also the channel of the wake-ups ]]
local LAYOUT, MOST_PAST = 2, 16
local epoch, sequence
local moment -- of the server's clock, once it has been read
local is_group, is_woken = false, false

local function whole_number(number)
  return string.format('%.0f', number)
end

local function version()
  return epoch .. ':' .. whole_number(sequence)
end

-- The server's time is read here at most once a call: on Redis 7.0 it moves on while a script runs.
local function clock()
  if ARGV[1] ~= '' then
    return tonumber(ARGV[1])
  end
  if not moment then
    local time = redis.call('TIME')
    moment = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return moment
end

local function json_list(list)
  return #list == 0 and '[]' or cjson.encode(list)
end

-- Which one this epoch is of those that follow one another, and those before it.
local function succession()
  local found = redis.call('HMGET', KEYS[1], 'generation', 'past')
  return found[1] or '0', cjson.decode(found[2] or '[]')
end

-- `found` is the epoch that another server has left; none where nothing whole was found.
local function begin_epoch(replication, found)
  local generation, past = '0', {}
  if found then
    generation, past = succession()
    past[#past + 1] = found
    if #past > MOST_PAST then
      table.remove(past, 2)
    end
  end
  local replication_id = string.match(replication, 'master_replid:(%x+)')
  local time = redis.call('TIME')
  local commands = string.match(redis.call('INFO', 'stats'), 'total_commands_processed:(%d+)')
  local origin = table.concat({ KEYS[1], replication_id, time[1], time[2], commands }, ':')
  epoch, sequence = string.sub(redis.sha1hex(origin), 1, 16), 0
  redis.call('PUBLISH', KEYS[2], version())
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'sequence', '0', 'replication_id', replication_id,
    'layout', whole_number(LAYOUT), 'partitions', whole_number(tonumber(ARGV[2])),
    'generation', whole_number(generation + 1), 'past', json_list(past), 'swept_ms', '', 'held_ms', '')
  redis.call('UNLINK', KEYS[2])
end

-- Returns a reply to give at once, or nothing.
local function open()
  local meta = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'replication_id', 'layout', 'partitions')
  local whole = meta[1] and tonumber(meta[2]) and meta[3] and tonumber(meta[4]) and tonumber(meta[5])
  if whole then
    epoch, sequence = meta[1], tonumber(meta[2])
    if tonumber(meta[4]) ~= LAYOUT or tonumber(meta[5]) ~= tonumber(ARGV[2]) then
      return { 'layout_mismatch', version(), meta[4], meta[5] }
    end
  end
  local replication = redis.call('INFO', 'replication')
  if not whole or not string.find(replication, 'master_replid:' .. meta[3], 1, true) then
    begin_epoch(replication, whole and epoch)
  end
end

local function store_sequence()
  redis.call('HSET', KEYS[1], 'sequence', whole_number(sequence))
end

-- A material change takes one version. The wake-up goes first: no client acts on it before the script has ended, and a user without
-- that right is stopped before anything has changed; then the entry: a feed of the wrong type and lack of memory stop a script there.
-- A group stores the sequence once, after its last item, and only its first change wakes the followers, who then read all of them.
local function commit(...)
  local at = whole_number(sequence + 1)
  if not is_woken then
    redis.call('PUBLISH', KEYS[2], epoch .. ':' .. at)
  end
  is_woken = is_group
  redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[3], at .. '-0', ...)
  sequence = sequence + 1
  if not is_group then
    store_sequence()
  end
end

-- The version that the next commit will take, for what has to be in the entry itself.
local function next_version()
  return epoch .. ':' .. whole_number(sequence + 1)
end
