/** Mutants of the scripts about what they find around them: keys that hold another type, and the clock of their server. */
import type { ScriptMutant } from "./script-mutant.ts";

export const wrongTypeMutants: readonly ScriptMutant[] = [
  {
    id: "nodes-not-read-first",
    why: "the index of nodes is written without having been read, so that one of a wrong type stops half a registration",
    file: "register_node.lua",
    find: "redis.call('ZSCORE', KEYS[3], node)\n",
    replace: "",
    property: "K2",
  },
  {
    id: "leases-not-read-first",
    why: "the index of leases is written last and not read before, so that one of a wrong type stops half a change",
    file: "complete_job.lua",
    find: "redis.call('ZSCORE', KEYS[3], node)\n",
    replace: "",
    property: "K2",
  },
  {
    id: "one-for-all",
    why: "a candidate with a key of another type ends the sweep: all that are due after it stay",
    file: "sweep.lua",
    find: "if string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then",
    replace: "if answer.err then",
    property: "K7",
  },
  {
    id: "jobs-of-another-type-are-none",
    why: "jobs that cannot be read are taken for none: the node expires, and none of its jobs is reported",
    file: "sweep.lua",
    find: "  local orphaned = read(node, keys.jobs, redis.pcall('ZRANGE', keys.jobs, 0, -1))\n",
    replace:
      "  local orphaned = redis.pcall('ZRANGE', keys.jobs, 0, -1)\n  orphaned = orphaned.err and {} or orphaned\n",
    property: "V1",
  },
  {
    id: "all-indexes-read",
    why: "a heartbeat reads every index to be on the safe side, so that one of a wrong type stops calls that have no use for it",
    file: "heartbeat.lua",
    find: "if #renewed > 0 then\n  redis.call('ZSCORE', KEYS[4], node)",
    replace: "do\n  redis.call('ZSCORE', KEYS[4], node)",
    property: "K7",
  },
  {
    id: "wrong-type-taken-for-nothing",
    why: "a feed that cannot be read is taken for one that was trimmed: every instance loads everything anew",
    file: "changes_since.lua",
    find: "redis.call('XRANGE', KEYS[2], first,",
    replace: "redis.pcall('XRANGE', KEYS[2], first,",
    property: "K7",
  },
  {
    id: "server-clock-in-seconds",
    why: "the server's time is taken in whole seconds, so that what it dates is early by up to one",
    file: "include/log.lua",
    find: "  return time[1] * 1000 + math.floor(time[2] / 1000)",
    replace: "  return time[1] * 1000",
    property: "K7",
  },
  {
    id: "server-clock-carries-over",
    why: "the microseconds of the server's time are added as milliseconds",
    file: "include/log.lua",
    find: "math.floor(time[2] / 1000)\nend",
    replace: "time[2] % 1000\nend",
    property: "K7",
  },
];
