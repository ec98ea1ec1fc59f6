/** Each reply that the protocol has: the call that may get it, as a server gives it, and as it has to be read. */
import type { Store } from "../../../scheduler/ports.ts";
import { callTimeout } from "../world.ts";
import type { Said } from "./scripted-redis.ts";

export interface KnownReply {
  readonly ask: (store: Store) => Promise<object>;
  readonly said: readonly Said[];
  readonly read: object;
}

const at = "ab:7";
const version = { epoch: "ab", sequence: 7 };
const largest = { epoch: "0123456789abcdef", sequence: 999_999_999_999_999 };
const de = { source: "de", target: "en" };
const lists = { pools: ["p"], languages: [de] };
const named = ['["p"]', '[["de","en"]]'] as const;
const where = { partition: 0, node: "n" };
const sender = { ...where, incarnation: "ab:1" };
const job = { ...where, job: "j" };
const unknown = { cpu: null, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };
const since = { partition: 0, since: { epoch: "ab", sequence: 0 }, limit: 10 };

/** The nodes whose records are asked for. */
export const askedFor: readonly string[] = ["n", "m"];

const asks = {
  register: (store: Store) =>
    store.registerNode(
      { ...where, ...lists, registration: "t", expected: "ab:0", max_jobs: 1, ttl: 9, services: [] },
      callTimeout,
    ),
  heartbeat: (store: Store) =>
    store.heartbeat(
      { ...sender, seq: 1, chunk: 0, ttl: 9, lease: 9, health_milli: 1, metrics: unknown, running: [] },
      callTimeout,
    ),
  offline: (store: Store) => store.offlineNode({ ...sender, retention: 9 }, callTimeout),
  reserve: (store: Store) => store.reserveJob({ ...job, lease: 9, seen: 0 }, callTimeout),
  complete: (store: Store) => store.completeJob({ ...job, doneFor: 9, doneMax: 9 }, callTimeout),
  release: (store: Store) => store.releaseJob(job, callTimeout),
  sweep: (store: Store) =>
    store.sweep(
      { partition: 0, retention: 9, limit: 9, jobLimit: 9, gap: 9, grace: 9, offset: 9, candidates: [] },
      callTimeout,
    ),
  changes: (store: Store) => store.changesSince(since, callTimeout),
  orphans: (store: Store) => store.readOrphans({ partition: 0, after: 3, limit: 9 }, callTimeout),
  acknowledge: (store: Store) => store.ackOrphans({ partition: 0, losses: [{ order: 4, version }] }, callTimeout),
  page: (store: Store) => store.snapshot({ partition: 0, nodes: askedFor, after: "m", limit: 9 }, callTimeout),
  putConfig: (store: Store) =>
    store.putConfig(
      {
        expected: null,
        content: { enabled: true, pool_count: 0, hash_seed: 0, fallback_scan_all_pools: false, pools: [] },
      },
      callTimeout,
    ),
  readConfig: (store: Store) => store.readConfig(callTimeout),
  checkConfig: (store: Store) => store.checkConfig(version, callTimeout),
};

function reply(ask: keyof typeof asks, said: readonly Said[], read: object): KnownReply {
  return { ask: asks[ask], said, read };
}

function words(ask: keyof typeof asks, kinds: readonly string[]): readonly KnownReply[] {
  return kinds.map((kind) => reply(ask, [kind, at], { kind, version }));
}

function entry(fields: readonly string[], change: object): KnownReply {
  return reply("changes", ["changes", at, [["7", ...fields]]], {
    ...{ kind: "changes", version, entries: [{ sequence: 7, change }] },
  });
}

const content = {
  incarnation: "ab:1",
  ...{ finished: 4, max_jobs: 3, health_milli: 900, pools: ["p"], languages: [de], services: ["s", "t"] },
};
const material = [
  ...["incarnation", "ab:1", "finished", "4", "max_jobs", "3", "health_milli", "900"],
  ...["pools", named[0], "languages", named[1], "services", '["s","t"]'],
];
const state = (status: string): readonly string[] => [
  ...material,
  "status",
  status,
  "version",
  "a:5",
  "current_jobs",
  "2",
];
const shown = (node: string, status: string): object => ({
  ...{ ...content, node, status, version: { epoch: "a", sequence: 5 }, current_jobs: 2 },
});

const nodeReplies: readonly KnownReply[] = [
  ...["registered", "already", "superseded"].map((kind) =>
    reply("register", [kind, at, "ab:1"], { kind, version, incarnation: "ab:1" }),
  ),
  reply("register", ["conflict", at, "ab:1"], { kind: "conflict", version, incarnation: "ab:1" }),
  reply("register", ["conflict", at, ""], { kind: "conflict", version, incarnation: null }),
  reply("heartbeat", ["renewed", at], { kind: "renewed", version, unknown_jobs: [] }),
  reply("heartbeat", ["renewed", at, "j", "k"], { kind: "renewed", version, unknown_jobs: ["j", "k"] }),
  ...words("heartbeat", ["already", "stale", "unknown_node", "not_online"]),
  reply("heartbeat", ["superseded", at, "ab:1"], { kind: "superseded", version, incarnation: "ab:1" }),
  reply("offline", ["offline", at, "j", "k"], { kind: "offline", version, orphaned: ["j", "k"] }),
  ...words("offline", ["already", "unknown_node"]),
  reply("offline", ["superseded", at, "ab:1"], { kind: "superseded", version, incarnation: "ab:1" }),
  ...words("reserve", ["reserved", "already", "full", "not_online", "finished"]),
  reply("reserve", ["reserved", `${largest.epoch}:${largest.sequence}`], { kind: "reserved", version: largest }),
  reply("reserve", ["finished_unknown", at, "12"], { kind: "finished_unknown", version, finished: 12 }),
  ...words("complete", ["completed", "unknown"]),
  ...words("release", ["completed", "unknown"]),
  reply("sweep", ["swept", at, ["n"], ["m"], [["o", "j", "k"]], [["q", "jobs:q: WRONGTYPE no"]], ["r"]], {
    ...{ kind: "swept", version, expired: ["n"], removed: ["m"], lapsed: [{ node: "o", jobs: ["j", "k"] }] },
    ...{ failed: [{ node: "q", message: "jobs:q: WRONGTYPE no" }], due: ["r"] },
  }),
];

