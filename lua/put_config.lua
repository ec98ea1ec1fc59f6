--[[ put_config: replace Phase3Config, if it still is what the writer has seen.
KEYS[1] meta    hash    epoch, sequence, replication_id, layout, partitions: the configuration's own
KEYS[2] feed    stream  changes, id = <sequence>-0: the configuration's own
KEYS[3] phase3  hash    version, enabled, pool_count, hash_seed, fallback_scan_all_pools, pools
ARGV[1] now_ms                   integer  or empty: not used
ARGV[2] partitions               integer  1..4096
ARGV[3] feed_max                 integer  1..1000000
ARGV[4] expected                 version  0..64 bytes; empty: none is stored yet
ARGV[5] enabled                  flag     0 or 1
ARGV[6] pool_count               integer  0..10000
ARGV[7] hash_seed                integer  0..4294967295
ARGV[8] fallback_scan_all_pools  flag     0 or 1
ARGV[9] pools                    JSON     array of pool_count objects: id, name, required_services, language_pairs
Returns {'stored', version, config version} | {'already', version, config version} | {'conflict', version, config version}
      | {'layout_mismatch', version, layout, partitions}
Atomic      one slot; every check precedes the first write
Idempotent  by content: a retry answers 'already' and writes nothing
Keeps       V1 sequence grows by one ]]
local SCRIPT = 'put_config'
--@include arguments
--@include lists
--@include log

local POOL_FIELDS = { id = true, name = true, required_services = true, language_pairs = true }

local function shown(value)
  if type(value) == 'table' then
    return 'a list or an object'
  end
  return value ~= cjson.null and tostring(value) or 'null'
end

local function check_pool(which, pool)
  if type(pool) ~= 'table' then
    refuse('pools', shown(pool), which .. 'an object')
  end
  for field in pairs(pool) do
    if not POOL_FIELDS[field] then
      refuse('pools', shown(field), which .. 'id, name, required_services and language_pairs')
    end
  end
  if not is_id(pool.id) then
    refuse('pools', shown(pool.id), which .. 'an id of ' .. ID)
  end
  if pool.name ~= '' and not is_id(pool.name) then
    refuse('pools', shown(pool.name), which .. 'a name of 0 to 256 bytes of UTF-8')
  end
  if not are_ids(pool.required_services, 64) then
    refuse('pools', shown(pool.required_services), which .. 'at most 64 services, ids of ' .. ID)
  end
  if not is_list(pool.language_pairs, 512) then
    refuse('pools', shown(pool.language_pairs), which .. 'at most 512 language pairs')
  end
  check_languages('pools', 'language pairs ' .. which, pool.language_pairs)
end

-- The JSON without its strings.
local function unquoted(text)
  text = string.gsub(text, '\\.', '')
  return (string.gsub(text, '"[^"]*"', ''))
end

check_call()
bytes('expected', ARGV[4], 0, 64)
flag('enabled', ARGV[5])
local pool_count = integer('pool_count', ARGV[6], 0, 10000)
local hash_seed = integer('hash_seed', ARGV[7], 0, 4294967295)
flag('fallback_scan_all_pools', ARGV[8])
local pools = array('pools', ARGV[9], 10000)
if #pools ~= pool_count then
  refuse('pools', ARGV[9], 'an array of pool_count pools')
end
-- cjson takes these; a reader that keeps to JSON, or to the lists that belong there, would not.
if string.find(ARGV[9], '[%z\1-\31]') or string.find(unquoted(ARGV[9]), '{%s*}') then
  refuse('pools', ARGV[9], 'JSON without control characters and empty objects')
end
for position, pool in ipairs(pools) do
  check_pool('in pool ' .. position .. ' ', pool)
end
check_keys(3)

local refused = open()
if refused then
  return refused
end

local stored = redis.call('HMGET', KEYS[3], 'version', 'enabled', 'pool_count', 'hash_seed', 'fallback_scan_all_pools', 'pools')
local wanted = { stored[1], ARGV[5], whole_number(pool_count), whole_number(hash_seed), ARGV[8], ARGV[9] }
local current, same = stored[1] or '', true
for field = 2, 6 do
  same = same and stored[field] == wanted[field]
end
if same then
  return { 'already', version(), current }
end
if current ~= ARGV[4] then
  return { 'conflict', version(), current }
end

local config_version = next_version()
local content = { 'version', config_version, 'enabled', ARGV[5], 'pool_count', wanted[3], 'hash_seed', wanted[4],
  'fallback_scan_all_pools', ARGV[8], 'pools', ARGV[9] }
commit('kind', 'config', unpack(content))
redis.call('HSET', KEYS[3], unpack(content))
return { 'stored', version(), config_version }
