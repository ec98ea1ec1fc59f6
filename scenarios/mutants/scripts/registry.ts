/** Mutants of the scripts: each is one edit to a copy of lua/, with the property that it breaks. `conform` must find every one. */
import { argumentScriptMutants, sizeScriptMutants } from "./arguments.ts";
import { edgeMutants } from "./edges.ts";
import { epochScriptMutants } from "./epochs.ts";
import { finishedJobMutants } from "./finished-jobs.ts";
import { groupScriptMutants } from "./groups.ts";
import { heartbeatChunkMutants } from "./heartbeat-chunks.ts";
import { keptLossMutants } from "./kept-losses.ts";
import { registrationScriptMutants } from "./registrations.ts";
import type { ScriptMutant } from "./script-mutant.ts";
import { sweepScriptMutants } from "./sweeps.ts";
import { wrongTypeMutants } from "./wrong-types.ts";

export type { ScriptMutant };

export const scriptMutants: readonly ScriptMutant[] = [
  ...edgeMutants,
  ...finishedJobMutants,
  ...heartbeatChunkMutants,
  ...epochScriptMutants,
  ...registrationScriptMutants,
  ...keptLossMutants,
  ...sweepScriptMutants,
  ...wrongTypeMutants,
  ...argumentScriptMutants,
  ...sizeScriptMutants,
  {
    id: "complete-unchecked",
    why: "complete does not look whether the job is there, and counts down",
    file: "include/complete.lua",
    find: "if not redis.call('ZSCORE', KEYS[5], job) then",
    replace: "if false then",
    property: "J1",
  },
  {
    id: "capacity-checked-after",
    why: "reserve lets one more in than there is room: it checks capacity after adding",
    file: "include/reserve.lua",
    find: "if live >= tonumber(record[2]) then",
    replace: "if live > tonumber(record[2]) then",
    property: "J2",
  },
  {
    id: "older-heartbeat-accepted",
    why: "a heartbeat that was overtaken by a later one is taken for a new one",
    file: "include/heartbeat.lua",
    find: "if seq < last_seq or (seq == last_seq and chunk < last_chunk) then",
    replace: "if false then",
    property: "N1",
  },
  {
    id: "former-life-accepted",
    why: "a heartbeat of a former incarnation keeps the new one alive",
    file: "include/heartbeat.lua",
    find: "if record[2] ~= ARGV[5] then",
    replace: "if false then",
    property: "N1",
  },
  {
    id: "register-keeps-jobs",
    why: "a node that begins a new incarnation keeps the jobs of the former one",
    file: "register_node.lua",
    find: "  redis.call('UNLINK', KEYS[7])\n",
    replace: "",
    property: "J1",
  },
  {
    id: "any-number-of-candidates",
    why: "a sweep takes more candidates than its limit says, and holds the server for as long as they take",
    file: "sweep.lua",
    find: "if candidate_count > limit then",
    replace: "if candidate_count > 100 then",
    property: "K7",
  },
  {
    id: "any-number-of-jobs-swept",
    why: "a sweep goes on with the next candidate, however many jobs it has handled",
    file: "sweep.lua",
    find: "  if jobs_left <= 0 then\n    break\n  end\n",
    replace: "",
    property: "V1",
  },
  {
    id: "failed-stay-in-front",
    why: "those that failed are named as due again, so that a hundred of them keep all others from being swept",
    file: "sweep.lua",
    find: "offset + #failed",
    replace: "offset",
    property: "K7",
  },
  {
    id: "offset-within-each-index",
    why: "the offset is passed over in the index of leases as well: those that are due there are not found",
    file: "sweep.lua",
    find: "  from = math.max(0, from - there)\n",
    replace: "",
    property: "K7",
  },
  {
    id: "removed-stays-a-node",
    why: "a node whose record is gone stays among the nodes: every cold start asks for it",
    file: "sweep.lua",
    find: "  redis.call('ZREM', KEYS[3], node)\n",
    replace: "",
    property: "K7",
  },
  {
    id: "expiry-of-the-last-heartbeat",
    why: "a node that leaves keeps the expiry of its last heartbeat: it is removed too early, or too late",
    file: "include/departure.lua",
    find: "  redis.call('ZADD', keys.expiry, whole_number(at), node)\n",
    replace: "",
    property: "K7",
  },
  {
    id: "sweep-forgets-lease",
    why: "a lapsed lease is announced, but its job keeps its place",
    file: "sweep.lua",
    find: "  redis.call('ZREM', keys.jobs, unpack(due))\n",
    replace: "",
    property: "J4",
  },
  {
    id: "feed-not-appended",
    why: "a change takes a version and wakes all followers, but is not in the feed",
    file: "include/log.lua",
    find: "  redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[3], at .. '-0', ...)\n",
    replace: "",
    property: "F1",
  },
  {
    id: "configuration-compared-in-part",
    why: "a configuration that differs in its pools alone counts as the one that is stored",
    file: "put_config.lua",
    find: "for field = 2, 6 do",
    replace: "for field = 2, 5 do",
    property: "K7",
  },
  {
    id: "any-number-of-running-jobs",
    why: "a heartbeat may name more jobs than the protocol allows, and holds the server for as long as it takes",
    file: "include/heartbeat.lua",
    find: "if #ARGV - FIRST_RUNNING + 1 > MOST_RUNNING then",
    replace: "if #ARGV - FIRST_RUNNING + 1 > 1000 then",
    property: "K7",
  },
  {
    id: "no-wake-up",
    why: "a change is appended to the feed, and no wake-up is published",
    file: "include/log.lua",
    find: "  redis.call('PUBLISH', KEYS[2], epoch .. ':' .. at)\n",
    replace: "",
    property: "K7",
  },
  {
    id: "woken-for-the-version-before",
    why: "a wake-up names the version before the change, so that every instance takes itself for up to date",
    file: "include/log.lua",
    find: "redis.call('PUBLISH', KEYS[2], epoch .. ':' .. at)",
    replace: "redis.call('PUBLISH', KEYS[2], version())",
    property: "K7",
  },
  {
    id: "epoch-begins-in-silence",
    why: "a new epoch is not published: instances learn of it when they ask next",
    file: "include/log.lua",
    find: "  redis.call('PUBLISH', KEYS[2], version())\n",
    replace: "",
    property: "K7",
  },
  {
    id: "immaterial-version",
    why: "every heartbeat takes a version, however little has changed",
    file: "include/heartbeat.lua",
    find: "if math.abs(health_milli - tonumber(record[4])) >= MATERIAL_MILLI then",
    replace: "if true then",
    property: "V1",
  },
  {
    id: "unknown-metric-as-zero",
    why: "a metric that is not known is stored as 0",
    file: "include/heartbeat.lua",
    find: "  if text ~= '' then",
    replace: "  if text == '' then\n    known[#known + 1] = '\"' .. name .. '\":0'\n  else",
    property: "H1",
  },
  {
    id: "half-known-metrics-dropped",
    why: "metrics are stored only where all of them are known",
    file: "include/heartbeat.lua",
    find: "local metrics = '{' .. table.concat(known, ',') .. '}'",
    replace: "local metrics = #known == #METRICS and '{' .. table.concat(known, ',') .. '}' or '{}'",
    property: "H1",
  },
  {
    id: "epoch-outlives-server",
    why: "a server that came back, or took over, goes on in the old epoch",
    file: "include/log.lua",
    find: "  if not whole or not string.find(replication, 'master_replid:' .. meta[3], 1, true) then",
    replace: "  if not whole then",
    property: "V1",
  },
  {
    id: "epoch-comes-back",
    why: "the epoch is named after the server alone, so after a loss of data the same one begins again",
    file: "include/log.lua",
    find: "{ KEYS[1], replication_id, time[1], time[2], commands }",
    replace: "{ KEYS[1], replication_id }",
    property: "V1",
  },
  {
    id: "finished-not-consulted",
    why: "a late reserve brings a finished job back",
    file: "include/reserve.lua",
    find: "if redis.call('ZSCORE', KEYS[6], job) then",
    replace: "if false then",
    property: "J3",
  },
  {
    id: "clamped-at-zero",
    why: "current_jobs is counted down without a look at the job, and clamped at 0 instead of derived",
    file: "include/complete.lua",
    find: `if not redis.call('ZSCORE', KEYS[5], job) then
    return { redis.call('ZSCORE', KEYS[6], job) and 'completed' or 'unknown', version() }
  end
  redis.call('ZSCORE', KEYS[3], node)
  local counted = redis.call('HGET', KEYS[4], 'finished')
  local finished = whole_number((tonumber(counted) or 0) + 1)
  local now = clock()
  -- Strictly growing, so that neither a clock that goes back nor a tie can push out the job that finished last.
  local last = redis.call('ZRANGE', KEYS[6], -1, -1, 'WITHSCORES')
  local order = last[2] and math.max(now, tonumber(last[2]) + 1) or now
  local current_jobs = whole_number(redis.call('ZCARD', KEYS[5]) - 1)`,
    replace: `redis.call('ZSCORE', KEYS[3], node)
  local counted = redis.call('HGET', KEYS[4], 'finished')
  local finished = whole_number((tonumber(counted) or 0) + 1)
  local now = clock()
  -- Strictly growing, so that neither a clock that goes back nor a tie can push out the job that finished last.
  local last = redis.call('ZRANGE', KEYS[6], -1, -1, 'WITHSCORES')
  local order = last[2] and math.max(now, tonumber(last[2]) + 1) or now
  local current_jobs = whole_number(math.max(0, tonumber(redis.call('HGET', KEYS[4], 'current_jobs') or 0) - 1))`,
    property: "J1",
  },
  {
    id: "reserve-renews",
    why: "a retried reserve moves the lease deadline, so that retries keep a dead job alive",
    file: "include/reserve.lua",
    find: "  return { 'already', version() }\n",
    replace:
      "  redis.call('ZADD', KEYS[5], whole_number(clock() + lease_ms), job)\n  return { 'already', version() }\n",
    property: "J3",
  },
  {
    id: "finished-outlive-their-node",
    why: "a node that is removed leaves its finished jobs behind: a node that later has its name refuses them",
    file: "sweep.lua",
    find: "redis.call('UNLINK', keys.node, keys.jobs, keys.done)",
    replace: "redis.call('UNLINK', keys.node, keys.jobs)",
    property: "K7",
  },
  {
    id: "lease-shortened-by-heartbeat",
    why: "a heartbeat sets the lease of a job anew, also where it was longer",
    file: "include/heartbeat.lua",
    find: "  elseif tonumber(deadline) < lease_until then",
    replace: "  elseif tonumber(deadline) ~= lease_until then",
    property: "J5",
  },
  {
    id: "only-the-first-running-job-renewed",
    why: "a heartbeat renews the lease of the first job that it names, and of no other",
    file: "include/heartbeat.lua",
    find: "redis.call('ZADD', KEYS[6], unpack(renewed))",
    replace: "redis.call('ZADD', KEYS[6], renewed[1], renewed[2])",
    property: "J5",
  },
  {
    id: "leases-not-followed",
    why: "the index of earliest leases keeps the deadline of a job that has ended",
    file: "include/leases.lua",
    find: "    redis.call('ZREM', leases, node)\n",
    replace: "    redis.call('ZSCORE', leases, node)\n",
    property: "J4",
  },
  {
    id: "trim-unnoticed",
    why: "a follower that needs a trimmed change gets what is left, as if nothing were missing",
    file: "changes_since.lua",
    find: "(not entries[1] or entries[1][1] ~= first)",
    replace: "not entries[1]",
    property: "F1",
  },
  {
    id: "undeclared-key",
    why: "a script builds the name of a key that it has not declared; one server runs it, a Cluster refuses it",
    file: "include/release.lua",
    find: "local is_recorded = redis.call(",
    replace: "redis.call('EXISTS', (string.gsub(KEYS[4], ':node:', ':jobs-of:')))\n  local is_recorded = redis.call(",
    property: "K1",
  },
  {
    id: "one-older-heartbeat",
    why: "a heartbeat that was overtaken is recognised only if it is the one just before",
    file: "include/heartbeat.lua",
    find: "if seq < last_seq or (seq == last_seq and chunk < last_chunk) then",
    replace: "if seq == last_seq - 1 then",
    property: "N1",
    style: "concurrent",
  },
  {
    id: "swap-compares-sequence",
    why: "the configuration's compare-and-set compares sequences across epochs: a writer from before a failover overwrites",
    file: "put_config.lua",
    find: "if current ~= ARGV[4] then",
    replace: "if string.match(current, ':%d+$') ~= string.match(ARGV[4], ':%d+$') then",
    property: "K7",
    style: "concurrent",
  },
  {
    id: "swap-misses-two-writers",
    why: "the configuration's compare-and-set notices one writer in between, not two",
    file: "put_config.lua",
    find: "if current ~= ARGV[4] then",
    replace: `local function place(text)
  return tonumber(string.match(text, ':(%d+)$') or -1)
end
if current ~= ARGV[4] and (ARGV[4] == '' or current == '' or place(ARGV[4]) >= place(current) - 1 or string.match(current, '^%x+') ~= string.match(ARGV[4], '^%x+')) then`,
    property: "K7",
    style: "concurrent",
  },
  {
    id: "counter-restart-guessed",
    why: "a heartbeat far behind is taken for a node that counts from the start again, and not for one that was long on its way",
    file: "include/heartbeat.lua",
    find: "if seq < last_seq or (seq == last_seq and chunk < last_chunk) then",
    replace: "if seq < last_seq and last_seq - seq < 8 then",
    property: "N1",
    style: "concurrent",
  },
  ...groupScriptMutants,
];
