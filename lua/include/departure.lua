--[[ departure: a node gives up its jobs, and its record is kept until `at`; shared by offline_node and sweep, which have read all that may fail. Needs log and orphans. ]]
local function depart(status, node, keys, orphaned, at)
  commit('kind', status, 'node', node, 'orphaned', json_list(orphaned))
  redis.call('HSET', keys.node, 'status', status, 'version', version(), 'current_jobs', '0', 'expires_at_ms', whole_number(at))
  redis.call('ZADD', keys.expiry, whole_number(at), node)
  if #orphaned > 0 then
    redis.call('UNLINK', keys.jobs)
    redis.call('ZREM', keys.leases, node)
    keep_orphans(keys.orphans, node, status, orphaned)
  end
end
