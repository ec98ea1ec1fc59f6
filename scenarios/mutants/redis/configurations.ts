/** Records of nodes and of the configuration that another program has written: read, or in the way of others. */
import type { RedisMutant } from "./mutant.ts";

const file = "src/redis/scripts/config-reply.ts";

export const wrongConfigurations: readonly RedisMutant[] = [
  {
    id: "malformed-is-no-answer",
    origin:
      "a configuration that cannot be read is a failed read: every instance waits for a better one: our own mistake",
    check: "foreign-configuration",
    property: "S4",
    edits: [{ file, find: "if (error instanceof ReplyError) return", replace: "if (raw === null) return" }],
  },
  {
    id: "pages-end-with-any-id",
    origin: "a page may end with an id that its reader cannot send back, and is asked for again: our own mistake",
    check: "foreign-ids",
    property: "V2",
    edits: [
      {
        file: "lua/snapshot.lua",
        find: "    if bytes < max_bytes and is_id(each) then",
        replace: "    if bytes < max_bytes then",
      },
    ],
  },
  {
    id: "one-record-for-all",
    origin: "a record that cannot be read fails the page with all others: our own mistake",
    check: "foreign-records",
    property: "V2",
    edits: [
      {
        file: "src/redis/scripts/reply.ts",
        find: "      if (!(error instanceof ReplyError)) throw error;\n      unreadable",
        replace: "      throw error;\n      unreadable",
      },
    ],
  },
  {
    id: "record-type-fails-the-page",
    origin: "a record in the place of which there is something else fails the page with all others: our own mistake",
    check: "foreign-records",
    property: "V2",
    edits: [
      {
        file: "lua/snapshot.lua",
        find: "redis.pcall('HGETALL', KEYS[position])",
        replace: "redis.call('HGETALL', KEYS[position])",
      },
    ],
  },
  {
    id: "unreadable-records-unnamed",
    origin: "an unreadable record is left out, and nothing says so",
    check: "foreign-records",
    property: "V2",
    edits: [
      {
        file: "src/redis/scripts/reply.ts",
        find: "      unreadable.push({ node, reason: error.message });\n",
        replace: "",
      },
    ],
  },
  {
    id: "flags-guessed",
    origin: "whatever is not 1 is taken for off",
    check: "configuration-malformed",
    property: "S4",
    edits: [
      {
        file,
        find: `  return found === "0" ? false : unexpected(`,
        replace: `  return found !== "1" ? false : unexpected(`,
      },
    ],
  },
  {
    id: "pools-taken-as-they-are",
    origin: "what is JSON is taken for a list of pools",
    check: "configuration-malformed",
    property: "S4",
    edits: [
      {
        file,
        find: `list("pools", parseJson("pools", fields["pools"])).map(readPool);`,
        replace: `parseJson("pools", fields["pools"]) as PoolConfig[];`,
      },
    ],
  },
];
