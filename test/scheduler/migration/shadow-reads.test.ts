import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import type { Lookup, NodeFacts, Registry, Selected, Side } from "../../../src/scheduler/migration/registry.ts";
import { ShadowReads, type ShadowSettings } from "../../../src/scheduler/migration/shadow-reads.ts";
import { english } from "../support/model-store.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const facts: NodeFacts = {
  node: "a",
  online: true,
  max_jobs: 2,
  current_jobs: 1,
  jobs: null,
  pools: ["p", "q"],
  languages: [english],
  services: [],
};
const found = (more: Partial<NodeFacts> = {}): Lookup => ({ kind: "found", facts: { ...facts, ...more }, age_ms: 0 });
const absent: Lookup = { kind: "absent", age_ms: 0 };
const failure: Lookup & Selected = { kind: "failed", applied: "unknown", cause: "deadline", message: "late" };
const selected = (...nodes: string[]): Selected => ({ kind: "selected", nodes });
const wanted = { pool: "p", ...english, services: [], count: 2 };

interface Script {
  node: () => Lookup | Promise<Lookup>;
  nodes: () => Selected;
}

function world(settings: Partial<ShadowSettings> = {}, lead: Side = "legacy") {
  const clock = new VirtualClock();
  const sides: Record<Side, Script> = {
    legacy: { node: () => found(), nodes: () => selected("a") },
    next: { node: () => found(), nodes: () => selected("a") },
  };
  const asked: Side[] = [];
  const registry = (side: Side) =>
    ({
      getNode: async () => {
        asked.push(side);
        return sides[side].node();
      },
      selectNodes: async () => sides[side].nodes(),
    }) as Partial<Registry> as Registry;
  const registries = { legacy: registry("legacy"), next: registry("next") };
  const random = seededRandom(1)("shadow");
  const reads = new ShadowReads({ registries, leadOf: () => lead, clock, random }, settings);
  return { clock, sides, asked, reads };
}

describe("a shadow read", () => {
  it.each(["legacy", "next"] as const)("answers from %s, which leads, and asks the other thereafter", async (lead) => {
    const { asked, clock, reads, sides } = world({}, lead);
    sides[lead].node = () => found({ max_jobs: 7 });
    expect(await clock.until(reads.getNode("a"))).toMatchObject({ facts: { max_jobs: 7 } });
    await clock.until(reads.drained());
    expect(asked[0]).toBe(lead);
    expect(reads.samples).toEqual([{ kind: "capacity", key: "a", lead: "7", shadow: "2" }]);
  });

  it.each<[string, Lookup, Lookup, string[]]>([
    ["equal", found(), found(), []],
    ["lists in another order", found(), found({ pools: ["q", "p"] }), []],
    ["neither side has it", absent, absent, []],
    ["forgotten by one, offline at the other", found({ online: false }), absent, []],
    ["what one side does not say", found({ jobs: ["j"], max_jobs: null }), found(), []],
    ["missing", found(), absent, ["missing"]],
    ["extra", absent, found(), ["extra"]],
    ["status", found(), found({ online: false, current_jobs: 0 }), ["status"]],
    ["status, the other way", found({ online: false }), found(), ["status"]],
    ["capacity and jobs", found(), found({ max_jobs: 1, current_jobs: 0 }), ["capacity", "jobs"]],
    ["other jobs, as many", found({ jobs: ["j"] }), found({ jobs: ["k"] }), ["jobs"]],
    [
      "pools, services and languages, as one",
      found(),
      found({ pools: [], services: ["s"], languages: [] }),
      ["membership"],
    ],
  ])("reports %s", async (_, lead, shadow, kinds) => {
    const { clock, reads, sides } = world();
    sides.legacy.node = () => lead;
    sides.next.node = () => shadow;
    await clock.until(reads.getNode("a"));
    await clock.until(reads.drained());
    const { byKind, compared, differing } = reads.counts;
    expect(Object.entries(byKind).flatMap(([kind, count]) => (count > 0 ? [kind] : []))).toEqual(kinds);
    expect({ compared, differing }).toEqual({ compared: 1, differing: kinds.length > 0 ? 1 : 0 });
  });

  it.each<[Selected, Selected, { differing: number; incomparable: number }]>([
    [selected("a"), selected("a"), { differing: 0, incomparable: 0 }],
    [selected("a", "b"), selected("b", "a"), { differing: 0, incomparable: 0 }],
    [selected("a"), selected(), { differing: 1, incomparable: 0 }],
    [selected("a"), selected("b"), { differing: 1, incomparable: 0 }],
    [selected("a", "b"), selected("a"), { differing: 1, incomparable: 0 }],
    [selected("a", "b"), selected("b", "c"), { differing: 0, incomparable: 1 }],
  ])("of a selection of two, %o and %o", async (lead, shadow, counted) => {
    const { clock, reads, sides } = world();
    sides.legacy.nodes = () => lead;
    sides.next.nodes = () => shadow;
    expect(await clock.until(reads.selectNodes(wanted))).toEqual(lead);
    await clock.until(reads.drained());
    expect(reads.counts).toMatchObject(counted);
  });

  it("does not count what a second look no longer shows", async () => {
    const { clock, reads, sides } = world();
    const answers = [absent, found()];
    sides.next.node = () => answers.shift() ?? found();
    await clock.until(reads.getNode("a"));
    await clock.until(reads.drained());
    expect(reads.counts).toMatchObject({ compared: 1, differing: 0, transient: 1 });
    expect(reads.samples).toEqual([]);
  });
});

