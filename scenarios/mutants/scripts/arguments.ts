/** Mutants of the scripts about the arguments that they refuse. */
import type { ScriptMutant } from "./script-mutant.ts";

const pools = (id: string, why: string, find: string, replace: string): ScriptMutant => ({
  ...{ id, why, find, replace, file: "put_config.lua", property: "K7" },
});
const ids = (id: string, why: string, find: string, replace: string): ScriptMutant => ({
  ...{ id, why, find, replace, file: "include/arguments.lua", property: "K7" },
});

const sized = (id: string, why: string, [file, find, replace]: readonly [string, string, string]): ScriptMutant => ({
  ...{ id, why, file, find, replace },
  property: file === "changes_since.lua" ? "F1" : "K7",
});

export const sizeScriptMutants: readonly ScriptMutant[] = [
  sized("changes-of-any-size", "as many changes are given as were asked for, however long they are: our own mistake", [
    "changes_since.lua",
    "  return bytes < max_bytes and #changes < limit",
    "  return #changes < limit",
  ]),
  sized("changes-one-too-few", "the change that does not fit whole is left out, so that a long one is never given", [
    "changes_since.lua",
    "  changes[#changes + 1] = fields\n",
    "  if bytes < max_bytes then\n    changes[#changes + 1] = fields\n  end\n",
  ]),
  sized("one-chunk-of-changes", "what lies beyond the first read of the feed is left for the next call", [
    "changes_since.lua",
    "  has_room = has_room and #entries == CHUNK\n",
    "  has_room = false\n",
  ]),
  sized("pages-of-any-size", "all records of a page are given, however long they are", [
    "snapshot.lua",
    "  if bytes < max_bytes then\n    local record",
    "  if true then\n    local record",
  ]),
  sized("ids-beside-a-short-page", "a page that leaves records out goes on with the ids all the same", [
    "snapshot.lua",
    "  limit = 0 -- the caller asks for the other records first\n",
    "",
  ]),
  sized("ids-of-any-size", "as many ids are given as were asked for, however long they are", [
    "snapshot.lua",
    "    if bytes < max_bytes and is_id(each) then",
    "    if is_id(each) then",
  ]),
];

export const argumentScriptMutants: readonly ScriptMutant[] = [
  pools(
    "pools-only-counted",
    "of the pools of a configuration only the number is checked: one wrong element and no instance can read it",
    "for position, pool in ipairs(pools) do",
    "for position, pool in ipairs({}) do",
  ),
  pools(
    "first-pool-checked",
    "of the pools of a configuration only the first is checked",
    "for position, pool in ipairs(pools) do",
    "for position, pool in ipairs({ pools[1] }) do",
  ),
  pools(
    "names-of-any-length",
    "the name of a pool may be anything",
    "  if pool.name ~= '' and not is_id(pool.name) then",
    "  if type(pool.name) ~= 'string' then",
  ),
  pools(
    "services-of-pools-only-listed",
    "the services of a pool may be any list",
    "  if not are_ids(pool.required_services, 64) then",
    "  if not is_list(pool.required_services, 64) then",
  ),
  pools(
    "any-number-of-services",
    "a pool may have more services than the protocol allows",
    "are_ids(pool.required_services, 64)",
    "are_ids(pool.required_services, 100)",
  ),
  pools(
    "any-number-of-pairs",
    "a pool may have more language pairs than the protocol allows",
    "is_list(pool.language_pairs, 512)",
    "is_list(pool.language_pairs, 1000)",
  ),
  pools(
    "any-language-of-pools",
    "the language pairs of a pool may hold any text",
    "  check_languages('pools', 'language pairs ' .. which, pool.language_pairs)\n",
    "",
  ),
  ids(
    "ids-of-any-bytes",
    "an id may hold any bytes: no instance can name that node, and one that loads page by page never gets past it",
    "#value <= 256 and is_utf8(value)",
    "#value <= 256",
  ),
  ids(
    "overlong-ids",
    "an id may hold overlong forms: one character has two names",
    "'[\\194-\\223][\\128-\\191]'",
    "'[\\192-\\223][\\128-\\191]'",
  ),
  ids(
    "surrogates-in-ids",
    "an id may hold half of a pair of surrogates",
    "'\\237[\\128-\\159][\\128-\\191]'",
    "'\\237[\\128-\\191][\\128-\\191]'",
  ),
  ids(
    "ids-above-unicode",
    "an id may hold code points above U+10FFFF",
    "'\\244[\\128-\\143][\\128-\\191][\\128-\\191]'",
    "'\\244[\\128-\\191][\\128-\\191][\\128-\\191]'",
  ),
  ids(
    "stray-bytes-in-ids",
    "only the first bytes of the characters of an id are checked",
    "  return not string.find(text, '[\\128-\\255]')",
    "  return not string.find(text, '[\\192-\\255]')",
  ),
];
