/** Mutants of what a node knows of the jobs that it has finished and forgotten. `conform` must find every one. */
import type { ScriptMutant } from "./script-mutant.ts";

const late = "if seen < finished - redis.call('ZCARD', KEYS[6]) then";

const inReserve = (fields: Pick<ScriptMutant, "id" | "why">, replace: string): ScriptMutant => ({
  ...{ ...fields, file: "include/reserve.lua", find: late, replace, property: "J3" },
});

export const finishedJobMutants: readonly ScriptMutant[] = [
  inReserve(
    { id: "forgotten-jobs-come-back", why: "a late reserve brings a job back that was finished and forgotten since" },
    "if false then",
  ),
  inReserve(
    { id: "last-forgotten-job-comes-back", why: "the last of the jobs that a node has forgotten may be this one" },
    "if seen + 1 < finished - redis.call('ZCARD', KEYS[6]) then",
  ),
  inReserve(
    { id: "long-forgotten-jobs-come-back", why: "only a caller that lags by few finished jobs is refused" },
    "if seen < finished - redis.call('ZCARD', KEYS[6]) and finished - seen < 3 then",
  ),
  inReserve(
    { id: "refused-for-what-is-remembered", why: "a caller that lags is refused although no job has been forgotten" },
    "if seen < finished then",
  ),
  {
    id: "finished-counted-by-life",
    why: "a node that registers again counts its finished jobs from 0, though it has forgotten some",
    file: "register_node.lua",
    find: "local finished = old[4] or '0'",
    replace: "local finished = '0'",
    property: "J3",
  },
  {
    id: "finished-counted-as-remembered",
    why: "the number of finished jobs is that of the remembered ones",
    file: "include/complete.lua",
    find: "local finished = whole_number((tonumber(counted) or 0) + 1)",
    replace:
      "redis.call('HEXISTS', KEYS[4], 'finished')\nlocal finished = whole_number(redis.call('ZCARD', KEYS[6]) + 1)",
    property: "J3",
  },
];
