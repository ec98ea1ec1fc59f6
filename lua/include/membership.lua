--[[ membership: the declared keys of pools and languages, by name. ]]
local function pair_name(pair)
  return pair[1] .. ':' .. pair[2]
end

-- KEYS from `first` on belong to `pools`, then to `served` (language pairs); they are added to the two maps. Returns the position after them.
local function declare(first, pools, served, pool_keys, language_keys)
  for offset, pool in ipairs(pools) do
    pool_keys[pool] = KEYS[first + offset - 1]
  end
  first = first + #pools
  for offset, pair in ipairs(served) do
    language_keys[pair_name(pair)] = KEYS[first + offset - 1]
  end
  return first + #served
end

local function all_declared(pools, served, pool_keys, language_keys)
  for _, pool in ipairs(pools) do
    if not pool_keys[pool] then
      return false
    end
  end
  for _, pair in ipairs(served) do
    if not language_keys[pair_name(pair)] then
      return false
    end
  end
  return true
end

-- The keys of these pools and languages, each read once, so that one of a wrong type stops the script before its first write.
local function member_keys(node, pools, served, pool_keys, language_keys)
  local found = {}
  for _, pool in ipairs(pools) do
    found[#found + 1] = pool_keys[pool]
  end
  for _, pair in ipairs(served) do
    found[#found + 1] = language_keys[pair_name(pair)]
  end
  for _, key in ipairs(found) do
    redis.call('SISMEMBER', key, node)
  end
  return found
end
