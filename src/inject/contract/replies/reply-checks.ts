/** Claims about replies: how each that the protocol has is read, what becomes of any other, and of a server that cannot be used. */

import { waitFor } from "../../../lab/process/wait.ts";
import type { PageReply } from "../../../protocol/replies.ts";
import type { RedisStore } from "../../../redis/store.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { type ContractWorld, callTimeout, endsWithin, reserve, wire } from "../world.ts";
import { askedFor, knownReplies } from "./known-replies.ts";
import { type Said, ScriptedRedis } from "./scripted-redis.ts";

async function storeOn(
  { keep, modules }: ContractWorld,
  { url }: ScriptedRedis,
  onRefused: (refusal: Error) => void = () => {},
): Promise<RedisStore> {
  const store = keep(modules.createRedisStore({ url, ...wire, silence: callTimeout, onRefused }));
  await store.connect();
  return store;
}

/** Cause, whether it was applied, and what it says: of a failure. */
function failureOf(answer: object): readonly unknown[] {
  const { applied, cause, message } = answer as Readonly<Record<string, unknown>>;
  return [cause, applied, message];
}

const fieldNames: ReadonlySet<unknown> = new Set([
  ...["kind", "node", "incarnation", "max_jobs", "health_milli", "pools", "languages", "services", "orphaned"],
  ...["status", "version", "current_jobs", "finished", "job", "jobs", "lease_until_ms"],
  ...["enabled", "pool_count", "hash_seed", "fallback_scan_all_pools"],
]);
const words: ReadonlySet<string> = new Set(["online", "registered", "health", "reserved", "completed", "lapsed"]);

/** Values that no script returns in place of a part of a reply. */
function inPlaceOf(part: Said): readonly Said[] {
  if (typeof part !== "string") return ["text"];
  if (part.startsWith("[")) return ["[", "text", "{}", "[1]", '["x",[2]]', '[["x"]]'];
  if (/^[0-9a-f]+:\d+$/u.test(part)) return [[]];
  if (/^\d+$/u.test(part)) return [[], "many", "1.5", "", "9".repeat(16)];
  return words.has(part) ? [[], "nonsense"] : [[]];
}

/** The reply with one part spoilt, one field less, or a field without a value; what is text may be any text. Lists within it may have fields. */
function spoilt(reply: readonly Said[], isWithin = false): readonly Said[] {
  const isField = (part: Said): boolean => isWithin && fieldNames.has(part);
  const odd = reply.some(isField) ? [[...reply, "odd"]] : [];
  const changed = reply.flatMap((part, index) => {
    const others = (...parts: readonly Said[]): Said => [...reply.slice(0, index), ...parts, ...reply.slice(index + 1)];
    const shorter = isField(part) ? [1, 2].map((by) => [...reply.slice(0, index), ...reply.slice(index + by)]) : [];
    const within = isList(part) ? spoilt(part, true).map((each) => others(each)) : [];
    return [...inPlaceOf(part).map((each) => others(each)), ...shorter, ...within];
  });
  return [...odd, ...changed];
}

function isList(part: Said): part is readonly Said[] {
  return Array.isArray(part);
}

/** It is asked for two records. */
const pageIndex = knownReplies.findIndex(({ said: [kind] }) => kind === "page");

/** Replies whose error is neither a part of a wrong type nor a missing field. */
const otherReplies: readonly (readonly [index: number, said: Said])[] = [
  ...knownReplies.flatMap(({ said }, index) => [
    [index, "OK"] as const,
    [index, []] as const,
    [index, [...said.slice(0, 1), "ab", ...said.slice(2)]] as const,
    [index, [...said.slice(0, 1), "xyz:1", ...said.slice(2)]] as const,
    [index, ["nonsense", ...said.slice(1)]] as const,
  ]),
  // Fewer than were asked for are a page that was cut short, and then no ids follow.
  [pageIndex, ["page", "ab:7", [[]], ["o"], "1", []]],
  [pageIndex, ["page", "ab:7", [[], [], []], [], "1", []]],
];