describe("the caller", () => {
  it("does not wait for a shadow that hangs; that costs its places and no more", async () => {
    const { clock, reads, sides } = world({ budget: 50, lookAgainAfter: 10, maxInFlight: 3 });
    const ends: (() => void)[] = [];
    sides.next.node = () => new Promise((resolve) => ends.push(() => resolve(found())));
    for (let read = 0; read < 10; read++) expect(await reads.getNode("a")).toEqual(found());
    expect(clock.now()).toBe(0);
    await clock.advance(60);
    expect(reads.counts).toMatchObject({ dropped: 7, late: 3, compared: 0 });
    await reads.getNode("a");
    expect(reads.counts.dropped).toBe(8);
    for (const end of ends) end();
    await clock.until(reads.drained());
    expect(reads.counts).toMatchObject({ compared: 0, late: 3 }); // too late to say anything
    sides.next.node = () => found();
    await reads.getNode("a");
    await clock.until(reads.drained());
    expect(reads.counts.compared).toBe(1);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ["fails", () => failure],
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["says nonsense", () => ({ kind: "found", age_ms: 0 }) as unknown as Lookup],
  ])("never sees that the shadow %s", async (_, node) => {
    const { clock, reads, sides } = world();
    sides.next.node = node;
    expect(await clock.until(reads.getNode("a"))).toEqual(found());
    await clock.until(reads.drained());
    expect(reads.counts).toMatchObject({ unanswered: 1, compared: 0, differing: 0 });
  });

  it("gets the leader's failure, which proves nothing", async () => {
    const { clock, reads, sides } = world();
    sides.legacy.node = () => failure;
    expect(await clock.until(reads.getNode("a"))).toEqual(failure);
    await clock.until(reads.drained());
    expect(reads.counts).toMatchObject({ unanswered: 1, compared: 0 });
  });
});

describe("what is kept", () => {
  it("is bounded: the newest of each kind", async () => {
    const { clock, reads, sides } = world({ samplesPerKind: 3 });
    sides.next.node = () => absent;
    for (const node of ["a", "b", "c", "d", "e"]) {
      await clock.until(reads.getNode(node));
      await clock.until(reads.drained());
    }
    expect(reads.samples.map(({ key }) => key)).toEqual(["c", "d", "e"]);
    expect(reads.counts.byKind.missing).toBe(5);
  });

  it.each([
    [0, 0, 0],
    [0.25, 200, 300],
    [1, 1_000, 1_000],
  ])("is drawn from the share %d of the reads", async (sampled, least, most) => {
    const { clock, reads } = world({ sampled });
    for (let read = 0; read < 1_000; read++) {
      await reads.getNode("a");
      await reads.drained();
    }
    await clock.advance(0);
    expect(reads.counts.compared).toBeGreaterThanOrEqual(least);
    expect(reads.counts.compared).toBeLessThanOrEqual(most);
  });
});
