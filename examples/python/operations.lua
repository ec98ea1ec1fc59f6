--[[ Every operation on one node, and on the clock that all of them share. The first argument names the operation.
KEYS clock      hash        server, epoch, seq; swept and hold of the sweeps
     fleet      hash        node -> its record, as JSON
     due        sorted set  node -> when something of it is due, ms
     places     sorted set  of the node: job -> end of its lease, ms
     finished   sorted set  of the node: finished job -> its order
ARGV operation, flaw, news channel, node, then the operation's own
Every check precedes the first write. A call that is repeated changes nothing. ]]
local clock, fleet, due, places, finished = unpack(KEYS)
local op, flaw, channel, node = unpack(ARGV, 1, 4)
local own = { unpack(ARGV, 5, 12) }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A server that was restarted or promoted may have lost writes, so it must not issue their versions again.
local server = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local former = redis.call('HGET', clock, 'server')
if former ~= server then
  local epoch = string.sub(redis.sha1hex(server .. time[1] .. '.' .. time[2]), 1, 16)
  redis.call('HSET', clock, 'server', server, 'epoch', epoch, 'seq', 0)
  if former then redis.call('HDEL', clock, 'swept') else redis.call('HSET', clock, 'swept', now, 'hold', 0) end
end
local epoch, seq = unpack(redis.call('HMGET', clock, 'epoch', 'seq'))

local text = redis.call('HGET', fleet, node)
local record = text and cjson.decode(text)

local function plan()
  local first = redis.call('ZRANGE', places, 0, 0, 'WITHSCORES')[2]
  redis.call('ZADD', due, math.min(record['until'], first and tonumber(first) or math.huge), node)
end
local function save()
  redis.call('HSET', fleet, node, cjson.encode(record))
  plan()
end
--- A change that every instance has to hear of.
local function change()
  seq = redis.call('HINCRBY', clock, 'seq', 1)
  record.epoch, record.seq = epoch, seq
  if flaw ~= 'counted-twice' then record.jobs = redis.call('ZCARD', places) end
  save()
  redis.call('PUBLISH', channel, cjson.encode({ epoch = epoch, seq = seq, node = node, record = record }))
end
local function leave(status, kept)
  redis.call('DEL', places)
  record.status, record.jobs, record['until'] = status, 0, now + kept
  change()
end
local function answer(outcome, more)
  return { outcome, epoch, tonumber(seq), more }
end

if op == 'tick' then return answer('ok') end
if op == 'all' then return answer('ok', redis.call('HGETALL', fleet)) end

local swept = tonumber(redis.call('HGET', clock, 'swept') or nil)
if op == 'due' then -- gap, grace: after a gap in the sweeps nodes get their time again
  if not swept or swept > now or swept < now - own[1] then redis.call('HSET', clock, 'hold', now + own[2]) end
  redis.call('HSET', clock, 'swept', now)
  return answer('ok', redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 50))
end
if op == 'reap' then -- retention
  if not record then
    redis.call('ZREM', due, node)
  elseif own[2] ~= 'forced' and (not swept or now < tonumber(redis.call('HGET', clock, 'hold'))) then
    return answer('held')
  elseif record.status == 'online' and (record['until'] <= now or own[2] == 'forced') then
    leave('expired', own[1])
  elseif record.status ~= 'online' and record['until'] <= now then
    leave('removed', 0)
    redis.call('HDEL', fleet, node)
    redis.call('ZREM', due, node)
  elseif redis.call('ZREMRANGEBYSCORE', places, '-inf', now) > 0 then
    change()
  else
    plan()
  end
  return answer('ok')
end

if op == 'register' then -- token, expected, capacity, ttl, offer
  local token, expected, capacity, ttl, offer = unpack(own)
  if record and record.token == token then
    return answer(record.status == 'online' and 'already' or 'superseded', record.incarnation)
  end
  if (record and record.incarnation or '') ~= expected then return answer('conflict', record and record.incarnation) end
  redis.call('DEL', places)
  record = { token = token, capacity = tonumber(capacity), offer = offer, status = 'online', jobs = 0, beat = -1 }
  record.incarnation, record.health, record['until'] = epoch .. '/' .. seq + 1, 500, now + ttl
  change()
  return answer('registered', record.incarnation)
end
if op == 'heartbeat' then -- incarnation, number, ttl, lease, health, then the running jobs
  if not record then return answer('unknown_node') end
  if record.incarnation ~= own[1] and flaw ~= 'old-incarnation' then return answer('superseded') end
  if record.status ~= 'online' then return answer('not_online') end
  local number, health = tonumber(own[2]), tonumber(own[5])
  if number == record.beat then return answer('already') end
  if number < record.beat then return answer('stale') end
  record.beat, record['until'] = number, now + own[3]
  for i = 10, flaw == 'lease-not-renewed' and 9 or #ARGV do
    local ends = redis.call('ZSCORE', places, ARGV[i])
    if ends and tonumber(ends) < now + own[4] then redis.call('ZADD', places, now + own[4], ARGV[i]) end
  end
  if math.abs(health - record.health) >= 50 then
    record.health = health
    change()
  else
    save()
  end
  return answer('renewed')
end
if op == 'offline' then -- incarnation, retention
  if not record then return answer('unknown_node') end
  if own[1] ~= '' and record.incarnation ~= own[1] then return answer('superseded') end
  if record.status ~= 'online' then return answer('already') end
  leave('offline', own[2])
  return answer('offline')
end
if op == 'reserve' then -- job, lease
  local job = own[1]
  if redis.call('ZSCORE', finished, job) then return answer('finished') end
  if redis.call('ZSCORE', places, job) then return answer('already') end
  if not record or record.status ~= 'online' then return answer('not_online') end
  local taken = redis.call('ZCARD', places)
  if flaw == 'counted-twice' then taken = record.jobs end
  if flaw == 'check-then-act' or flaw == 'capacity-from-cache' then taken = -1 end
  if taken >= record.capacity then return answer('full') end
  redis.call('ZADD', places, now + own[2], job)
  record.jobs = taken + 1
  change()
  return answer('reserved')
end
if op == 'complete' then -- job, how long and how many finished jobs are remembered
  local job = own[1]
  if flaw == 'counted-twice' and record and record.jobs > 0 then record.jobs = record.jobs - 1 end
  if redis.call('ZREM', places, job) == 0 then
    if flaw == 'counted-twice' and record then save() end
    return answer(redis.call('ZSCORE', finished, job) and 'completed' or 'unknown')
  end
  local last = redis.call('ZRANGE', finished, -1, -1, 'WITHSCORES')[2]
  redis.call('ZADD', finished, math.max(now, last and last + 1 or 0), job)
  redis.call('ZREMRANGEBYSCORE', finished, '-inf', now - own[2])
  redis.call('ZREMRANGEBYRANK', finished, 0, -own[3] - 1)
  redis.call('PEXPIRE', finished, own[2])
  if record then change() end
  return answer('completed')
end
if op == 'release' then -- job
  if not redis.call('ZSCORE', places, own[1]) then return answer('unknown') end
  if flaw == 'release-keeps-place' then return answer('completed') end
  redis.call('ZREM', places, own[1])
  if record then
    record.jobs = record.jobs - 1
    change()
  end
  return answer('completed')
end
return redis.error_reply('unknown operation ' .. op)
