/** When a pass may believe what it reads. */
import { describe, expect, it } from "vitest";
import { DualWrites } from "../../../src/scheduler/migration/dual-writes.ts";
import type { NodeFacts, Registry } from "../../../src/scheduler/migration/registry.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const facts: NodeFacts = {
  node: "a",
  online: true,
  max_jobs: 3,
  current_jobs: 0,
  jobs: [],
  pools: [],
  languages: [],
  services: [],
};

function world() {
  const clock = new VirtualClock();
  const said = { age_ms: 0, asked: () => {} };
  const calls: string[] = [];
  const registry = (side: string) =>
    ({
      getNode: async () => {
        said.asked();
        return { kind: "found", facts, age_ms: said.age_ms };
      },
      reserveJob: async (_, job) => {
        calls.push(`${side} ${job}`);
        return { kind: "reserved" };
      },
    }) as Partial<Registry> as Registry;
  const registries = { legacy: registry("legacy"), next: registry("next") };
  const dual = new DualWrites({ registries, clock, leadOf: () => "legacy" }, { settleAfter: 1_000 });
  dual.ended("legacy", "a", []);
  return { clock, said, calls, dual };
}

describe("a pass", () => {
  it("believes only what was known to be true after the last write could still take effect", async () => {
    const { clock, dual, said } = world();
    await clock.advance(999);
    expect(await clock.until(dual.reconcile())).toMatchObject({ waiting: 1 });
    await clock.advance(5_000);
    said.age_ms = 5_000; // a cache's answer from before
    expect(await clock.until(dual.reconcile())).toMatchObject({ waiting: 1, settled: [] });
    said.age_ms = 4_999;
    expect(await clock.until(dual.reconcile())).toMatchObject({ waiting: 0, settled: ["a"] });
  });

  it("begins again when a write came between its reading and its end", async () => {
    const { calls, clock, dual, said } = world();
    await clock.advance(2_000);
    said.asked = () => {
      said.asked = () => {};
      void dual.reserveJob("a", "j");
    };
    expect(await clock.until(dual.reconcile())).toMatchObject({ waiting: 1, settled: [] });
    await clock.until(dual.drained());
    expect(calls).toEqual(["legacy j", "next j"]);
    expect(dual.counts.backlog).toBe(1);
  });

  it("leaves a node alone that is being written", async () => {
    const { clock, dual } = world();
    await clock.advance(2_000);
    const writing = dual.reserveJob("a", "j");
    expect(await clock.until(dual.reconcile())).toMatchObject({ waiting: 1, settled: [] });
    await clock.until(writing);
  });

  it("looks at no more nodes than it was asked to, and at the others next", async () => {
    const { clock, dual } = world();
    for (const node of ["b", "c"]) dual.ended("legacy", node, []);
    await clock.advance(2_000);
    expect(await clock.until(dual.reconcile(2))).toMatchObject({ settled: ["a", "b"] });
    expect(await clock.until(dual.reconcile(2))).toMatchObject({ settled: ["c"] });
  });
});
