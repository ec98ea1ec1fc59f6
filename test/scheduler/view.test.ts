import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Caches } from "../../src/scheduler/caches.ts";
import { Epochs, rememberedEpochs } from "../../src/scheduler/epochs.ts";
import { InvariantError } from "../../src/scheduler/invariant.ts";
import type { FeedChange, NodeState } from "../../src/scheduler/ports.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import { View } from "../../src/scheduler/view.ts";
import { ModelServer } from "./model-server.ts";
import { english } from "./model-store.ts";
import { toFeedEntry } from "./model-words.ts";
import { seededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

const epoch = "e1";
const at = (sequence: number) => ({ epoch, sequence });

function record(node: string, more: Partial<NodeState> = {}): NodeState {
  const lists = { pools: ["p"], languages: [english], services: [] };
  const numbers = { max_jobs: 2, current_jobs: 0, health_milli: 500 };
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
    expect(view.absorb(record("a", { version: at(7) }), at(8))).toBe("absorbed");
    expect(view.inPool("p")).toEqual(new Set(["a"]));
    expect(view.absorb(record("b", { version: at(4) }), at(8))).toBe("contradiction");
    expect(() => view.absorb(record("c", { version: at(4) }), at(4))).toThrow(InvariantError);
  });

  it("keeps its indexes as if built anew, whatever happens (P1)", () => {
    fc.assert(
      fc.property(fc.array(commands(), { maxLength: 60 }), (sent) => {
        const server = new ModelServer(new VirtualClock(), 1);
        for (const command of sent) {
          server.run(0, command);
          server.skew++;
        }
        const { meta, feed } = server.state(0);
        const view = new View({ epoch: "e", sequence: 0 }, 0, []);
        for (const entry of feed) expect(view.apply(toFeedEntry(entry)).kind).toBe("applied");
        expect(view.version.sequence).toBe(meta?.sequence ?? 0);
        const online = server.nodes(0).filter(({ status }) => status === "online");
        for (const pool of ["p", "q"]) {
          expect([...view.inPool(pool)].sort()).toEqual(ids(online.filter(({ pools }) => pools.includes(pool))));
        }
        expect([...view.serving("en", "de")].sort()).toEqual(ids(online));
        expect(ids(view.nodes())).toEqual(ids(server.nodes(0)));
      }),
    );
  });
});

const ids = (nodes: Iterable<NodeState>) => [...nodes].map(({ node }) => node).sort();

function commands() {
  const node = fc.constantFrom("a", "b", "c");
  const leave = { pools: ["p", "q"], languages: [english] };
  return fc.oneof(
    fc.tuple(node, fc.uuid(), fc.subarray(["p", "q"])).map(([id, registration, pools]) => {
      const others = leave.pools.filter((pool) => !pools.includes(pool));
      const lists = { pools, languages: [english], services: [], leave: { pools: others, languages: [] } };
      return { kind: "register_node", node: id, registration, maxJobs: 2, ttl: 3, ...lists } as const;
    }),
    fc
      .tuple(node, fc.constantFrom("j1", "j2"))
      .map(([id, job]) => ({ kind: "reserve_job", node: id, job, lease: 9 }) as const),
    node.map((id) => ({ kind: "release_job", node: id, job: "j1" }) as const),
    node.map((id) => {
      const candidates = [{ node: id, ...leave }];
      return { kind: "sweep", retention: 1, limit: 5, candidates } as const;
    }),
  );
}

describe("epochs", () => {
  it("never come back once left", () => {
    const epochs = new Epochs();
    for (const next of ["e1", "e2"]) epochs.adopt(next);
    expect(["e1", "e2", "e3"].map((name) => epochs.judge(name))).toEqual(["left", "current", "unknown"]);
    expect(() => epochs.adopt("e1")).toThrow(InvariantError);
  });

  it("that were left are remembered up to a bound, the latest ones", () => {
    const epochs = new Epochs();
    for (let index = 0; index <= rememberedEpochs + 1; index++) epochs.adopt(`e${index}`);
    expect(epochs.judge("e0")).toBe("unknown");
    expect(epochs.judge("e1")).toBe("left");
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

  it("drop a mark and replace an answer as soon as the feed tells of a change", () => {
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

  it("are bounded, the oldest goes first, and forget a partition alone", () => {
    const cached = caches();
    for (const node of ["a", "b", "c"]) cached.keep(node === "b" ? 1 : 0, record(node), 0);
    expect(["a", "b", "c"].map((node) => cached.fresh(node, 1) !== undefined)).toEqual([false, true, true]);
    cached.forget(0);
    expect(["b", "c"].map((node) => cached.fresh(node, 1) !== undefined)).toEqual([true, false]);
  });
});
