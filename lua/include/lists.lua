--[[ lists: flags, ids and languages as a caller gives them. Needs arguments; apart from it, since the scripts that run most take no lists. ]]
local function flag(argument, text)
  if text ~= '0' and text ~= '1' then
    refuse(argument, text, '0 or 1')
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
