--[[ lists: flags, ids and languages as a caller gives them. Needs arguments; apart from it, since the scripts that run most take no lists. ]]
local function flag(argument, text)
  if text ~= '0' and text ~= '1' then
    refuse(argument, text, '0 or 1')
  end
  return text
end

-- Whether a decoded value is an array. cjson makes the same table of an empty object.
local function is_list(value, most)
  if type(value) ~= 'table' then
    return false
  end
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value and count <= most
end

local function array(argument, text, most)
  local parsed, list = pcall(cjson.decode, text or '')
  if not parsed or not is_list(list, most) or not string.find(text, '^%s*%[') then
    refuse(argument, text, 'a JSON array of at most ' .. most)
  end
  return list
end

local function are_ids(list, most)
  if not is_list(list, most) then
    return false
  end
  for _, each in ipairs(list) do
    if not is_id(each) then
      return false
    end
  end
  return true
end

local function ids(argument, text, most)
  local list = array(argument, text, most)
  if not are_ids(list, most) then
    refuse(argument, text, 'ids of ' .. ID)
  end
  return list
end

local function check_languages(argument, text, list)
  for _, pair in ipairs(list) do
    if not is_list(pair, 2) or #pair ~= 2 then
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
