/** A claim about requests: each call is written with the keys and arguments that the protocol names, in their order. */
import type { Store } from "../../../scheduler/ports.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout as timeout, wire } from "../world.ts";
import { ScriptedRedis } from "./scripted-redis.ts";

interface Written {
  readonly script: string;
  readonly ask: (store: Store) => Promise<object>;
  readonly keys: readonly string[];
  /** After those that all calls have. */
  readonly args: readonly string[];
}

const partition = 0;
const node = "n";
const of = { partition, node };
const sender = { ...of, incarnation: "ab:1" };
const job = { ...of, job: "j" };
const since = { epoch: "ab", sequence: 12 };
const lists = { pools: ["p", "q"], languages: [{ source: "de", target: "en" }], services: ["s", "t"] };
const metrics = { cpu: 0.1, gpu: 0.2, memory: 0.3, load: 0.4, latency_ms: 5, error_rate: null };
const config = { enabled: true, pool_count: 3, hash_seed: 4, fallback_scan_all_pools: false };
const pool = { id: "p", name: "P", required_services: ["s"], language_pairs: lists.languages };
const most = "1048576";

const nodeRequests: readonly Written[] = [
  {
    script: "register_node",
    ask: (store) =>
      store.registerNode({ ...of, ...lists, registration: "r", expected: "ab:0", max_jobs: 6, ttl: 7 }, timeout),
    keys: ["nodes", "expiry", "leases", "node:n", "jobs:n", "orphans"],
    args: ["n", "r", "ab:0", "6", "7", '["p","q"]', '[["de","en"]]', '["s","t"]'],
  },
  {
    script: "heartbeat",
    ask: (store) => {
      const numbers = { seq: 1, chunk: 2, ttl: 3, lease: 4, health_milli: 5 };
      return store.heartbeat({ ...sender, ...numbers, metrics, running: ["j", "k"] }, timeout);
    },
    keys: ["expiry", "leases", "node:n", "jobs:n"],
    args: ["n", "ab:1", "1", "2", "3", "4", "5", "0.1", "0.2", "0.3", "0.4", "5", "", "j", "k"],
  },
  {
    script: "offline_node",
    ask: (store) => store.offlineNode({ ...sender, retention: 6 }, timeout),
    keys: ["expiry", "leases", "node:n", "jobs:n", "orphans"],
    args: ["n", "ab:1", "6"],
  },
  {
    script: "reserve_job",
    ask: (store) => store.reserveJob({ ...job, lease: 6, seen: 7 }, timeout),
    keys: ["leases", "node:n", "jobs:n", "done:n"],
    args: ["n", "j", "6", "7"],
  },
  {
    script: "complete_job",
    ask: (store) => store.completeJob({ ...job, doneFor: 6, doneMax: 7 }, timeout),
    keys: ["leases", "node:n", "jobs:n", "done:n"],
    args: ["n", "j", "6", "7"],
  },
  {
    script: "release_job",
    ask: (store) => store.releaseJob(job, timeout),
    keys: ["leases", "node:n", "jobs:n"],
    args: ["n", "j"],
  },
  {
    script: "sweep",
    ask: (store) => {
      const numbers = { retention: 6, limit: 7, jobLimit: 8, gap: 9, grace: 10, offset: 11 };
      return store.sweep({ partition, ...numbers, candidates: ["n", "m"] }, timeout);
    },
    keys: [
      "nodes",
      "expiry",
      "leases",
      "orphans",
      ...["n", "m"].flatMap((id) => [`node:${id}`, `jobs:${id}`, `done:${id}`]),
    ],
    args: ["6", "7", "8", "9", "10", "11", "n", "m"],
  },
];

const followerRequests: readonly Written[] = [
  {
    script: "changes_since",
    ask: (store) => store.changesSince({ partition, since, limit: 6, maxBytes: 7 }, timeout),
    keys: [],
    args: ["ab", "12", "6", "7"],
  },
  {
    script: "changes_since",
    ask: (store) => store.changesSince({ partition, since, limit: 6 }, timeout),
    keys: [],
    args: ["ab", "12", "6", most],
  },
  {
    script: "snapshot",
    ask: (store) => store.snapshot({ partition, nodes: ["n", "m"], after: "k", limit: 6, maxBytes: 7 }, timeout),
    keys: ["nodes", "node:n", "node:m"],
    args: ["k", "6", "7"],
  },
  {
    script: "snapshot",
    ask: (store) => store.snapshot({ partition, nodes: [], after: "k", limit: 6 }, timeout),
    keys: ["nodes"],
    args: ["k", "6", most],
  },
  {
    script: "read_orphans",
    ask: (store) => store.readOrphans({ partition, after: 6, limit: 7 }, timeout),
    keys: ["orphans"],
    args: ["6", "7"],
  },
  {
    script: "ack_orphans",
    ask: (store) => store.ackOrphans({ partition, losses: [{ order: 6, version: since }] }, timeout),
    keys: ["orphans"],
    args: ['[[6,"ab:12"]]'],
  },
];

const configurationRequests: readonly Written[] = [
  {
    script: "put_config",
    ask: (store) => store.putConfig({ expected: since, content: { ...config, pools: [pool] } }, timeout),
    keys: ["phase3"],
    args: [
      ...["ab:12", "1", "3", "4", "0"],
      '[{"id":"p","name":"P","required_services":["s"],"language_pairs":[["de","en"]]}]',
    ],
  },
  {
    script: "put_config",
    ask: (store) => {
      const content = { ...config, enabled: false, fallback_scan_all_pools: true, pools: [] };
      return store.putConfig({ expected: null, content }, timeout);
    },
    keys: ["phase3"],
    args: ["", "0", "3", "4", "1", "[]"],
  },
  { script: "snapshot", ask: (store) => store.readConfig(timeout), keys: ["nodes", "phase3"], args: ["", "0", most] },
  {
    script: "changes_since",
    ask: (store) => store.checkConfig(since, timeout),
    keys: [],
    args: ["ab", "12", "0", most],
  },
];

export const requestChecks: readonly ContractCheck[] = [
  {
    id: "requests",
    property: "K7",
    claim:
      "each call is sent with the keys and arguments of the protocol, in their order, and with the limits that were given",
    async run({ keep, modules }) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const scripts = modules.loadScripts();
      const store = keep(modules.createRedisStore({ url: redis.url, ...wire, silence: timeout, scripts }));
      await store.connect();
      const parts = { "{p0}": [...nodeRequests, ...followerRequests], "{cfg}": configurationRequests };
      for (const [tag, requests] of Object.entries(parts)) {
        for (const { args, ask, keys, script } of requests) {
          await ask(store);
          const { sha } = scripts.scripts[script as keyof typeof scripts.scripts];
          const named = ["meta", "feed", ...keys].map((key) => `${wire.prefix}${tag}:${key}`);
          const kept = script === "put_config" || keys.includes("phase3") ? 16 : wire.feedMax;
          const common = ["", String(wire.partitions), String(kept)];
          const allowed = ["evalsha", sha, String(named.length), ...named, ...common, ...args];
          const sent = redis.asked.at(-1) ?? [];
          compare.same(`${script} for ${tag}`, [sent[0]?.toLowerCase(), ...sent.slice(1)], allowed);
        }
      }
      return compare.found;
    },
  },
];