const errors: readonly (readonly [message: string, cause: string, applied: string])[] = [
  ["LPARG heartbeat cpu: found NaN, allowed a decimal", "invalid", "no"],
  ["READONLY You can't write against a read only replica.", "readonly", "no"],
  ["MASTERDOWN Link with MASTER is down", "readonly", "no"],
  ["NOREPLICAS Not enough good replicas to write.", "readonly", "no"],
  ["MISCONF Redis is configured to save RDB snapshots", "readonly", "no"],
  ["LOADING Redis is loading the dataset in memory", "loading", "no"],
  ["BUSY Redis is busy running a script.", "busy", "no"],
  ["UNKILLABLE Sorry the script already executed write commands", "busy", "no"],
  ["OOM command not allowed when used memory > 'maxmemory'.", "out_of_memory", "no"],
  ["NOPERM this user has no permissions to run the 'evalsha' command", "denied", "no"],
  ["NOAUTH Authentication required.", "denied", "no"],
  ["WRONGPASS invalid username-password pair", "denied", "no"],
  ["WRONGTYPE Operation against a key holding the wrong kind of value", "wrong_type", "no"],
  ["MOVED 1 127.0.0.1:1", "moved", "no"],
  ["ASK 1 127.0.0.1:1", "moved", "no"],
  ["CLUSTERDOWN Hash slot not served", "moved", "no"],
  ["TRYAGAIN Multiple keys request during rehashing of slot", "moved", "no"],
  ["ERR The user executing the script can't run this command or subcommand", "denied", "unknown"],
  ["ERR ACL failure in script: NOPERM", "denied", "unknown"],
  ["ERR something new about READONLY", "protocol", "unknown"],
  ["ERR something new about NOSCRIPT", "protocol", "unknown"],
  ["Too many Cluster redirections. Last error: Error: Connection is closed.", "protocol", "unknown"],
  ["ERR Too many: ACL failure in script", "protocol", "unknown"],
];

const unfit: readonly (readonly [what: string, Partial<Pick<ScriptedRedis, "info" | "lacking" | "said">>, object])[] = [
  [
    "a user without rights",
    { lacking: ["evalsha", "hset"] },
    {
      failure: ["denied", "no", "the Redis user lacks +evalsha +hset: see docs/acl.md"],
      ...{ refused: ["AccessError"], lacking: ["+evalsha", "+hset"], sent: 0 },
    },
  ],
  [
    "a user who may not ask for its rights",
    { lacking: { error: "NOPERM no permissions" } },
    {
      failure: ["denied", "no", "Redis refuses the user: NOPERM no permissions; see docs/acl.md"],
      ...{ refused: ["AccessError"], lacking: [], sent: 0 },
    },
  ],
  [
    "a server of a Cluster",
    { info: "# Cluster\r\ncluster_enabled:1\r\n" },
    {
      failure: [
        "moved",
        "no",
        "redis: found a server with cluster-enabled, allowed a single server; declare it as a Cluster: redis: {cluster: [{host, port}]}",
      ],
      ...{ refused: ["TopologyError"], lacking: undefined, sent: 0 },
    },
  ],
  [
    "another layout",
    { said: ["layout_mismatch", "ab:1", "2", "4"] },
    {
      failure: [
        "layout_mismatch",
        "no",
        "the store has layout 2 with 4 partitions; this instance was set up with another; use the stored number, or another key prefix",
      ],
      ...{ refused: [], lacking: undefined, sent: 0 },
    },
  ],
  [
    "a user who may not ask for the server's kind",
    { info: { error: "NOPERM no permissions" } },
    { failure: ["busy", "no", "BUSY now"], refused: [], lacking: undefined, sent: 1 },
  ],
  [
    "a server that is not ready to answer",
    { lacking: { error: "LOADING now" } },
    { failure: ["busy", "no", "BUSY now"], refused: [], lacking: undefined, sent: 1 },
  ],
];

/** A page without its records. */
function besideRecord(said: Said | undefined): string {
  return Array.isArray(said) ? JSON.stringify(said.map((part: unknown, index) => (index === 2 ? null : part))) : "";
}

function isPage(answer: unknown): answer is PageReply {
  return isOf(answer, "page");
}

