--[[ reserve: the work of reserve_job, alone or in a group, whose own KEYS and ARGV it is given. Needs arguments and log, and `start`. ]]
local function reserve_job(KEYS, ARGV)
  local node = id('node', ARGV[4])
  local job = id('job', ARGV[5])
  local lease_ms = integer('lease_ms', ARGV[6], 1, 86400000)
  local seen = integer('seen', ARGV[7], 0, 999999999999999)

  local refused = start(6)
  if refused then
    return refused
  end

  if redis.call('ZSCORE', KEYS[6], job) then
    return { 'finished', version() }
  end
  if redis.call('ZSCORE', KEYS[5], job) then
    return { 'already', version() }
  end
  local record = redis.call('HMGET', KEYS[4], 'status', 'max_jobs', 'finished')
  local finished = tonumber(record[3]) or 0
  if seen < finished - redis.call('ZCARD', KEYS[6]) then
    return { 'finished_unknown', version(), whole_number(finished) }
  end
  if record[1] ~= 'online' then
    return { 'not_online', version() }
  end
  local live = redis.call('ZCARD', KEYS[5])
  if live >= tonumber(record[2]) then
    return { 'full', version() }
  end
  local earliest = redis.call('ZSCORE', KEYS[3], node)

  local lease_until, current_jobs = clock() + lease_ms, whole_number(live + 1)
  commit('kind', 'reserved', 'node', node, 'job', job, 'current_jobs', current_jobs, 'lease_until_ms', whole_number(lease_until))
  redis.call('ZADD', KEYS[5], whole_number(lease_until), job)
  redis.call('HSET', KEYS[4], 'current_jobs', current_jobs, 'version', version())
  if not earliest or lease_until < tonumber(earliest) then
    redis.call('ZADD', KEYS[3], whole_number(lease_until), node)
  end
  return { 'reserved', version() }
end
