// cspell:ignore resetstat usec
/**
 * Claims about how long one call holds the server, by the server's own count, which a busy machine disturbs least: the shortest of several calls counts.
 * The sizes are those that docs/protocol.md allows, or the documented default of the setting that bounds them.
 */
import { documentedSettings } from "../../../check/documented-settings.ts";
import type { Millis } from "../../../check/history.ts";
import type { RedisServer } from "../../../lab/servers/redis.ts";
import type { RedisStore } from "../../../redis/store.ts";
import { isFailure } from "../../../scheduler/ports.ts";
import { type ContractCheck, type Found, found } from "../check.ts";
import { callTimeout, inWords } from "../world.ts";

const { changesLimit, doneMax, snapshotPage, sweepLimit } = documentedSettings;

/** docs/protocol.md, section 1, `heartbeat` and section 9. */
const most = { pools: 64, languages: 512, services: 64, named: 500, jobs: 1_000, group: 32 } as const;
/** docs/protocol.md, section 9. */
const allowed: Millis = 2;
/** An instance asks for no more at once. */
const maxBytes = 65_536;
/** Calls of each kind at most: other load of the machine makes some of them longer. */
const times = 15;
/** How far apart the paces of a call and of the fixed work may be by chance: memory that others use slows a call that touches much of it. */
const apart = 1.2;

/** The time of `fixedWork` on a quiet machine with all calls within their bound: two threads of one core at 2 GHz. */
const fixedWorkTakes: Millis = 1.8;
const fixedWork = `for at = 1, 500 do
  redis.call('ZADD', KEYS[1], at, 'member ' .. at)
  redis.call('ZSCORE', KEYS[1], 'member ' .. at)
end
return redis.call('UNLINK', KEYS[1])`;

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);
const memberships = {
  pools: numbered(most.pools, "p"),
  languages: numbered(most.languages, "l").map((source) => ({ source, target: "en" })),
};
const metrics = { cpu: 0.1, gpu: 0.2, memory: 0.3, load: 0.4, latency_ms: 5, error_rate: 0 };
const day: Millis = 86_400_000;
const jobs = numbered(most.jobs, "j");

type Answered = Awaited<
  ReturnType<
    RedisStore[
      | ("registerNode" | "heartbeat" | "changesSince" | "snapshot" | "offlineNode" | "sweep")
      | ("reserveJob" | "completeJob")]
  >
>;

/** One kind of call at its largest. */
interface Largest {
  readonly name: string;
  /** Makes the call possible once more, and returns it. */
  readonly prepared: (index: number) => Promise<() => Promise<Answered>>;
}

async function incarnationOf(store: RedisStore, node: string): Promise<string | null> {
  const page = await store.snapshot({ partition: 0, nodes: [node], after: "", limit: 0 }, callTimeout);
  return isFailure(page) ? null : (page.nodes[0]?.incarnation ?? null);
}

const offered = { ...memberships, services: numbered(most.services, "s") };

function register(store: RedisStore, node: string, index: number, expected: string | null): Promise<Answered> {
  const asked = { partition: 0, node, registration: `token ${index}`, expected, max_jobs: most.jobs, ttl: day };
  return store.registerNode({ ...asked, ...offered }, callTimeout);
}

/** @returns its incarnation, with all jobs */
async function busy(store: RedisStore, node: string, index: number): Promise<string> {
  const answer = await register(store, node, index, await incarnationOf(store, node));
  if (isFailure(answer) || answer.kind !== "registered")
    throw new Error(`the check could not begin: register_node answered ${inWords(answer)}`);
  for (let at = 0; at < jobs.length; at += 100) {
    const some = jobs.slice(at, at + 100);
    await Promise.all(
      some.map((job) => store.reserveJob({ partition: 0, node, job, lease: day / 2, seen: 0 }, callTimeout)),
    );
  }
  return answer.incarnation;
}

const nodeCalls = (store: RedisStore): readonly Largest[] => [
  {
    name: `register_node with ${most.pools} pools, ${most.languages} languages and ${most.services} services`,
    async prepared(index) {
      const expected = await incarnationOf(store, "moving");
      return () => register(store, "moving", index, expected);
    },
  },
  {
    name: `heartbeat that renews ${most.named} of ${most.jobs} jobs`,
    async prepared(index) {
      const incarnation = await busy(store, "busy", index);
      const beat = {
        partition: 0,
        node: "busy",
        incarnation,
        seq: 1,
        chunk: 0,
        ttl: day,
        lease: day,
        health_milli: 900,
      };
      return () => store.heartbeat({ ...beat, metrics, running: jobs.slice(0, most.named) }, callTimeout);
    },
  },
  {
    name: `offline_node with ${most.jobs} jobs, ${most.pools} pools and ${most.languages} languages`,
    async prepared(index) {
      const incarnation = await busy(store, "leaving", index);
      return () => store.offlineNode({ partition: 0, node: "leaving", incarnation, retention: day }, callTimeout);
    },
  },
];

