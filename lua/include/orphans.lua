--[[ orphans: jobs that lost their places are kept until an instance has called back for them (docs/protocol.md, section 3). Needs log.
As many jobs are kept as changes are, and those of the last loss in any case. ]]
local function keep_orphans(orphans, node, because, jobs)
  if #jobs == 0 then
    return
  end
  local last = redis.call('ZRANGE', orphans, -1, -1, 'WITHSCORES')
  local order = (tonumber(last[2]) or 0) + #jobs
  redis.call('ZADD', orphans, whole_number(order), cjson.encode({ version(), node, because, jobs }))
  redis.call('ZREMRANGEBYSCORE', orphans, '-inf', whole_number(order - tonumber(ARGV[3])))
end
