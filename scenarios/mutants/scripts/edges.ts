/** Mutants of the scripts that only rare calls and rare contents show: conform makes them one after another, in each hundred runs. */
import type { PropertyId } from "../../../src/check/properties.ts";
import type { ScriptMutant } from "./script-mutant.ts";

type Change = readonly [file: string, find: string, replace: string];

const mutant = (property: PropertyId, id: string, why: string, [file, find, replace]: Change): ScriptMutant => ({
  ...{ id, why, file, find, replace, property },
  style: "sequential",
});

const texts: readonly ScriptMutant[] = [
  mutant("K7", "numbers-by-their-first-digit", "a number may be written in any way that begins with a digit", [
    "include/arguments.lua",
    "string.find(text, '^%d+$') and tonumber(text)",
    "string.find(text, '^%d') and tonumber(text)",
  ]),
  mutant("K7", "clock-unchecked", "the time that a caller passes in may be anything: one below 0 expires nothing", [
    "include/arguments.lua",
    "  if ARGV[1] ~= '' then\n    integer",
    "  if false then\n    integer",
  ]),
  mutant("K7", "feed-of-any-length", "a caller may keep no feed at all, or one that fills the store", [
    "include/arguments.lua",
    "integer('feed_max', ARGV[3], 1, 1000000)",
    "integer('feed_max', ARGV[3], 0, 10000000)",
  ]),
  mutant("K7", "refusals-of-any-length", "a refusal shows all of what was found, however long it is", [
    "include/arguments.lua",
    "string.sub(found, 1, 40)",
    "string.sub(found, 1, 400)",
  ]),
  mutant("K7", "refusals-break-lines", "a refusal shows line breaks as they came", [
    "include/arguments.lua",
    "string.gsub(string.sub(found, 1, 40), '%c', '?')",
    "string.sub(found, 1, 40)",
  ]),
  mutant("K7", "tokens-of-any-length", "tokens and incarnations may be of any length", [
    "include/arguments.lua",
    "if not text or #text < low or #text > high then",
    "if not text or #text < low then",
  ]),
  mutant("K7", "keys-uncounted", "a call with too few keys is not refused, and fails half way", [
    "include/arguments.lua",
    "  if #KEYS ~= expected then",
    "  if false then",
  ]),
  mutant("K7", "metrics-that-are-no-json", "a metric may end in a dot: no reader can parse the metrics of that node", [
    "include/arguments.lua",
    " or string.byte(text, -1) == DOT",
    "",
  ]),
  mutant("K7", "long-running-jobs", "a heartbeat may name a job by an id that is too long", [
    "include/arguments.lua",
    "if length < 1 or length > 256 or",
    "if length < 1 or length > 300 or",
  ]),
  mutant("K7", "objects-for-lists", "a list may be an empty object, which no instance can read", [
    "include/lists.lua",
    " or not string.find(text, '^%s*%[') then",
    " then",
  ]),
  mutant("K7", "languages-of-nodes-only-listed", "the language pairs of a node may be any list", [
    "register_node.lua",
    "languages('languages', ARGV[10])",
    "array('languages', ARGV[10], 512)",
  ]),
  mutant("K7", "pools-with-more-fields", "a pool may have fields that the protocol does not know", [
    "put_config.lua",
    "    if not POOL_FIELDS[field] then",
    "    if false then",
  ]),
  mutant("K7", "losses-in-fractions", "an acknowledgement of half a loss is taken, and rounded to another", [
    "ack_orphans.lua",
    " or loss[1] % 1 ~= 0",
    "",
  ]),
  mutant("K7", "finished-jobs-without-end", "ten times as many finished jobs are remembered as the protocol allows", [
    "include/complete.lua",
    "ARGV[7], 1, 100000",
    "ARGV[7], 1, 1000000",
  ]),
  mutant("K7", "pages-below-the-limit", "a page of as many ids as the protocol allows is refused", [
    "snapshot.lua",
    "ARGV[5], 0, 1000)",
    "ARGV[5], 0, 999)",
  ]),
];

