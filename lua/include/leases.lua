--[[ leases: a node's earliest lease deadline in KEYS-declared `leases` follows its `jobs`. ]]
local function follow_leases(leases, jobs, node)
  local first = redis.call('ZRANGE', jobs, 0, 0, 'WITHSCORES')
  if first[2] then
    redis.call('ZADD', leases, first[2], node)
  else
    redis.call('ZREM', leases, node)
  end
end
