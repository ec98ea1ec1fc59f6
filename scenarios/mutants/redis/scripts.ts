/** Mutants of scripts and keys that the model cannot have, since it has one clock, one slot and no reply types. */
import type { RedisMutant } from "./mutant.ts";

const ofUpgrade = (
  id: string,
  origin: string,
  [find, replace]: readonly [string, string],
  check = "upgraded",
): RedisMutant => ({
  ...{ id, origin: `upgrade: ${origin}`, check, property: "K7" },
  edits: [{ file: "src/redis/upgrade.ts", find, replace }],
});
const ofParts = (id: string, origin: string, edit: readonly [string, string]): RedisMutant =>
  ofUpgrade(id, origin, edit, "upgraded-by-parts");

const wrongParts: readonly RedisMutant[] = [
  ofParts("node-51-skipped", "a call begins one node after the end of the one before", [
    "from += chunk)",
    "from += chunk + 1)",
  ]),
  ofParts("nodes-of-one-call", "only as many nodes as one call takes are rewritten", [
    "from < ids.length;",
    "from < Math.min(1, ids.length);",
  ]),
  ofParts("sets-of-one-call", "only as many sets as one call takes are dropped", [
    "first < sets.length;",
    "first < Math.min(1, sets.length);",
  ]),
  ofParts("rewritten-at-once", "one call rewrites all nodes", ["ids.slice(from, from + chunk)", "ids.slice(from)"]),
  ofParts("dropped-at-once", "one call drops all sets", ["sets.slice(first, first + chunk)", "sets.slice(first)"]),
  ofParts("former-stays", "a field that layout 2 does not have stays", [
    "    redis.call('HDEL', KEYS[position], 'former')\n",
    "",
  ]),
  ofParts("chunk-not-added", "a node has no number of the last heartbeat's chunk", [
    "    redis.call('HSETNX', KEYS[position], 'heartbeat_chunk', '0')\n",
    "",
  ]),
  ofParts("finished-counted-anew", "a number of finished jobs that is there is replaced", [
    "redis.call('HSETNX', KEYS[position], 'finished'",
    "redis.call('HSET', KEYS[position], 'finished'",
  ]),
  ofParts("listed-nodes-made", "a node that is listed and has no record gets half of one", [
    "if redis.call('EXISTS', KEYS[position]) == 1 then",
    "if true then",
  ]),
  ofParts("listed-nodes-counted", "nodes that are listed and have no record count as rewritten", [
    "return rewritten;",
    "return ids.length;",
  ]),
  ofParts("last-part-counted", "the nodes of the last partition are counted alone", [
    "nodes += await",
    "nodes = await",
  ]),
  ofParts("prefix-of-its-own", "without a prefix, another one than that of the instances is used", [
    'prefix = "lp:" }',
    'prefix = "lockproof:" }',
  ]),
  ofParts("any-layout-upgraded", "a later layout is taken for layout 1", [
    "if meta[1] ~= '1' and meta[1] ~= '0' then return 'it has layout ' .. meta[1] end\n",
    "",
  ]),
  ofParts("opened-twice", "a run that another one has overtaken begins one more epoch", [
    "if redis.call('HGET', KEYS[1], 'layout') ~= '0' then return 0 end\n",
    "",
  ]),
  ofParts("generations-begin-anew", "the generation of the epoch to come is lower than that of the last", [
    "redis.call('HSETNX', KEYS[1], 'generation', '0')",
    "redis.call('HSET', KEYS[1], 'generation', '0')",
  ]),
];

