package main

import "github.com/redis/go-redis/v9"

// KEYS of every script: clock (hash: server, epoch, seq, swept, hold), changed (sorted set: node -> the seq of its last change), due (sorted
// set: node -> when its time is over, ms), leases (sorted set: [node, job] -> end of the lease, ms), and of one node: its hash, its jobs (hash:
// job -> end of the lease), its finished jobs (sorted set, by order). ARGV: flaw, node, then the script's own.
// Every check precedes the first write, and a call that is repeated changes nothing.
const common = `
local clock, changed, due, leases, node, jobs, finished = unpack(KEYS)
local flaw, id = ARGV[1], ARGV[2]
local own = {unpack(ARGV, 3, 10)}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local server = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local former = redis.call('HGET', clock, 'server')
if former ~= server then
  -- A server that was restarted or promoted may have lost writes: its versions must not be issued again.
  redis.call('HSET', clock, 'server', server, 'epoch', string.sub(redis.sha1hex(time[1] .. '/' .. time[2] .. server), 1, 12), 'seq', 0)
  if former then redis.call('HDEL', clock, 'swept') else redis.call('HSET', clock, 'swept', now, 'hold', 0) end
  redis.call('ZUNIONSTORE', changed, 1, changed, 'WEIGHTS', 0)
end
local epoch = redis.call('HGET', clock, 'epoch')
local seq = tonumber(redis.call('HGET', clock, 'seq'))
local status, incarnation, beat = unpack(redis.call('HMGET', node, 'status', 'incarnation', 'beat'))
local function answer(word, ...) return {word, epoch, seq, ...} end
local function touch()
  seq = redis.call('HINCRBY', clock, 'seq', 1)
  redis.call('HSET', node, 'epoch', epoch, 'seq', seq)
  redis.call('ZADD', changed, seq, id)
end
local function lease(job, ends)
  redis.call('HSET', jobs, job, ends)
  redis.call('ZADD', leases, ends, cjson.encode({id, job}))
end
local function free(job)
  redis.call('ZREM', leases, cjson.encode({id, job}))
  return redis.call('HDEL', jobs, job)
end
local function count(by)
  redis.call('HINCRBY', node, 'jobs', by)
  touch()
end
local function empty()
  for _, job in ipairs(redis.call('HKEYS', jobs)) do free(job) end
end
local function leave(word, kept)
  empty()
  redis.call('HSET', node, 'status', word, 'jobs', 0)
  redis.call('ZADD', due, now + kept, id)
  touch()
end
`

func script(text string) *redis.Script { return redis.NewScript(common + text) }

var (
	// token, expected, capacity, ttl, offer
	register = script(`
		if redis.call('HGET', node, 'token') == own[1] then return answer(status == 'online' and 'already' or 'superseded', incarnation) end
		if (incarnation or '') ~= own[2] then return answer('conflict', incarnation or '') end
		empty()
		incarnation = epoch .. '#' .. seq + 1
		redis.call('HSET', node, 'token', own[1], 'capacity', own[3], 'offer', own[5], 'incarnation', incarnation)
		redis.call('HSET', node, 'status', 'online', 'beat', -1, 'jobs', 0)
		redis.call('ZADD', due, now + own[4], id)
		touch()
		return answer('registered', incarnation)`)

	// incarnation, number, ttl, lease, then the running jobs
	heartbeat = script(`
		if not incarnation then return answer('unknown_node') end
		if incarnation ~= own[1] and flaw ~= 'old-incarnation' then return answer('superseded') end
		if status ~= 'online' then return answer('not_online') end
		if own[2] == beat then return answer('already') end
		if tonumber(own[2]) < tonumber(beat) then return answer('stale') end
		redis.call('HSET', node, 'beat', own[2])
		redis.call('ZADD', due, now + own[3], id)
		for i = 7, flaw == 'lease-not-renewed' and 0 or #ARGV do
			local ends = redis.call('HGET', jobs, ARGV[i])
			if ends and tonumber(ends) < now + own[4] then lease(ARGV[i], now + own[4]) end
		end
		return answer('renewed')`)

	// incarnation, retention
	offline = script(`
		if not incarnation then return answer('unknown_node') end
		if own[1] ~= '' and own[1] ~= incarnation then return answer('superseded') end
		if status ~= 'online' then return answer('already') end
		leave('offline', own[2])
		return answer('offline')`)

	// job, lease
	reserve = script(`
		if redis.call('ZSCORE', finished, own[1]) then return answer('finished') end
		if redis.call('HEXISTS', jobs, own[1]) == 1 then return answer('already') end
		if status ~= 'online' then return answer('not_online') end
		local taken, capacity = unpack(redis.call('HMGET', node, 'jobs', 'capacity'))
		local unchecked = flaw == 'check-then-act' or flaw == 'capacity-from-cache'
		if tonumber(taken) >= tonumber(capacity) and not unchecked then return answer('full') end
		lease(own[1], now + own[2])
		count(1)
		return answer('reserved')`)

	// job, how long and how many finished jobs are remembered
	complete = script(`
		local had = free(own[1])
		if status and (had == 1 or flaw == 'counted-twice') then count(-1) end
		if had == 0 then return answer(redis.call('ZSCORE', finished, own[1]) and 'completed' or 'unknown') end
		local last = redis.call('ZREVRANGE', finished, 0, 0, 'WITHSCORES')[2]
		redis.call('ZADD', finished, math.max(now, (last or 0) + 1), own[1])
		redis.call('ZREMRANGEBYSCORE', finished, '-inf', now - own[2])
		redis.call('ZREMRANGEBYRANK', finished, 0, -own[3] - 1)
		redis.call('PEXPIRE', finished, own[2])
		return answer('completed')`)

	// job
	release = script(`
		if redis.call('HEXISTS', jobs, own[1]) == 0 then return answer('unknown') end
		if flaw == 'release-keeps-place' then return answer('completed') end
		free(own[1])
		if status then count(-1) end
		return answer('completed')`)

	// epoch, seq: the nodes that have changed since
	since = script(`
		local from = own[1] == epoch and '(' .. own[2] or '-inf'
		return answer('since', redis.call('ZRANGEBYSCORE', changed, from, '+inf'))`)

	// gap, grace: after a gap in the sweeps nodes get their time again
	overdue = script(`
		local swept = tonumber(redis.call('HGET', clock, 'swept') or nil)
		if not swept or swept > now or swept < now - own[1] then redis.call('HSET', clock, 'hold', now + own[2]) end
		redis.call('HSET', clock, 'swept', now)
		if now < tonumber(redis.call('HGET', clock, 'hold')) then return answer('held', {}, {}) end
		return answer('due', redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 50), redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 500))`)

	// job (empty: the node itself), retention, epoch of the sweep
	expire = script(`
		if own[3] ~= epoch then return answer('held') end
		local ends = own[1] == '' and redis.call('ZSCORE', due, id) or redis.call('HGET', jobs, own[1])
		if ends and tonumber(ends) > now and own[4] ~= 'forced' then return answer('later') end
		if own[1] ~= '' then
			if free(own[1]) == 1 then count(-1) end
		elseif status == 'online' then
			leave('expired', own[2])
		elseif status then -- what is left is the mark that it has gone, for as long again
			leave('gone', own[2])
			redis.call('DEL', node)
		else
			redis.call('ZREM', due, id)
			redis.call('ZREM', changed, id)
		end
		return answer('ok')`)
)