/** The nodes of a page without those that are named unreadable, of which there is at least one. */
function readBeside(unreadable: readonly { readonly node: string }[], read: object | undefined): object | null {
  const named = new Set(unreadable.map(({ node }) => node));
  const { nodes } = { nodes: [], ...read } as Pick<PageReply, "nodes">;
  return named.size === 0 ? null : nodes.map((node, index) => (named.has(askedFor[index] ?? "") ? null : node));
}

function isOf(answer: unknown, kind: string): boolean {
  return typeof answer === "object" && answer !== null && "kind" in answer && answer.kind === kind;
}

export const replyChecks: readonly ContractCheck[] = [
  {
    id: "replies",
    property: "K7",
    claim: "each reply is read as the protocol says, and one that no script gives is an error, never a guess",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      for (const { ask, read, said } of knownReplies) {
        redis.said = said;
        compare.same(`the reply ${JSON.stringify(said)}`, await ask(store), read);
      }
      const wrong = [
        ...knownReplies.flatMap(({ said }, index) => spoilt(said).map((each) => [index, each] as const)),
        ...otherReplies,
      ];
      for (const [index, said] of wrong) {
        redis.said = said;
        const known = knownReplies[index];
        const answer = await known?.ask(store);
        // Another program may have written the record of a configuration: it is named malformed, and nothing fails.
        const isOfRecord = besideRecord(said) === besideRecord(known?.said);
        if (isOf(answer, "malformed") && isOfRecord) continue;
        // Or that of a node: it is named unreadable, and the other one is read.
        if (isOfRecord && isPage(answer) && answer.unreadable !== undefined) {
          compare.same(`the reply ${JSON.stringify(said)}`, answer.nodes, readBeside(answer.unreadable, known?.read));
          continue;
        }
        const [cause, applied] = failureOf(answer ?? {});
        compare.same(`the reply ${JSON.stringify(said)}`, [cause, applied], ["protocol", "unknown"]);
      }
      return compare.found;
    },
  },
  {
    id: "error-replies",
    property: "L1",
    claim:
      "an error is reported with its cause, and as not executed only where nothing has run; a script that is not known is sent, and no other call again",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      for (const [message, cause, applied] of errors) {
        redis.said = { error: message };
        redis.asked.length = 0;
        compare.same(message, failureOf(await reserve(store, "j")), [cause, applied, message]);
        compare.same(`${message}: how often it was sent`, redis.asked.length, 1);
      }
      redis.knows = false;
      redis.said = ["reserved", "ab:1"];
      redis.asked.length = 0;
      compare.same("a script that is not known", (await reserve(store, "j")).kind, "reserved");
      const [first = [], second = [], ...more] = redis.asked;
      compare.same("how it was sent", [first[0], second[0], more.length], ["evalsha", "eval", 0]);
      compare.same("what was sent again", second.slice(2), first.slice(2));
      compare.same("the script", second[1]?.startsWith("--[[ reserve_job"), true);
      redis.silentTo = "eval";
      redis.heard.length = 0;
      const doubtful = reserve(store, "j");
      await waitFor(() => (redis.heard.at(-1) === "eval" ? true : undefined), endsWithin);
      redis.cut();
      compare.same("cut off while it is sent", failureOf(await doubtful).slice(0, 2), ["disconnected", "unknown"]);
      return compare.found;
    },
  },
  {
    id: "unfit-server",
    property: "K7",
    claim: "a server that cannot be used as declared is refused with the reason, before anything is sent to it",
    async run(world) {
      const compare = new Comparisons();
      for (const [what, says, allowed] of unfit) {
        await using redis = await ScriptedRedis.open();
        Object.assign(redis, says);
        const refusals: Error[] = [];
        const store = await storeOn(world, redis, (refusal) => refusals.push(refusal));
        redis.asked.length = 0;
        redis.said = { error: "BUSY now" };
        const failure = failureOf(await reserve(store, "j"));
        const [refusal] = refusals as readonly (Error & { readonly lacking?: readonly string[] })[];
        compare.same(
          what,
          { failure, refused: refusals.map(({ name }) => name), lacking: refusal?.lacking, sent: redis.asked.length },
          allowed,
        );
        await store.close();
        compare.same(`${what}, closed`, failureOf(await reserve(store, "j")), [
          "closed",
          "no",
          "the store has been closed",
        ]);
      }
      return compare.found;
    },
  },
];
