import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import type { FeedChange } from "../../src/protocol/feed.ts";
import type { NodeState } from "../../src/protocol/node.ts";
import { InvariantError } from "../../src/scheduler/invariant.ts";
import { Caches } from "../../src/scheduler/reading/caches.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import { Epochs, rememberedEpochs } from "../../src/scheduler/view/epochs.ts";
import { type BucketKey, NodeIndex } from "../../src/scheduler/view/node-index.ts";
import { View } from "../../src/scheduler/view/view.ts";
import { toFeedEntry } from "../../src/simulate/servers/protocol-values.ts";
import { ModelServer } from "./support/model-server.ts";
import { english } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

const epoch = "e1";
const at = (sequence: number) => ({ epoch, sequence });

function record(node: string, more: Partial<NodeState> = {}): NodeState {
  const lists = { pools: ["p"], languages: [english], services: [] };
  const numbers = { max_jobs: 2, current_jobs: 0, finished: 0, health_milli: 500 };
  return { node, status: "online", incarnation: "e1:1", version: at(1), ...numbers, ...lists, ...more };
}

const reserved = (node: string, current_jobs: number): FeedChange => ({
  kind: "reserved",
  node,
  job: "j",
  current_jobs,
  lease_until_ms: 0,
});

describe("a view", () => {
  it("applies the next entry only", () => {
    const view = new View(at(5), 5, [record("a")]);
    expect(view.apply({ sequence: 5, change: reserved("a", 1) })).toEqual({ kind: "known" });
    expect(view.apply({ sequence: 7, change: reserved("a", 1) })).toEqual({ kind: "gap" });
    expect(view.version).toEqual(at(5));
    expect(view.apply({ sequence: 6, change: reserved("a", 1) })).toMatchObject({ kind: "applied" });
    expect(view.get("a")).toMatchObject({ current_jobs: 1, version: at(6) });
  });

  it("skips what a record from a page has seen already", () => {
    const view = new View(at(5), 7, [record("a", { version: at(7), current_jobs: 2 })]);
    expect(view.apply({ sequence: 6, change: { kind: "removed", node: "a" } })).toEqual({ kind: "known" });
    expect(view.get("a")).toMatchObject({ current_jobs: 2 });
    expect(view.version).toEqual(at(6));
  });

  it("does not mistake a version of another epoch for a later one", () => {
    const view = new View(at(5), 5, [record("a", { version: { epoch: "e0", sequence: 99 } })]);
    expect(view.apply({ sequence: 6, change: reserved("a", 1) })).toMatchObject({ kind: "applied" });
  });

  it("finds a contradiction in a change of a node that it should know, but not while pages explain it", () => {
    const view = new View(at(5), 6, []);
    expect(view.apply({ sequence: 6, change: reserved("a", 1) })).toEqual({ kind: "known" });
    expect(view.apply({ sequence: 7, change: reserved("a", 1) })).toEqual({ kind: "contradiction" });
  });

  it("takes in a record that it cannot know yet, and no other", () => {
    const view = new View(at(5), 5, []);
    const index = new NodeIndex();
    view.showIn(index, new View(at(0), 0, []));
    expect(view.absorb(record("a", { version: at(7) }), at(8))).toBe("absorbed");
    expect(ids(drawnFrom(index, inPool))).toEqual(["a"]);
    expect(view.absorb(record("b", { version: at(4) }), at(8))).toBe("contradiction");
    expect(() => view.absorb(record("c", { version: at(4) }), at(4))).toThrow(InvariantError);
  });

  it("keeps the index as if built anew, whatever happens and whenever a bucket is first asked for (P1)", () => {
    fc.assert(
      fc.property(fc.array(commands(), { maxLength: 60 }), fc.nat(60), (sent, askedAt) => {
        const server = new ModelServer(new VirtualClock(), 1);
        for (const command of sent) {
          server.run(0, command);
          server.skew++;
        }
        const { meta, feed } = server.state(0);
        const view = new View({ epoch: "e", sequence: 0 }, 0, []);
        const index = new NodeIndex();
        view.showIn(index, new View({ epoch: "e", sequence: 0 }, 0, []));
        for (const [position, entry] of feed.entries()) {
          if (position === askedAt) for (const wish of wishes) index.bucketOf(wish);
          expect(view.apply(toFeedEntry(entry)).kind).toBe("applied");
        }
        expect(view.version.sequence).toBe(meta?.sequence ?? 0);
        expectIndexed(index, [...view.nodes()]);
        expect(ids(view.nodes())).toEqual(ids(server.nodes(0)));
      }),
    );
  });

  it("takes another's place in the index, at the cost of what differs", () => {
    const index = new NodeIndex();
    const former = new View(at(5), 5, [record("a"), record("b"), record("c", { pools: ["q"] })]);
    former.showIn(index, new View(at(0), 0, []));
    for (const wish of wishes) index.bucketOf(wish);
    const nodes = [record("a"), record("c"), record("d", { current_jobs: 2 }), record("e", { status: "offline" })];
    const next = new View(at(9), 9, nodes);
    next.showIn(index, former);
    expectIndexed(index, nodes);
    former.apply({ sequence: 6, change: { kind: "removed", node: "a" } });
    expect(ids(drawnFrom(index, inPool))).toEqual(["a", "c"]); // the former view has no say any longer
  });
});

