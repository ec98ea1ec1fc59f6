--[[ heartbeat: the work of heartbeat, alone or in a group, whose own KEYS and ARGV it is given. Needs arguments, log and leases, and `start`. ]]
local METRICS = { 'cpu', 'gpu', 'memory', 'load', 'latency_ms', 'error_rate' }
local FIRST_METRIC, FIRST_RUNNING, MOST_RUNNING, MATERIAL_MILLI = 11, 17, 500, 50
local function heartbeat(KEYS, ARGV)
  local node = id('node', ARGV[4])
  bytes('incarnation', ARGV[5], 1, 64)
  local seq = integer('seq', ARGV[6], 0, 999999999999999)
  local chunk = integer('chunk', ARGV[7], 0, 199)
  local ttl_ms = integer('ttl_ms', ARGV[8], 1, 86400000)
  local lease_ms = integer('lease_ms', ARGV[9], 1, 86400000)
  local health_milli = integer('health_milli', ARGV[10], 0, 1000)
  local known = {}
  for index, name in ipairs(METRICS) do
    local text = ARGV[FIRST_METRIC + index - 1]
    if text ~= '' then
      known[#known + 1] = '"' .. name .. '":' .. metric(name, text)
    end
  end
  local metrics = '{' .. table.concat(known, ',') .. '}'
  if #ARGV - FIRST_RUNNING + 1 > MOST_RUNNING then
    refuse('running', (#ARGV - FIRST_RUNNING + 1) .. ' jobs', 'at most ' .. MOST_RUNNING)
  end
  id_arguments('running', ARGV, FIRST_RUNNING)

  local refused = start(6)
  if refused then
    return refused
  end

  local record = redis.call('HMGET', KEYS[5], 'status', 'incarnation', 'heartbeat_seq', 'health_milli', 'heartbeat_chunk')
  if not record[1] then
    return { 'unknown_node', version() }
  end
  if record[2] ~= ARGV[5] then
    return { 'superseded', version(), record[2] }
  end
  if record[1] ~= 'online' then
    return { 'not_online', version() }
  end
  local last_seq, last_chunk = tonumber(record[3]), tonumber(record[5])
  local is_further = seq == last_seq and chunk > last_chunk
  if seq == last_seq and chunk == last_chunk then
    return { 'already', version() }
  end
  if seq < last_seq or (seq == last_seq and chunk < last_chunk) then
    return { 'stale', version() }
  end

  local now = clock()
  local expires_at, lease_until = whole_number(now + ttl_ms), now + lease_ms
  local reply, renewed = { 'renewed' }, {}
  if #ARGV >= FIRST_RUNNING then
    local lease = whole_number(lease_until)
    local deadlines = redis.call('ZMSCORE', KEYS[6], unpack(ARGV, FIRST_RUNNING))
    for index, deadline in ipairs(deadlines) do
      local job = ARGV[FIRST_RUNNING + index - 1]
      if not deadline then
        reply[#reply + 1] = job
      elseif tonumber(deadline) < lease_until then
        renewed[#renewed + 1] = lease
        renewed[#renewed + 1] = job
      end
    end
  end
  if #renewed > 0 then
    redis.call('ZSCORE', KEYS[4], node)
  end

  if is_further then
    redis.call('HSET', KEYS[5], 'heartbeat_chunk', whole_number(chunk))
  else
    local fields = { 'heartbeat_seq', whole_number(seq), 'heartbeat_chunk', whole_number(chunk), 'metrics', metrics,
      'expires_at_ms', expires_at }
    if math.abs(health_milli - tonumber(record[4])) >= MATERIAL_MILLI then
      redis.call('ZSCORE', KEYS[3], node)
      commit('kind', 'health', 'node', node, 'health_milli', whole_number(health_milli))
      fields[9], fields[10], fields[11], fields[12] = 'health_milli', whole_number(health_milli), 'version', version()
    end
    redis.call('ZADD', KEYS[3], expires_at, node)
    redis.call('HSET', KEYS[5], unpack(fields))
  end
  if #renewed > 0 then
    redis.call('ZADD', KEYS[6], unpack(renewed))
    follow_leases(KEYS[4], KEYS[6], node)
  end
  table.insert(reply, 2, version())
  return reply
end