const beating = numbered(most.group, "b");

/** Calls for as many nodes as a group has items. */
const groups = (store: RedisStore): readonly Largest[] => {
  const incarnations: string[] = [];
  const inTurn = async (kind: string, call: (node: string, index: number) => Promise<Answered>): Promise<Answered> => {
    const answers = await Promise.all(beating.map(call));
    const other = answers.find((answer) => answer.kind !== kind);
    if (other !== undefined) throw new Error(`the check could not be made: not ${kind}: ${inWords(other)}`);
    return answers[0] as Answered;
  };
  const place = (node: string, index: number) => ({ partition: 0, node, job: `g${index}` });
  return [
    {
      name: `group of ${most.group} heartbeats`,
      async prepared(index) {
        if (index === 0)
          for (const node of beating) {
            const answer = await register(store, node, 0, null);
            if ("incarnation" in answer && answer.incarnation !== null) incarnations.push(answer.incarnation);
          }
        const beat = { partition: 0, seq: index, chunk: 0, ttl: day, lease: day, metrics, running: [] };
        const health_milli = index % 2 === 0 ? 900 : 100;
        return () =>
          inTurn("renewed", (node, at) =>
            store.heartbeat({ ...beat, health_milli, node, incarnation: incarnations[at] ?? "" }, callTimeout),
          );
      },
    },
    {
      name: `group of ${most.group} reserves`,
      async prepared(index) {
        return () =>
          inTurn("reserved", (node) => store.reserveJob({ ...place(node, index), lease: day, seen: 0 }, callTimeout));
      },
    },
    {
      name: `group of ${most.group} completed jobs`,
      async prepared(index) {
        const taken = times + index; // another job than those of the reserves
        await inTurn("reserved", (node) =>
          store.reserveJob({ ...place(node, taken), lease: day, seen: 999_999 }, callTimeout),
        );
        return () =>
          inTurn("completed", (node) =>
            store.completeJob({ ...place(node, taken), doneFor: day, doneMax }, callTimeout),
          );
      },
    },
  ];
};

const swept = numbered(sweepLimit, "swept");
/** As many as an instance lets a sweep take. */
const sweptJobs = 10 * sweepLimit;
const jobsEach = sweptJobs / sweepLimit;
let registrations = 0;
/** Each registration needs one of its own. */
function token(): string {
  registrations += 1;
  return `due ${registrations}`;
}

