/** Mutants of the losses of jobs that a partition keeps. `conform` must find every one. */
import type { ScriptMutant } from "./script-mutant.ts";

const mutant = (fields: Omit<ScriptMutant, "property">): ScriptMutant => ({ ...fields, property: "O1" });

export const keptLossMutants: readonly ScriptMutant[] = [
  mutant({
    id: "lapses-not-kept",
    why: "only jobs that lose their node are kept, and not those that lose their places",
    file: "sweep.lua",
    find: "  keep_orphans(KEYS[6], node, 'lapsed', due)\n",
    replace: "",
  }),
  mutant({
    id: "former-jobs-not-kept",
    why: "the jobs of a node that registers again are not kept, since it runs on",
    file: "register_node.lua",
    find: "  keep_orphans(KEYS[8], node, 'registered', orphaned)\n",
    replace: "",
  }),
  mutant({
    id: "losses-kept-for-ever",
    why: "losses that no instance acknowledges fill the store",
    file: "include/orphans.lua",
    find: "  redis.call('ZREMRANGEBYSCORE', orphans, '-inf', whole_number(order - tonumber(ARGV[3])))\n",
    replace: "",
  }),
  mutant({
    id: "as-many-losses-as-changes",
    why: "losses are counted, and not the jobs in them",
    file: "include/orphans.lua",
    find: "local order = (tonumber(last[2]) or 0) + #jobs",
    replace: "local order = (tonumber(last[2]) or 0) + 1",
  }),
  mutant({
    id: "acknowledged-by-order-alone",
    why: "an acknowledgement from before a loss of data removes a loss that has taken the place of another",
    file: "ack_orphans.lua",
    find: "    if cjson.decode(kept)[1] == loss[2] then",
    replace: "    if true then",
  }),
  mutant({
    id: "acknowledged-up-to",
    why: "an acknowledgement of one loss is taken for one of all before it",
    file: "ack_orphans.lua",
    find: "  for _, kept in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], order, order)) do\n    if cjson.decode(kept)[1] == loss[2] then",
    replace: "  for _, kept in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', order)) do\n    if kept ~= '' then",
  }),
];
