/** Mutants of groups: what their items have together, and what each has for itself. `conform` must find every one. */
import type { ScriptMutant } from "./script-mutant.ts";

const inGroup = (fields: Omit<ScriptMutant, "file">): ScriptMutant => ({ file: "group.lua", ...fields });
const call = "pcall(item.run, item.keys, item.arguments)";

export const groupScriptMutants: readonly ScriptMutant[] = [
  inGroup({
    id: "group-fails-together",
    why: "an item that is refused ends the call: those before it have written, and none is answered",
    find: `local _, reply = ${call}`,
    replace: "local reply = item.run(item.keys, item.arguments)",
    property: "V1",
  }),
  inGroup({
    id: "group-ends-at-a-refusal",
    why: "the items after one that is refused are not made, and answered like it",
    find: `local _, reply = ${call}`,
    replace: `local last = replies[index - 1]\n  local _, reply = nil, last and last.err and last\n  if not reply then _, reply = ${call} end`,
    property: "K7",
  }),
  inGroup({
    id: "group-stores-the-last-item",
    why: "the sequence is stored where the last item has changed something: else the next call takes the same versions again",
    find: "if sequence > before then",
    replace: "if sequence > before and not replies[#replies].err and replies[#replies][1] ~= 'already' then",
    property: "V1",
  }),
  inGroup({
    id: "group-counts-one-change",
    why: "a group takes one version, whatever its items have changed",
    find: "if sequence > before then",
    replace: "sequence = math.min(sequence, before + 1)\nif sequence > before then",
    property: "V1",
  }),
  inGroup({
    id: "group-answers-with-its-end",
    why: "each item is answered with the version after the last one",
    find: "return { 'grouped', version(), replies }",
    replace:
      "for _, reply in ipairs(replies) do\n  if reply[2] then reply[2] = version() end\nend\nreturn { 'grouped', version(), replies }",
    property: "V1",
  }),
  inGroup({
    id: "group-without-a-wake-up",
    why: "no wake-up is published for what a group changes: followers learn of it with their next poll",
    find: "is_group = true\n",
    replace: "is_group, is_woken = true, true\n",
    property: "K7",
  }),
  {
    id: "group-wakes-for-each",
    why: "each change of a group is published by itself",
    file: "include/log.lua",
    find: "is_woken = is_group\n",
    replace: "",
    property: "K7",
  },
  inGroup({
    id: "group-backwards",
    why: "the items are made from the last to the first",
    find: "for index, item in ipairs(items) do\n",
    replace: "for index = #items, 1, -1 do\n  local item = items[index]\n",
    property: "V1",
  }),
  inGroup({
    id: "group-forgets-its-first",
    why: "of an item that comes twice the second is answered like the first, which the store was asked for only once",
    find: `local _, reply = ${call}`,
    replace: `local _, reply\n  for other = 1, index - 1 do\n    if items[other].name == item.name and table.concat(items[other].arguments, ' ') == table.concat(item.arguments, ' ') then reply = replies[other] end\n  end\n  if not reply then _, reply = ${call} end`,
    property: "J3",
  }),
  inGroup({
    id: "group-reads-the-keys-of-the-first",
    why: "each item is made with the keys of the first one",
    find: "keys = { KEYS[1], KEYS[2], unpack(KEYS, last_key + 1, last_key + script.keys) },",
    replace: "keys = { KEYS[1], KEYS[2], unpack(KEYS, 3, 2 + script.keys) },",
    property: "K7",
  }),
  inGroup({
    id: "group-without-a-layout",
    why: "a group that does not fit the layout of the store is made all the same",
    find: "if refused then",
    replace: "if false then",
    property: "K7",
    style: "sequential",
  }),
  inGroup({
    id: "group-refuses-in-its-own-name",
    why: "a refusal names the group in place of the script",
    find: "  SCRIPT = item.name\n",
    replace: "",
    property: "K7",
  }),
  inGroup({
    id: "group-of-thirty-three",
    why: "one item more is taken than a server has time for",
    find: "if #items > MOST_ITEMS then",
    replace: "if #items > MOST_ITEMS + 1 then",
    property: "K7",
  }),
  inGroup({
    id: "group-of-too-many-jobs",
    why: "the running jobs of a group's heartbeats are not counted together",
    find: "    running = running + math.max(",
    replace: "    running = math.max(",
    property: "K7",
  }),
];
