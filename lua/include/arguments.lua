--[[ arguments: what a caller may say (docs/protocol.md, section 1). Needs SCRIPT, the name of the script.
A refusal is an error reply `LPARG <script> <argument>: found <found>, allowed <allowed>`; nothing has been read or written by then. ]]
local function refuse(argument, found, allowed)
  local shown = found and string.gsub(string.sub(found, 1, 40), '%c', '?') or 'nothing'
  error({ err = 'LPARG ' .. SCRIPT .. ' ' .. argument .. ': found ' .. shown .. ', allowed ' .. allowed })
end

local function integer(argument, text, low, high)
  local value = text and #text <= 15 and string.find(text, '^%d+$') and tonumber(text)
  if not value or value < low or value > high then
    refuse(argument, text, string.format('an integer from %.0f to %.0f', low, high))
  end
  return value
end

local function bytes(argument, text, low, high)
  if not text or #text < low or #text > high then
    refuse(argument, text, low .. ' to ' .. high .. ' bytes')
  end
  return text
end

local function id(argument, text)
  return bytes(argument, text, 1, 256)
end

local function metric(argument, text)
  local value = text and #text <= 20 and string.find(text, '^%d+%.?%d*$') and tonumber(text)
  -- It goes into JSON as it is, so it may neither end in a dot nor begin with a zero too many.
  if not value or value > 1e9 or string.byte(text, -1) == 46 or string.find(text, '^0%d') then
    refuse(argument, text, 'a decimal from 0 to 1000000000')
  end
  return text
end

-- ARGV[1..3] of every script.
local function check_call()
  if ARGV[1] ~= '' then
    integer('now_ms', ARGV[1], 0, 999999999999999)
  end
  integer('partitions', ARGV[2], 1, 4096)
  integer('feed_max', ARGV[3], 1, 1000000)
end

local function check_keys(expected)
  if #KEYS ~= expected then
    refuse('keys', tostring(#KEYS), tostring(expected))
  end
end