const inPool = { pool: "p", ...english, services: [] };
const wishes: readonly BucketKey[] = [
  inPool,
  { pool: "q", ...english, services: [] },
  { pool: null, ...english, services: [] },
  { pool: "p", ...english, services: ["s"] },
];

/** Expects that the nodes drawn from the index are those that a scan of all nodes finds. */
function expectIndexed(index: NodeIndex, nodes: readonly NodeState[]): void {
  const online = nodes.filter(({ status }) => status === "online");
  for (const wish of wishes) {
    const drawn = drawnFrom(index, wish);
    const { pool, services } = wish;
    const suitable = online.filter((node) => {
      const inPool = pool === null || node.pools.includes(pool);
      return inPool && node.current_jobs < node.max_jobs && services.every((each) => node.services.includes(each));
    });
    expect([...drawn].sort(byId)).toEqual([...suitable].sort(byId));
  }
}

function drawnFrom(index: NodeIndex, wish: BucketKey): readonly NodeState[] {
  const drawn: NodeState[] = [];
  index.bucketOf(wish)?.draw(drawn, 1_000, seededRandom(1)("draw"), ({ current_jobs }) => current_jobs);
  return drawn;
}

const byId = (a: NodeState, b: NodeState) => (a.node < b.node ? -1 : 1);
const ids = (nodes: Iterable<NodeState>) => [...nodes].map(({ node }) => node).sort();

function commands() {
  const node = fc.constantFrom("a", "b", "c");
  return fc.oneof(
    fc
      .tuple(node, fc.uuid(), fc.subarray(["p", "q"]), fc.subarray(["s"]))
      .map(([id, registration, pools, services]) => {
        const lists = { pools, languages: [english], services };
        return { kind: "register_node", node: id, registration, maxJobs: 2, ttl: 3, ...lists } as const;
      }),
    fc
      .tuple(node, fc.constantFrom("j1", "j2"))
      .map(([id, job]) => ({ kind: "reserve_job", node: id, job, lease: 9, seen: 0 }) as const),
    node.map((id) => ({ kind: "release_job", node: id, job: "j1" }) as const),
    node.map((id) => {
      const call = { retention: 1, limit: 5, jobLimit: 1_000, offset: 0, gap: 86_400_000, grace: 0 };
      return { kind: "sweep", ...call, candidates: [id] } as const;
    }),
  );
}

describe("epochs", () => {
  it("never come back once abandoned", () => {
    const epochs = new Epochs();
    for (const next of ["e1", "e2"]) epochs.adopt(next);
    expect(["e1", "e2", "e3"].map((name) => epochs.judge(name))).toEqual(["abandoned", "current", "unknown"]);
    expect(() => epochs.adopt("e1")).toThrow(InvariantError);
  });

  it("that were abandoned are remembered up to a bound, the latest ones", () => {
    const epochs = new Epochs();
    for (let index = 0; index <= rememberedEpochs + 1; index++) epochs.adopt(`e${index}`);
    expect(epochs.judge("e0")).toBe("unknown");
    expect(epochs.judge("e1")).toBe("abandoned");
  });
});

