import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import type { ConfigContent, PoolConfig } from "../../src/protocol/configuration.ts";
import type { NodeState } from "../../src/protocol/node.ts";
import { PoolPlan } from "../../src/scheduler/selection/phase3.ts";
import { NodeIndex } from "../../src/scheduler/view/node-index.ts";
import { idle, incarnationOf, offer, startedOn, wanted } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import { english } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

function node(id: string, more: Partial<NodeState> = {}): NodeState {
  const version = { epoch: "e", sequence: 1 };
  const numbers = { max_jobs: 4, current_jobs: 0, finished: 0, health_milli: 900 };
  const lists = { pools: ["p"], languages: [english], services: [] };
  return { node: id, status: "online", incarnation: "e:1", version, ...numbers, ...lists, ...more };
}

const wish = { pool: "p", ...english, services: [] };
const byView = ({ current_jobs }: NodeState) => current_jobs;

/** How often each node comes first, of so many draws by instances with the same view. */
function firsts(nodes: readonly NodeState[], draws: number, jobsOf = byView): ReadonlyMap<string, number> {
  const index = new NodeIndex();
  for (const one of nodes) index.put(one);
  const counts = new Map(nodes.map(({ node: id }) => [id, 0]));
  for (let draw = 0; draw < draws; draw += 1) {
    const drawn: NodeState[] = [];
    index.bucketOf(wish)?.draw(drawn, 1, seededRandom(draw)("draw"), jobsOf);
    for (const { node: id } of drawn) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

describe("a draw", () => {
  it("takes the better of two that are drawn: the worst never, the best of k two times of k", () => {
    const healths = [950, 900, 850, 800, 750];
    const counts = firsts(
      healths.map((health_milli) => node(`${health_milli}`, { health_milli })),
      4_000,
    );
    for (const [place, health] of healths.entries()) {
      const expected = (4_000 * 2 * (healths.length - 1 - place)) / (healths.length * (healths.length - 1));
      expect(counts.get(`${health}`)).toBeGreaterThanOrEqual(expected * 0.9);
      expect(counts.get(`${health}`)).toBeLessThanOrEqual(expected * 1.1);
    }
  });

  it("of two nodes takes the better by health and load, whatever their capacities", () => {
    const both = (one: Partial<NodeState>, other: Partial<NodeState>, jobsOf = byView) =>
      [...firsts([node("one", one), node("other", other)], 40, jobsOf).values()].map((count) => count > 0);
    const [first, second, either] = [
      [true, false],
      [false, true],
      [true, true],
    ];
    expect(both({ health_milli: 960 }, { health_milli: 900 })).toEqual(first);
    expect(both({ health_milli: 960, current_jobs: 1 }, { health_milli: 900 })).toEqual(second);
    expect(both({ current_jobs: 1, max_jobs: 10 }, { current_jobs: 1, max_jobs: 9 })).toEqual(first);
    expect(both({ current_jobs: 1, max_jobs: 3 }, { current_jobs: 2, max_jobs: 6 })).toEqual(either);
    const own = ({ node: id, current_jobs }: NodeState) => current_jobs + (id === "one" ? 2 : 0);
    expect(both({}, { current_jobs: 1 }, own)).toEqual(second);
    expect(both({ max_jobs: 2 }, { health_milli: 0 }, own)).toEqual(second);
  });

  it("takes no node twice, and all that have room when so many are asked for", () => {
    const healths = fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(healths, fc.integer({ min: 1, max: 40 }), fc.nat(), (all, count, seed) => {
        const index = new NodeIndex();
        for (const [position, health_milli] of all.entries()) index.put(node(`n${position}`, { health_milli }));
        const random = seededRandom(seed)("draw");
        for (let turn = 0; turn < 3; turn++) {
          const drawn: NodeState[] = [];
          index.bucketOf(wish)?.draw(drawn, count, random, ({ node: id }) => (id === "n0" ? 4 : 0));
          expect(new Set(drawn).size).toBe(drawn.length);
          expect(drawn.length).toBe(Math.min(count, Math.max(0, all.length - 1)));
        }
      }),
    );
  });

  it("of twenty instances with the same view loads no node of k with more than 2/k of the jobs, however good it is", () => {
    const fleet = Array.from({ length: 50 }, (_, position) => node(`n${position}`, { health_milli: 900 + position }));
    const counts = firsts(fleet, 2_000);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(2_000 * (2 / 50) * 1.3);
    expect(counts.get("n0")).toBe(0);
  });
});

describe("the index", () => {
  it("makes no bucket for what no node has, and bounds those that it makes", () => {
    const maxBuckets = 50;
    const index = new NodeIndex(maxBuckets);
    index.put(node("a"));
    expect(index.bucketOf({ ...wish, pool: "q" })).toBeNull();
    expect(index.bucketOf({ ...wish, target: "fr" })).toBeNull();
    expect(index.buckets).toBe(0);
    const kept = index.bucketOf(wish);
    for (let turn = 0; turn < maxBuckets * 2; turn++) {
      index.bucketOf({ ...wish, services: [`s${turn}`] });
      index.bucketOf(wish);
    }
    expect(index.buckets).toBe(maxBuckets);
    expect(index.bucketOf(wish)).toBe(kept); // in use, so it stayed
    index.put(node("a", { current_jobs: 4 }));
    const drawn: NodeState[] = [];
    kept?.draw(drawn, 9, seededRandom(1)("draw"), byView);
    expect(drawn).toEqual([]);
  });
});

const pool = (id: string, more: Partial<PoolConfig> = {}): PoolConfig => ({
  id,
  name: id,
  required_services: ["s"],
  language_pairs: [],
  ...more,
});

function config(pools: readonly PoolConfig[], more: Partial<ConfigContent> = {}): ConfigContent {
  const rest = { enabled: true, hash_seed: 1, fallback_scan_all_pools: false };
  return { ...rest, pool_count: pools.length, pools, ...more };
}

const plan = (...args: Parameters<typeof config>) =>
  new PoolPlan({ version: { epoch: "e", sequence: 1 }, ...config(...args) });
const keys = Array.from({ length: 600 }, (_, index) => `session ${index}`);
const request = { ...english, services: [] };

describe("the choice of a pool", () => {
  const three = ["a", "b", "c"].map((id) => pool(id));

  it("is the same for a key, and deals keys evenly", () => {
    const chosen = keys.map((key) => plan(three).choose({ ...request, key }));
    expect(chosen).toEqual(keys.map((key) => plan([...three].reverse()).choose({ ...request, key })));
    for (const id of ["a", "b", "c"]) {
      const share = chosen.filter((each) => each === id).length;
      expect(share).toBeGreaterThan(150);
      expect(share).toBeLessThan(250);
    }
  });

  it("moves only the keys of a pool that goes, and deals anew under another seed", () => {
    const [before, after] = [plan(three), plan(three.slice(0, 2))];
    const [moved, kept] = [new Set<string | null>(), new Set<string | null>()];
    for (const key of keys) {
      const [was, is] = [before.choose({ ...request, key }), after.choose({ ...request, key })];
      (was === is ? kept : moved).add(was);
    }
    expect([...moved]).toEqual(["c"]);
    expect([...kept].sort()).toEqual(["a", "b"]);
    const reseeded = plan(three, { hash_seed: 2 });
    const elsewhere = keys.filter((key) => reseeded.choose({ ...request, key }) !== before.choose({ ...request, key }));
    expect(elsewhere.length).toBeGreaterThan(300);
  });

  it("is one that fits: it serves the pair, or lists none, and promises all services", () => {
    const french = [{ source: "en", target: "fr" }];
    const pools = [pool("fr", { language_pairs: french }), pool("de", { language_pairs: [english] }), pool("none")];
    const chosen = new Set(keys.map((key) => plan(pools).choose({ ...request, key })));
    expect([...chosen].sort()).toEqual(["de", "none"]);
    expect(plan(pools).choose({ ...request, services: ["s", "t"], key: "k" })).toBeNull();
  });

  it("falls back on all others, those that fit first, and only where the configuration says so", () => {
    const pools = [pool("x", { required_services: [] }), ...three];
    const asked = { ...request, services: ["s"], key: "k" };
    const chosen = plan(pools).choose(asked);
    expect(plan(pools).others(asked, chosen)).toEqual([]);
    const others = plan(pools, { fallback_scan_all_pools: true }).others(asked, chosen);
    expect([...others, chosen].sort()).toEqual(["a", "b", "c", "x"]);
    expect(others.at(-1)).toBe("x");
  });
});

describe("a selection without a pool", () => {
  async function world() {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 2);
    const writer = await startedOn(server);
    const reader = await startedOn(server, {}, 2);
    for (const id of ["a", "b"]) {
      await clock.until(writer.scheduler.registerNode(offer(id, { pools: [id], services: ["s"] })));
    }
    await clock.advance(3);
    const put = async (content: ConfigContent) => {
      const expected = writer.scheduler.config()?.version ?? null;
      const answer = await clock.until(writer.scheduler.putConfig(content, expected));
      await clock.advance(5);
      return answer;
    };
    return { clock, server, writer, reader, put };
  }
  const asked = { ...english, services: ["s"], count: 5 };
  const names = (nodes: readonly NodeState[]) => nodes.map(({ node: id }) => id).sort();

  it("looks at all nodes while there is no configuration, or it is not enabled", async () => {
    const { reader, put } = await world();
    expect(reader.scheduler.selectNodes(asked)).toMatchObject({ pools: [] });
    expect(names(reader.scheduler.selectNodes(asked).nodes)).toEqual(["a", "b"]);
    await put(config([pool("a")], { enabled: false }));
    expect(reader.scheduler.config()).toMatchObject({ enabled: false });
    expect(names(reader.scheduler.selectNodes(asked).nodes)).toEqual(["a", "b"]);
  });

  it("goes where the configuration says, as soon as another instance has put one", async () => {
    const { reader, put } = await world();
    expect(await put(config([pool("a")]))).toMatchObject({ kind: "stored" });
    expect(names(reader.scheduler.selectNodes(asked).nodes)).toEqual(["a"]);
    await put(config([pool("b")]));
    expect(reader.scheduler.selectNodes(asked)).toMatchObject({ pools: ["b"], nodes: [{ node: "b" }] });
    expect(reader.count("config_changed")).toBe(2);
  });

  it("fills up from the other pools where the chosen one has not enough, no node twice", async () => {
    const { clock, reader, writer, put } = await world();
    await clock.until(writer.scheduler.registerNode(offer("c", { pools: ["a", "b"], services: ["s"] })));
    await put(config([pool("a"), pool("b")], { fallback_scan_all_pools: true }));
    const selection = reader.scheduler.selectNodes(asked);
    expect(names(selection.nodes)).toEqual(["a", "b", "c"]);
    expect([...selection.pools].sort()).toEqual(["a", "b"]);
    expect(reader.scheduler.selectNodes({ ...asked, count: 1 }).pools).toHaveLength(1);
  });

  it("keeps a job's pool by the job, or by the key that is given", async () => {
    const { clock, writer, put } = await world();
    await put(config([pool("a"), pool("b")]));
    for (const key of ["k1", "k2", "k3"]) {
      const [first] = writer.scheduler.selectNodes({ ...asked, key }).nodes;
      const placed = await clock.until(writer.scheduler.dispatch({ ...english, services: [], job: key }));
      expect(placed).toMatchObject({ kind: "dispatched", node: first?.node });
      await clock.until(writer.scheduler.completeJob(first?.node ?? "", key));
    }
  });

  it("is not disturbed by a node in the pool that is full as far as this instance knows", async () => {
    const { clock, writer, put } = await world();
    await put(config([pool("a")]));
    for (const job of ["1", "2"]) await clock.until(writer.scheduler.dispatch({ ...english, services: [], job }));
    const incarnation = incarnationOf(writer.scheduler, "a");
    const beat = { node: "a", incarnation, seq: 1, metrics: idle, running: ["1", "2"] };
    await clock.until(writer.scheduler.heartbeat(beat));
    expect(writer.scheduler.selectNodes({ ...wanted, pool: "a" }).nodes).toEqual([]);
  });
});