/** As many nodes as a sweep takes, with jobs whose leases are over at once. */
async function due(store: RedisStore, index: number, ttl: Millis): Promise<void> {
  for (const node of swept) {
    const expected = await incarnationOf(store, node);
    const asked = {
      partition: 0,
      node,
      registration: token(),
      expected,
      max_jobs: most.jobs,
      ttl,
    };
    await store.registerNode({ ...asked, ...offered }, callTimeout);
    for (const job of jobs.slice(0, jobsEach)) {
      const place = { partition: 0, node, job: `${job} ${index}` };
      await store.reserveJob({ ...place, lease: 1, seen: 0 }, callTimeout);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}

function sweep(store: RedisStore, retention: Millis, jobLimit: number = sweptJobs): Promise<Answered> {
  const request = { partition: 0, retention, limit: sweepLimit, jobLimit, gap: day, grace: 0, offset: 0 };
  return store.sweep({ ...request, candidates: swept }, callTimeout);
}

const finished = `for order = 1, ${doneMax} do redis.call('ZADD', KEYS[1], order, 'finished ' .. order) end`;

const sweeps = (store: RedisStore, redis: RedisServer): readonly Largest[] => [
  {
    name: `sweep that frees ${sweptJobs} places of ${sweepLimit} nodes`,
    async prepared(index) {
      await due(store, index, day);
      return () => sweep(store, day);
    },
  },
  {
    name: `sweep that expires ${sweepLimit} nodes with ${sweptJobs} jobs`,
    async prepared(index) {
      await due(store, index, 1);
      return () => sweep(store, day);
    },
  },
  {
    name: `sweep that removes ${sweepLimit} nodes with ${doneMax} finished jobs each`,
    async prepared(index) {
      await due(store, index, 1);
      await sweep(store, 1);
      for (const node of swept) await redis.ask("EVAL", finished, "1", `lp:{p0}:done:${node}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return () => sweep(store, 1);
    },
  },
];

const nodes = numbered(snapshotPage, "n");

const reads = (store: RedisStore): readonly Largest[] => [
  {
    name: `changes_since of ${changesLimit} changes`,
    async prepared() {
      const found = await store.changesSince(
        { partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 },
        callTimeout,
      );
      const epoch = "version" in found ? found.version.epoch : "";
      return () =>
        store.changesSince({ partition: 0, since: { epoch, sequence: 0 }, limit: changesLimit, maxBytes }, callTimeout);
    },
  },
  {
    name: `snapshot of ${snapshotPage} nodes with ${most.pools} pools and ${most.languages} languages each`,
    async prepared(index) {
      if (index === 0) for (const node of nodes) await register(store, node, 0, null);
      return () => store.snapshot({ partition: 0, nodes, after: "", limit: snapshotPage, maxBytes }, callTimeout);
    },
  },
];

/** How long the server ran scripts during the call, by its own count, ms. */
async function heldBy(redis: RedisServer, call: () => Promise<unknown>): Promise<Millis> {
  await redis.execute("CONFIG", "RESETSTAT");
  await call();
  const statistics = await redis.ask("INFO", "commandstats");
  const [, microseconds] = /cmdstat_eval(?:sha)?:calls=1,usec=(\d+)/u.exec(statistics) ?? [];
  if (microseconds === undefined) throw new Error(`the server does not say how long one call took: ${statistics}`);
  return Number(microseconds) / 1_000;
}

async function answered(call: () => Promise<Answered>): Promise<void> {
  const answer = await call();
  if (isFailure(answer)) throw new Error(`the check could not be made: ${inWords(answer)}`);
  if (answer.kind === "swept" && answer.expired.length + answer.removed.length + answer.lapsed.length < sweepLimit)
    throw new Error(`the check could not be made: not all were swept: ${inWords(answer)}`);
}

/** The quickest of several calls of one kind, and of the script of fixed work between them, ms. */
interface Quickest {
  readonly call: Millis;
  readonly fixedWork: Millis;
}

async function quickestOf(redis: RedisServer, { prepared }: Largest): Promise<Quickest> {
  let [call, work] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let index = 0; index < times && call > allowed; index += 1) {
    const next = await prepared(index);
    call = Math.min(call, await heldBy(redis, () => answered(next)));
    if (call > allowed) work = Math.min(work, await heldBy(redis, () => redis.ask("EVAL", fixedWork, "1", "lp:fixed")));
  }
  return { call, fixedWork: work };
}

/** A call over the bound is open as far as the server ran the fixed work slower, too, or missed it by little. Null: it is within the bound. */
export function judgedHold(name: string, { call, fixedWork }: Quickest): Omit<Found, "exercised"> | null {
  if (call <= allowed) return null;
  const slower = Math.max(1, fixedWork / fixedWorkTakes);
  const explanation = `${name} held the server for ${call.toFixed(1)} ms, allowed ${allowed} ms`;
  if (call / slower > allowed * apart) return { violations: [[explanation]] };
  const pace = `the server ran a script of fixed work ${slower.toFixed(1)} times slower than a quiet machine does`;
  return { violations: [], open: `${explanation}; ${pace}: run it with less beside it, or on a faster machine` };
}

export const serverTimeChecks: readonly ContractCheck[] = [
  {
    id: "time-on-the-server",
    property: "K5",
    claim: "no call holds the server for longer than 2 ms, at the documented sizes",
    isAlone: true,
    async run(world) {
      const store = await world.store();
      const all = [...nodeCalls(store), ...groups(store), ...sweeps(store, world.redis), ...reads(store)];
      const open: string[] = [];
      for (const largest of all) {
        const judged = judgedHold(largest.name, await quickestOf(world.redis, largest));
        if (judged?.open !== undefined) open.push(judged.open);
        else if (judged !== null) return { exercised: 1, ...judged };
      }
      return { ...found(all.length - open.length), ...(open.length > 0 && { open: open.join("; ") }) };
    },
  },
];
