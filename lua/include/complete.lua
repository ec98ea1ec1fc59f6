--[[ complete: the work of complete_job, alone or in a group, whose own KEYS and ARGV it is given. Needs arguments, log and leases, and `start`. ]]
local function complete_job(KEYS, ARGV)
  local node = id('node', ARGV[4])
  local job = id('job', ARGV[5])
  local done_ms = integer('done_ms', ARGV[6], 1, 86400000)
  local done_max = integer('done_max', ARGV[7], 1, 100000)

  local refused = start(6)
  if refused then
    return refused
  end

  if not redis.call('ZSCORE', KEYS[5], job) then
    return { redis.call('ZSCORE', KEYS[6], job) and 'completed' or 'unknown', version() }
  end
  redis.call('ZSCORE', KEYS[3], node)
  local counted = redis.call('HGET', KEYS[4], 'finished')
  local finished = whole_number((tonumber(counted) or 0) + 1)
  local now = clock()
  -- Strictly growing, so that neither a clock that goes back nor a tie can push out the job that finished last.
  local last = redis.call('ZRANGE', KEYS[6], -1, -1, 'WITHSCORES')
  local order = last[2] and math.max(now, tonumber(last[2]) + 1) or now
  local current_jobs = whole_number(redis.call('ZCARD', KEYS[5]) - 1)

  commit('kind', 'completed', 'node', node, 'job', job, 'current_jobs', current_jobs, 'finished', finished)
  redis.call('ZREM', KEYS[5], job)
  if counted then -- else half a record would be left
    redis.call('HSET', KEYS[4], 'current_jobs', current_jobs, 'finished', finished, 'version', version())
  end
  redis.call('ZADD', KEYS[6], whole_number(order), job)
  redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', whole_number(now - done_ms))
  redis.call('ZREMRANGEBYRANK', KEYS[6], 0, -(done_max + 1))
  follow_leases(KEYS[3], KEYS[5], node)
  return { 'completed', version() }
end