export const wrongScripts: readonly RedisMutant[] = [
  {
    id: "time-read-twice",
    origin: "lua: the server's time is read again where it is needed; on Redis 7.0 it moves on while a script runs",
    check: "one-clock",
    property: "F1",
    edits: [
      {
        file: "lua/include/reserve.lua",
        find: "redis.call('ZADD', KEYS[5], whole_number(lease_until), job)",
        replace: "redis.call('ZADD', KEYS[5], whole_number(clock() + lease_ms), job)",
      },
      { file: "lua/include/log.lua", find: "if not moment then", replace: "if true then" },
    ],
  },
  {
    id: "forgotten-job-reserved",
    origin: "lua: a reserve looks for its job among those that the node remembers, and nowhere else",
    check: "late-reserve",
    property: "J3",
    edits: [
      {
        file: "lua/include/reserve.lua",
        find: "if seen < finished - redis.call('ZCARD', KEYS[6]) then",
        replace: "if false then",
      },
    ],
  },
  {
    id: "losses-end-with-their-epoch",
    origin: "lua: the losses of jobs are those of the epoch, as its feed is",
    check: "kept-losses",
    property: "O1",
    edits: [
      {
        file: "lua/read_orphans.lua",
        find: "  losses[#losses + 1] = { kept[position + 1], kept[position] }\n",
        replace:
          "  if string.find(kept[position], epoch, 1, true) then losses[#losses + 1] = { kept[position + 1], kept[position] } end\n",
      },
    ],
  },
  {
    id: "all-jobs-for-each-job",
    origin: "lua: a heartbeat reads all jobs of its node for each job that it names",
    check: "time-on-the-server",
    property: "K5",
    edits: [
      {
        file: "lua/include/heartbeat.lua",
        find: "      local job = ARGV[FIRST_RUNNING + index - 1]\n",
        replace: "      redis.call('ZRANGE', KEYS[6], 0, -1)\n      local job = ARGV[FIRST_RUNNING + index - 1]\n",
      },
    ],
  },
  {
    id: "each-pair-with-each",
    origin: "lua: that no language pair is given twice is checked by comparing each with each",
    check: "time-on-the-server",
    property: "K5",
    edits: [
      {
        file: "lua/include/lists.lua",
        find: "local function check_languages(argument, text, list)\n  for _, pair in ipairs(list) do\n",
        replace:
          "local function check_languages(argument, text, list)\n  for _, pair in ipairs(list) do\n    for _, other in ipairs(list) do if table.concat(other, ':') == '' then refuse(argument, text, 'each pair once') end end\n",
      },
    ],
  },
  {
    id: "freed-at-once",
    origin: "lua: the finished jobs of a node that is removed are freed before anything else is served",
    check: "time-on-the-server",
    property: "K5",
    edits: [
      {
        file: "lua/sweep.lua",
        find: "redis.call('UNLINK', keys.node, keys.jobs, keys.done)",
        replace: "redis.call('DEL', keys.node, keys.jobs, keys.done)",
      },
    ],
  },
  {
    id: "broken-one-for-all",
    origin: "lua: a sweep ends at the first candidate with a key of another type, and leaves all the others",
    check: "sweep-past-broken",
    property: "J4",
    edits: [
      {
        file: "lua/sweep.lua",
        find: "if string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then",
        replace: "if answer.err then",
      },
    ],
  },
  {
    id: "epoch-from-the-clock",
    origin: "lua: an epoch is named after the second in which it began",
    check: "epochs-unique",
    property: "V1",
    edits: [
      {
        file: "lua/include/log.lua",
        find: "table.concat({ KEYS[1], replication_id, time[1], time[2], commands }, ':')",
        replace: "table.concat({ KEYS[1], replication_id, time[1] }, ':')",
      },
    ],
  },
  {
    id: "epoch-of-twelve-digits",
    origin: "lua: an epoch is shorter than documented, so that two of many partitions may have the same",
    check: "epochs-unique",
    property: "V1",
    edits: [
      { file: "lua/include/log.lua", find: "redis.sha1hex(origin), 1, 16)", replace: "redis.sha1hex(origin), 1, 12)" },
    ],
  },
  {
    id: "restart-goes-unnoticed",
    origin:
      "lua: the replication id is not compared: a server that came back may have lost writes, and no instance notices",
    check: "restart-kept",
    property: "D4",
    edits: [
      {
        file: "lua/include/log.lua",
        find: "if not whole or not string.find(replication, 'master_replid:' .. meta[3], 1, true) then",
        replace: "if not whole then",
      },
    ],
  },
  {
    id: "reply-of-two-types",
    origin: "lua: an absent value is a nil in the reply, which Redis makes another type, and which ends a list",
    check: "outcomes",
    property: "K2",
    edits: [
      {
        file: "lua/include/complete.lua",
        find: "return { redis.call('ZSCORE', KEYS[6], job) and 'completed' or 'unknown', version() }",
        replace: "return { redis.call('ZSCORE', KEYS[6], job) and 'completed' or nil, version() }",
      },
    ],
  },
  {
    id: "key-outside-the-slot",
    origin: "redis: one key is named without the partition's hash tag, which a single server never notices",
    check: "one-slot",
    property: "K1",
    edits: [
      {
        file: "src/redis/scripts/keys.ts",
        find: "    done: (id) =>",
        replace: '    done: (id) => prefix.concat("done:", id),\n    tagged: (id: string) =>',
      },
    ],
  },
  ofUpgrade(
    "epoch-outlives-the-layout",
    "the epoch goes on, so that a node or a lease whose time was over is taken at once",
    ["'replication_id', 'upgraded', 'swept_ms'", "'swept_ms'"],
  ),
  ofUpgrade("finished-from-nothing", "the number of finished jobs begins anew, below that of the remembered ones", [
    "redis.call('ZCARD', KEYS[position + 1])",
    "'0'",
  ]),
  ofUpgrade("upgraded-to-other-partitions", "the number of partitions is not compared with that of the store", [
    "if meta[2] ~= ARGV[1] then return 'it has ' .. meta[2] .. ' partitions' end\n",
    "",
  ]),
  ofUpgrade("closed-for-good", "a partition that an upgrade left closed is taken for one of another layout", [
    "if meta[1] ~= '1' and meta[1] ~= '0' then",
    "if meta[1] ~= '1' then",
  ]),
  ofUpgrade("sets-left-behind", "the sets of pools and language pairs stay", [
    "first < sets.length;",
    "first < 0 * sets.length;",
  ]),
  ...wrongParts,
];
