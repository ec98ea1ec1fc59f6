--[[ release: the work of release_job, alone or in a group, whose own KEYS and ARGV it is given. Needs arguments, log and leases, and `start`. ]]
local function release_job(KEYS, ARGV)
  local node = id('node', ARGV[4])
  local job = id('job', ARGV[5])

  local refused = start(5)
  if refused then
    return refused
  end

  if not redis.call('ZSCORE', KEYS[5], job) then
    return { 'unknown', version() }
  end
  redis.call('ZSCORE', KEYS[3], node)
  local is_recorded = redis.call('HEXISTS', KEYS[4], 'status') == 1
  local current_jobs = whole_number(redis.call('ZCARD', KEYS[5]) - 1)

  commit('kind', 'released', 'node', node, 'job', job, 'current_jobs', current_jobs)
  redis.call('ZREM', KEYS[5], job)
  if is_recorded then -- else half a record would be left
    redis.call('HSET', KEYS[4], 'current_jobs', current_jobs, 'version', version())
  end
  follow_leases(KEYS[3], KEYS[5], node)
  return { 'completed', version() }
end
