-- One operation on one node. It looks first and writes last.
-- KEYS: the node (hash), its held jobs (sorted set: when each lease ends), its finished jobs (set; here they are kept for ever)
-- ARGV: the operation, and what it needs. Returns an outcome, and for a registration the incarnation.
local node, held, finished = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', held, '-inf', now) -- leases that have ended
local incarnation = redis.call('HGET', node, 'incarnation') or ''

if ARGV[1] == 'register' then
  local token, capacity, expected = ARGV[2], ARGV[3], ARGV[4] -- expected: '*' any, '' no such node
  if token ~= '' and redis.call('HGET', node, 'token') == token then return {'already', incarnation} end
  if expected ~= '*' and expected ~= incarnation then return {'conflict', incarnation} end
  local new = redis.call('HINCRBY', node, 'incarnation', 1)
  redis.call('HSET', node, 'token', token, 'capacity', capacity)
  redis.call('DEL', held) -- the node began anew
  return {'registered', tostring(new)}
end

local job = ARGV[2]
if ARGV[1] == 'reserve' then
  if redis.call('SISMEMBER', finished, job) == 1 then return {'finished'} end
  if redis.call('ZSCORE', held, job) then return {'already'} end
  if incarnation == '' then return {'not_online'} end
  if redis.call('ZCARD', held) >= tonumber(redis.call('HGET', node, 'capacity')) then return {'full'} end
  redis.call('ZADD', held, now + ARGV[3], job)
  return {'reserved'}
end

-- complete
if redis.call('ZREM', held, job) == 1 then
  redis.call('SADD', finished, job)
  return {'completed'}
end
return {redis.call('SISMEMBER', finished, job) == 1 and 'completed' or 'unknown'}