const epochs: readonly ScriptMutant[] = [
  mutant("V1", "half-a-meta-goes-on", "a meta without its layout is taken for one of this layout", [
    "include/log.lua",
    "  local whole = meta[1] and tonumber(meta[2]) and meta[3] and",
    "  meta[4] = meta[4] or '2'\n  local whole = meta[1] and tonumber(meta[2]) and meta[3] and",
  ]),
  mutant(
    "V1",
    "line-of-epochs-goes-on",
    "an epoch that follows a meta which is not whole counts as the next of its line",
    ["include/log.lua", "begin_epoch(replication, whole and epoch)", "begin_epoch(replication, meta[1])"],
  ),
  mutant("K7", "layout-unchecked", "keys of another layout are read and written as if they were of this one", [
    "include/log.lua",
    "tonumber(meta[4]) ~= LAYOUT or ",
    "",
  ]),
  mutant(
    "K7",
    "epoch-begun-for-a-stranger",
    "after a failover a caller with other partitions is not refused: they become the stored ones",
    [
      "include/log.lua",
      "    if tonumber(meta[4]) ~= LAYOUT or",
      "    local replication = redis.call('INFO', 'replication')\n    if not string.find(replication, 'master_replid:' .. meta[3], 1, true) then\n      return begin_epoch(replication, epoch)\n    end\n    if tonumber(meta[4]) ~= LAYOUT or",
    ],
  ),
  mutant("V1", "all-past-epochs", "every past epoch is remembered: replies grow with each failover", [
    "include/log.lua",
    "if #past > MOST_PAST then",
    "if false then",
  ]),
  mutant("V1", "first-epoch-forgotten", "of many past epochs the first is forgotten, which names their line", [
    "include/log.lua",
    "table.remove(past, 2)",
    "table.remove(past, 1)",
  ]),
];

const contents: readonly ScriptMutant[] = [
  mutant("K7", "members-for-lists", "a list within a pool may be an object, which no instance can read", [
    "include/lists.lua",
    "return count == #value and count <= most",
    "return count <= most",
  ]),
  mutant("K7", "braces-refused", "a pool whose name has braces is refused as an empty object", [
    "put_config.lua",
    "string.find(unquoted(ARGV[9]), '{%s*}')",
    "string.find(ARGV[9], '{%s*}')",
  ]),
  mutant(
    "K7",
    "quotes-end-texts",
    "an escaped quote ends a text, so that a pool whose name has one and braces is refused",
    ["put_config.lua", "  text = string.gsub(text, '\\\\.', '')\n", ""],
  ),
  mutant("K7", "last-control-character", "a text may hold U+001F as it is, which no reader of JSON takes", [
    "put_config.lua",
    "[%z\\1-\\31]",
    "[%z\\1-\\30]",
  ]),
  mutant("F1", "no-epoch-is-any-epoch", "a reader that knows no epoch gets the changes since the start of this one", [
    "changes_since.lua",
    "if ARGV[4] ~= epoch or",
    "if ARGV[4] ~= '' and ARGV[4] ~= epoch or",
  ]),
  mutant("K7", "same-by-its-length", "pools that take as many bytes as the stored ones are taken for them", [
    "put_config.lua",
    "  same = same and stored[field] == wanted[field]\n",
    "  same = same and (stored[field] == wanted[field] or field == 6 and stored[6] and #stored[6] == #wanted[6])\n",
  ]),
  mutant("H1", "metrics-in-fourteen-digits", "a metric is stored as Lua writes its number", [
    "include/heartbeat.lua",
    "metric(name, text)",
    "tostring(tonumber(metric(name, text)))",
  ]),
  mutant("O1", "acknowledged-by-version", "a loss is acknowledged by its version, whatever its order", [
    "ack_orphans.lua",
    "redis.call('ZRANGEBYSCORE', KEYS[3], order, order)",
    "redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '+inf')",
  ]),
  mutant(
    "J1",
    "counted-up",
    "a reserve counts up what is stored, instead of counting the jobs: a count that is wrong stays wrong",
    [
      "include/reserve.lua",
      "redis.call('HSET', KEYS[4], 'current_jobs', current_jobs, 'version', version())",
      "redis.call('HINCRBY', KEYS[4], 'current_jobs', 1)\nredis.call('HSET', KEYS[4], 'version', version())",
    ],
  ),
  mutant("J2", "room-by-the-count", "a node has room by the count that is stored, not by its jobs", [
    "include/reserve.lua",
    "local live = redis.call('ZCARD', KEYS[5])\n",
    "local live = tonumber(redis.call('HGET', KEYS[4], 'current_jobs'))\n",
  ]),
  mutant("V1", "no-record-no-removal", "a node whose record is gone is never removed: it stays due for ever", [
    "sweep.lua",
    "    else\n      remove(node, keys)",
    "    elseif record[1] then\n      remove(node, keys)",
  ]),
  mutant("V1", "lapses-without-a-record", "jobs of a node whose record is gone lapse, which leaves half a record", [
    "sweep.lua",
    "      if record[1] then\n        free_lapsed",
    "      if true then\n        free_lapsed",
  ]),
  mutant("K7", "unreadable-ids-named", "a page names members that are no ids: no reader gets past it", [
    "snapshot.lua",
    "bytes < max_bytes and is_id(each) then",
    "bytes < max_bytes then",
  ]),
  mutant(
    "K7",
    "unreadable-ids-end-the-page",
    "a page that an id without a reader has made short ends the list of nodes",
    ["snapshot.lua", "until #page < asked or #following == limit or bytes >= max_bytes", "until true"],
  ),
  mutant("F1", "quotes-in-lists", "a list is written without escaping quotes, so that a job's name breaks it", [
    "include/log.lua",
    "  return #list == 0 and '[]' or cjson.encode(list)",
    `  if #list == 0 then
    return '[]'
  end
  local all = {}
  for position, each in ipairs(list) do
    all[position] = string.gsub(each, '%c', function(found)
      return string.format('\\\\u%04x', string.byte(found))
    end)
  end
  return '["' .. table.concat(all, '","') .. '"]'`,
  ]),
  mutant("J5", "renewed-by-the-hundred", "of many jobs that a heartbeat names only the first hundred are looked at", [
    "include/heartbeat.lua",
    "unpack(ARGV, FIRST_RUNNING))",
    "unpack(ARGV, FIRST_RUNNING, math.min(#ARGV, FIRST_RUNNING + 99)))",
  ]),
];

