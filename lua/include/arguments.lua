--[[ arguments: what a caller may say (docs/protocol.md, section 1). Needs SCRIPT, the name of the script or of the item.
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

-- A multibyte sequence begins with a byte of exactly one of these, and a byte that is left of none makes the text ill-formed:
-- an overlong form, a surrogate, a code point above U+10FFFF, or half a character.
local SEQUENCES = {
  '[\194-\223][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]', '\224[\160-\191][\128-\191]',
  '\237[\128-\159][\128-\191]', '[\241-\243][\128-\191][\128-\191][\128-\191]',
  '\240[\144-\191][\128-\191][\128-\191]', '\244[\128-\143][\128-\191][\128-\191]',
}

local function is_utf8(text)
  for _, sequence in ipairs(SEQUENCES) do
    if string.find(text, '^[^\128-\255]*$') then
      return true
    end
    text = string.gsub(text, sequence, '?')
  end
  return not string.find(text, '[\128-\255]')
end

local ID = '1 to 256 bytes of UTF-8'

local function is_id(value)
  return type(value) == 'string' and #value >= 1 and #value <= 256 and is_utf8(value)
end

local function id(argument, text)
  if not is_id(text) then
    refuse(argument, text, ID)
  end
  return text
end

-- The texts from `first` on. A space belongs to no multibyte sequence, so all are ASCII if what they make together is.
local function id_arguments(argument, texts, first)
  local are_ascii = not string.find(table.concat(texts, ' ', first), '[\128-\255]')
  for position = first, #texts do
    local length = #texts[position]
    if length < 1 or length > 256 or not (are_ascii or is_utf8(texts[position])) then
      refuse(argument, texts[position], ID)
    end
  end
end

local DOT, ZERO = 46, 48

local function metric(argument, text)
  local value = text and #text <= 20 and not string.find(text, '[^%d.]') and tonumber(text)
  local first, second = string.byte(text or '', 1, 2)
  -- It goes into JSON as it is, so it may neither begin or end in a dot nor begin with a zero too many.
  if not value or value > 1e9 or first == DOT or string.byte(text, -1) == DOT or (first == ZERO and second and second ~= DOT) then
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
