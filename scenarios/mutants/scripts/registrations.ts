/** Mutants about incarnations: what a registration replaces and takes for a retry, and what is refused as of a former one. */
import type { ScriptMutant } from "./script-mutant.ts";

const place = (text: string): string => `(tonumber(string.match(${text}, ':(%d+)$')) or 0)`;

/** Takes a former life for the present one where it ended long ago. */
const inOtherCalls = (fields: Pick<ScriptMutant, "id" | "why" | "file">): ScriptMutant => ({
  ...fields,
  find: "if record[2] ~= ARGV[5] then",
  replace: `if record[2] ~= ARGV[5] and ${place("record[2]")} - ${place("ARGV[5]")} < 8 then`,
  property: "N1",
});

export const registrationScriptMutants: readonly ScriptMutant[] = [
  inOtherCalls({
    id: "leave-of-an-old-life",
    why: "a leave is refused as one of a former life only if that ended a few changes ago",
    file: "offline_node.lua",
  }),
  inOtherCalls({
    id: "heartbeat-of-an-old-life",
    why: "a heartbeat is refused as one of a former life only if that ended a few changes ago",
    file: "include/heartbeat.lua",
  }),
  {
    id: "late-register-accepted",
    why: "a registration that another one has overtaken ends the present incarnation",
    file: "register_node.lua",
    find: "if stored ~= expected then",
    replace: "if false then",
    property: "N1",
  },
  {
    id: "none-expected-any-replaced",
    why: "a registration that expects no node replaces whichever incarnation there is",
    file: "register_node.lua",
    find: "if stored ~= expected then",
    replace: "if expected ~= '' and stored ~= expected then",
    property: "N1",
  },
  {
    id: "gone-node-replaced-by-any",
    why: "a node that is not online is replaced by whichever registration comes",
    file: "register_node.lua",
    find: "if stored ~= expected then",
    replace: "if status == 'online' and stored ~= expected then",
    property: "N1",
  },
  {
    id: "gone-node-counts-as-none",
    why: "a registration that expects no node replaces one that is not online",
    file: "register_node.lua",
    find: "if stored ~= expected then",
    replace: "if (status == 'online' and stored or '') ~= expected and stored ~= expected then",
    property: "N1",
  },
  {
    id: "removed-node-brought-back",
    why: "a registration that expects an incarnation begins one where the node has been removed",
    file: "register_node.lua",
    find: "if stored ~= expected then",
    replace: "if status and stored ~= expected then",
    property: "N1",
  },
  {
    id: "overtaken-twice-accepted",
    why: "a registration is refused where one other has overtaken it, and not where more have",
    file: "register_node.lua",
    find: "if stored ~= expected then",
    replace: `local function place(text)
  return tonumber(string.match(text, ':(%d+)$') or -1)
end
if stored ~= expected and (stored == '' or expected == '' or string.match(stored, '^%x+') ~= string.match(expected, '^%x+')
  or place(stored) - place(expected) < 4) then`,
    property: "N1",
    style: "concurrent",
  },
  {
    id: "register-not-idempotent",
    why: "a retried registration begins a second incarnation where the reply of the first try was lost",
    file: "register_node.lua",
    find: "if status and old[3] == registration then",
    replace: "if false then",
    property: "K2",
  },
  {
    id: "retry-forgotten-by-epoch",
    why: "a registration is recognised only within its epoch: retried after a failover it begins a second incarnation",
    file: "register_node.lua",
    find: "if status and old[3] == registration then",
    replace: "if status and old[3] == registration and string.sub(stored, 1, 16) == epoch then",
    property: "K2",
  },
];