const bounds: readonly ScriptMutant[] = [
  mutant(
    "J1",
    "completed-without-a-record",
    "a job that ends where the record is gone leaves half a record: our own mistake",
    ["include/complete.lua", "if counted then", "if true then"],
  ),
  mutant(
    "J1",
    "released-without-a-record",
    "a job given back where the record is gone leaves half a record: our own mistake",
    ["include/release.lua", "if is_recorded then", "if true then"],
  ),
  mutant("J1", "online-nodes-complete", "a job ends only on a node that is online", [
    "include/complete.lua",
    "redis.call('ZSCORE', KEYS[3], node)\n",
    "redis.call('ZSCORE', KEYS[3], node)\nif redis.call('HGET', KEYS[4], 'status') ~= 'online' then\n  return { 'unknown', version() }\nend\n",
  ]),
  mutant("F1", "changes-past-the-size", "a reply that has reached its size takes one change more", [
    "changes_since.lua",
    "return bytes < max_bytes",
    "return bytes <= max_bytes",
  ]),
  mutant("K7", "ids-past-the-size", "a page that has reached its size names one id more", [
    "snapshot.lua",
    "    if bytes < max_bytes and is_id",
    "    if bytes <= max_bytes and is_id",
  ]),
  mutant(
    "K7",
    "leases-before-expiry",
    "nodes with leases that are due are named before those that are due for expiry",
    ["sweep.lua", "ipairs({ KEYS[4], KEYS[5] }) do", "ipairs({ KEYS[5], KEYS[4] }) do"],
  ),
  mutant(
    "J3",
    "offline-before-forgotten",
    "a late reserve on a node that has left is refused for that alone, so that its caller tries again",
    [
      "include/reserve.lua",
      "if seen < finished - redis.call('ZCARD', KEYS[6]) then\n    return { 'finished_unknown', version(), whole_number(finished) }\n  end\n  if record[1] ~= 'online' then\n    return { 'not_online', version() }\n  end",
      "if record[1] ~= 'online' then\n    return { 'not_online', version() }\n  end\n  if seen < finished - redis.call('ZCARD', KEYS[6]) then\n    return { 'finished_unknown', version(), whole_number(finished) }\n  end",
    ],
  ),
  mutant(
    "J3",
    "full-before-forgotten",
    "a late reserve on a full node is refused for that alone, so that its caller tries again",
    [
      "include/reserve.lua",
      "if seen < finished - redis.call('ZCARD', KEYS[6]) then",
      "if record[1] == 'online' and redis.call('ZCARD', KEYS[5]) >= tonumber(record[2]) then\n  return { 'full', version() }\nend\nif seen < finished - redis.call('ZCARD', KEYS[6]) then",
    ],
  ),
  mutant("J1", "forgotten-an-instant-late", "a finished job is remembered for an instant longer than was asked for", [
    "include/complete.lua",
    "'-inf', whole_number(now - done_ms))",
    "'-inf', '(' .. whole_number(now - done_ms))",
  ]),
  mutant("N4", "gap-an-instant-early", "two sweeps that are as far apart as is allowed count as a gap", [
    "sweep.lua",
    "swept_at < now - gap_ms",
    "swept_at <= now - gap_ms",
  ]),
  mutant("V1", "expired-jobs-not-counted", "the jobs of nodes that expire do not count for the limit of a sweep", [
    "sweep.lua",
    "    jobs_left = jobs_left - #orphaned\n",
    "",
  ]),
];

export const edgeMutants: readonly ScriptMutant[] = [...texts, ...epochs, ...contents, ...bounds];
