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

local function flag(argument, text)
  if text ~= '0' and text ~= '1' then
    refuse(argument, text, '0 or 1')
  end
  return text
end

local function metric(argument, text)
  local plain = text and #text <= 20 and (string.find(text, '^%d+$') or string.find(text, '^%d+%.%d+$'))
  local value = plain and not string.find(text, '^0%d') and tonumber(text)
  if not value or value > 1e9 then
    refuse(argument, text, 'a decimal from 0 to 1000000000')
  end
  return text
end

local function array(argument, text, most)
  local parsed, list = pcall(cjson.decode, text or '')
  if not parsed or type(list) ~= 'table' then
    refuse(argument, text, 'a JSON array')
  end
  local count = 0
  for _ in pairs(list) do
    count = count + 1
  end
  if count ~= #list or count > most then
    refuse(argument, text, 'a JSON array of at most ' .. most)
  end
  return list
end

local function ids(argument, text, most)
  local list = array(argument, text, most)
  for _, each in ipairs(list) do
    if type(each) ~= 'string' or #each < 1 or #each > 256 then
      refuse(argument, text, 'ids of 1 to 256 bytes')
    end
  end
  return list
end

local function check_languages(argument, text, list)
  for _, pair in ipairs(list) do
    if type(pair) ~= 'table' or #pair ~= 2 then
      refuse(argument, text, 'pairs [source, target]')
    end
    for _, language in ipairs(pair) do
      if type(language) ~= 'string' or #language > 35 or not string.find(language, '^[%w_-]+$') then
        refuse(argument, text, 'languages of 1 to 35 letters, digits, _ and -')
      end
    end
  end
  return list
end

local function languages(argument, text)
  return check_languages(argument, text, array(argument, text, 512))
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