describe("epochs that follow one another", () => {
  const place = (generation: number, ...past: string[]) => ({ generation, past });

  it("are abandoned with the one that follows them, whether this instance was in them or not", () => {
    const epochs = new Epochs();
    epochs.adopt("e3", place(3, "e1", "e2"));
    expect(["e1", "e2", "e3", "e4"].map((name) => epochs.judge(name))).toEqual([
      ...["abandoned", "abandoned", "current", "unknown"],
    ]);
  });

  it.each([
    ["of a former primary that has begun another", place(2, "e1"), "abandoned"],
    ["of the first primary of all, whose successors are not remembered", place(1), "unknown"],
    ["of the other side of a split", place(3, "e1", "e2"), "unknown"],
    ["of the next primary", place(4, "e1", "e2", "e3"), "unknown"],
    ["of a store that has lost its data", place(1), "unknown"],
    ["of another store", place(2, "f1"), "unknown"],
    ["of a store that does not say", undefined, "unknown"],
  ] as const)("are judged by their place: one %s", (_, succession, judged) => {
    const epochs = new Epochs();
    epochs.adopt("e3", place(3, "e1", "e2"));
    expect(epochs.place("new", succession)).toBe(judged);
    expect(epochs.judge("new")).toBe(judged);
  });

  it("are not judged by it where the current one's is not known", () => {
    const epochs = new Epochs();
    epochs.adopt("e3");
    expect(epochs.place("new", place(1, "e1"))).toBe("unknown");
    epochs.adopt("e4", place(4, "e1", "e3"));
    epochs.adopt("e5");
    expect(epochs.place("new", place(1, "e1"))).toBe("unknown");
  });
});

describe("the caches", () => {
  const settings = resolveSettings({ maxEntries: 2 });
  const caches = () => new Caches(settings, seededRandom(1)("l1"));

  it("spread their TTLs over base ± 20 %", () => {
    const many = new Caches(resolveSettings({}), seededRandom(1)("l1"));
    const ttls = Array.from({ length: 500 }, (_, index) => {
      many.keep(0, record(`n${index}`), 0);
      return many.fresh(`n${index}`, 0)?.expiresAt ?? 0;
    });
    expect(Math.min(...ttls)).toBeGreaterThanOrEqual(4_000);
    expect(Math.max(...ttls)).toBeLessThanOrEqual(6_000);
    expect(Math.max(...ttls) - Math.min(...ttls)).toBeGreaterThan(1_900);
  });

  it("drop a mark and replace an answer as soon as the feed reports a change", () => {
    const cached = caches();
    cached.mark(0, "a", 0);
    cached.keep(0, record("b"), 0);
    cached.changed(0, "a", record("a"), 1);
    cached.changed(0, "b", record("b", { current_jobs: 1 }), 1);
    expect(cached.missed("a", 2)).toBeUndefined();
    expect(cached.fresh("a", 2)).toBeUndefined();
    expect(cached.fresh("b", 2)?.node.current_jobs).toBe(1);
    cached.changed(0, "b", null, 3);
    expect(cached.fresh("b", 4)).toBeUndefined();
  });

  it("give no answer that is known to be on the way to another", () => {
    const cached = caches();
    cached.keep(0, record("b"), 0);
    cached.changed(0, "b", record("b", { current_jobs: 1 }), null);
    expect(cached.fresh("b", 1)).toBeUndefined();
  });

  it("are bounded, the oldest goes first, and forget a partition alone", () => {
    const cached = caches();
    for (const node of ["a", "b", "c"]) cached.keep(node === "b" ? 1 : 0, record(node), 0);
    expect(["a", "b", "c"].map((node) => cached.fresh(node, 1) !== undefined)).toEqual([false, true, true]);
    cached.forget(0);
    expect(["b", "c"].map((node) => cached.fresh(node, 1) !== undefined)).toEqual([true, false]);
    cached.changed(0, "c", record("c"), 2);
    expect(cached.fresh("c", 2)).toBeUndefined(); // was forgotten, so it is not in L1 any more
  });

  it("forget every partition of a large store at once, as in a new epoch, without a walk through all entries", () => {
    const partitions = 4_096;
    const many = new Caches(resolveSettings({ partitions }), seededRandom(1)("l1"));
    for (let index = 0; index < 100_000; index += 1) many.keep(index % partitions, record(`n${index}`), 0);
    const from = performance.now();
    for (let partition = 0; partition < partitions; partition += 1) many.forget(partition);
    expect(performance.now() - from).toBeLessThan(2_500); // walks took more than 5 s, on a quick machine
    expect(many.fresh("n99999", 1)).toBeUndefined();
  });
});