const loss = { order: 4, version: { epoch: "a", sequence: 5 }, node: "n", because: "lapsed", jobs: ["j", "k"] };

/** The generation of the reply's epoch, and its past epochs. */
const placed: readonly Said[] = ["3", ["aa", "bb"]];
const succession = { generation: 3, past: ["aa", "bb"] };

const partitionReplies: readonly KnownReply[] = [
  reply("changes", ["resync", at, ...placed], { kind: "resync", version, succession }),
  reply("changes", ["resync", at, "1", []], { kind: "resync", version, succession: { generation: 1, past: [] } }),
  reply("orphans", ["orphans", at, []], { kind: "orphans", version, losses: [] }),
  reply("orphans", ["orphans", at, [["4", '["a:5","n","lapsed",["j","k"]]']]], {
    ...{ kind: "orphans", version, losses: [loss] },
  }),
  ...words("acknowledge", ["acknowledged"]),
  reply("changes", ["changes", at, []], { kind: "changes", version, entries: [] }),
  entry(["kind", "registered", "node", "n", ...material, "orphaned", '["j"]'], {
    ...{ kind: "registered", node: "n", ...content, orphaned: ["j"] },
  }),
  entry(["kind", "health", "node", "n", "health_milli", "5"], { kind: "health", node: "n", health_milli: 5 }),
  ...["offline", "expired"].map((kind) =>
    entry(["kind", kind, "node", "n", "orphaned", '["j"]'], { kind, node: "n", orphaned: ["j"] }),
  ),
  entry(["kind", "reserved", "node", "n", "job", "j", "current_jobs", "2", "lease_until_ms", "99"], {
    ...{ kind: "reserved", node: "n", job: "j", current_jobs: 2, lease_until_ms: 99 },
  }),
  entry(["kind", "completed", "node", "n", "job", "j", "current_jobs", "1", "finished", "5"], {
    ...{ kind: "completed", node: "n", job: "j", current_jobs: 1, finished: 5 },
  }),
  entry(["kind", "released", "node", "n", "job", "j", "current_jobs", "1"], {
    ...{ kind: "released", node: "n", job: "j", current_jobs: 1 },
  }),
  entry(["kind", "lapsed", "node", "n", "jobs", '["j"]', "current_jobs", "0"], {
    ...{ kind: "lapsed", node: "n", jobs: ["j"], current_jobs: 0 },
  }),
  entry(["kind", "removed", "node", "n"], { kind: "removed", node: "n" }),
  ...["online", "offline", "expired"].map((status) =>
    reply("page", ["page", at, [state(status), []], ["o", "q"], ...placed], {
      ...{ kind: "page", version, nodes: [shown("n", status), null], next: ["o", "q"], succession },
    }),
  ),
];

const pools = '[{"id":"p","name":"P","required_services":["s"],"language_pairs":[["de","en"]]}]';
const stored = [
  ...["version", "a:5", "enabled", "1", "pool_count", "1", "hash_seed", "4294967295"],
  ...["fallback_scan_all_pools", "0", "pools", pools],
];

const configurationReplies: readonly KnownReply[] = [
  ...["stored", "already", "conflict"].map((kind) =>
    reply("putConfig", [kind, at, "a:5"], { kind, version, config: { epoch: "a", sequence: 5 } }),
  ),
  reply("putConfig", ["conflict", at, ""], { kind: "conflict", version, config: null }),
  reply("readConfig", ["page", at, [[]], [], ...placed], { kind: "config", version, config: null, succession }),
  reply("readConfig", ["page", at, [stored], [], ...placed], {
    ...{ kind: "config", version, succession },
    config: {
      ...{ version: { epoch: "a", sequence: 5 }, enabled: true, pool_count: 1, hash_seed: 4_294_967_295 },
      fallback_scan_all_pools: false,
      pools: [{ id: "p", name: "P", required_services: ["s"], language_pairs: [de] }],
    },
  }),
  reply("checkConfig", ["changes", at], { kind: "unchanged", version }),
  reply("checkConfig", ["changes", "ab:8"], { kind: "changed", version: { epoch: "ab", sequence: 8 } }),
  reply("checkConfig", ["changes", "ac:7"], { kind: "changed", version: { epoch: "ac", sequence: 7 } }),
  reply("checkConfig", ["resync", at, ...placed], { kind: "changed", version }),
];

export const knownReplies: readonly KnownReply[] = [...nodeReplies, ...partitionReplies, ...configurationReplies];
