import { describe, expect, it } from "vitest";
import { DualWrites } from "../../../src/scheduler/migration/dual-writes.ts";
import { legacyRegistry } from "../../../src/scheduler/migration/legacy.ts";
import type { Side } from "../../../src/scheduler/migration/registry.ts";
import { idle, offer } from "../support/instance.ts";
import { bothSides, dualWorld, truths } from "./world.ts";

const node = offer("a", { max_jobs: 3 });

async function settled(lead: Side = "legacy") {
  const world = await dualWorld(lead);
  await world.clock.until(world.dual.registerNode(node));
  await world.reconciled();
  expect(world.dual.counts.backlog).toBe(0);
  return world;
}

describe("a dual write", () => {
  it.each(["legacy", "next"] as const)("is answered by %s, which leads, and done on both sides", async (lead) => {
    const world = await settled(lead);
    const { clock, dual } = world;
    expect(await clock.until(dual.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
    expect(await clock.until(dual.reserveJob("a", "k"))).toMatchObject({ kind: "reserved" });
    expect(await clock.until(dual.completeJob("a", "j"))).toMatchObject({ kind: "completed" });
    const beat = { node: "a", seq: 1, metrics: idle, running: ["k"] };
    expect(await clock.until(dual.heartbeat(beat))).toMatchObject({ kind: "renewed" });
    await clock.until(dual.drained());
    const { legacy, next } = truths(world, "a");
    expect(next).toMatchObject({ jobs: ["k"], max_jobs: 3 });
    expect(legacy).toEqual(next);
    expect(dual.counts).toMatchObject({ failed: 0, dropped: 0, overlapped: 0, backlog: 0 });
  });

  it("does not wait for the other side", async () => {
    const { clock, dual, instance } = await settled();
    instance.store.network = () => ({ kind: "request_lost" });
    const before = clock.now();
    expect(await clock.until(dual.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
    expect(clock.now() - before).toBeLessThan(10); // the small Redis takes 4 ms for it, the other side's deadline is 30
    await clock.until(dual.drained());
    expect(dual.counts).toMatchObject({ failed: 1, backlog: 1 });
  });

  it("that the leader refuses changes nothing anywhere", async () => {
    const world = await settled();
    const { clock, dual, redis } = world;
    await clock.until(redis.setNx("lock:a", "another", 1_000));
    expect(await clock.until(dual.reserveJob("a", "j"))).toMatchObject({ kind: "failed", applied: "no" });
    await clock.until(dual.drained());
    expect(truths(world, "a").next?.jobs).toEqual([]);
    expect(dual.counts.backlog).toBe(0);
  });

  it("reaches the other side in the order in which the leader acknowledged", async () => {
    const world = await settled();
    const { clock, dual, instance } = world;
    let slow = true;
    instance.store.network = () => {
      const delay = slow ? 20 : 0.5;
      slow = false;
      return { kind: "delivered", delay };
    };
    await clock.until(dual.reserveJob("a", "j"));
    await clock.until(dual.completeJob("a", "j"));
    await clock.until(dual.drained());
    const kinds = instance.store.sent.map(({ kind }) => kind).filter((kind) => /^(reserve|complete)_job$/.test(kind));
    expect(kinds).toEqual(["reserve_job", "complete_job"]);
    expect(truths(world, "a")).toMatchObject({ legacy: { jobs: [] }, next: { jobs: [] } });
  });

  it("beyond what may wait is left to reconciliation, which makes up for it", async () => {
    const sides = await bothSides();
    const { clock, registries } = sides;
    const dual = new DualWrites({ registries, clock, leadOf: () => "legacy" }, { maxWaiting: 1 });
    await clock.until(dual.registerNode(node));
    await clock.until(dual.drained());
    sides.instance.store.network = () => ({ kind: "delivered", delay: 25 });
    for (const job of ["j", "k", "l"]) await clock.until(dual.reserveJob("a", job));
    expect(dual.counts.dropped).toBeGreaterThan(0);
    sides.instance.store.network = () => ({ kind: "delivered" });
    for (let pass = 0; pass < 6; pass++) {
      await clock.advance(7_000);
      await clock.until(dual.reconcile());
    }
    expect(truths(sides, "a")).toMatchObject({ legacy: { jobs: ["j", "k", "l"] }, next: { jobs: ["j", "k", "l"] } });
    expect(dual.counts.backlog).toBe(0);
  });

  it("of unknown order is looked up at the leader", async () => {
    const world = await settled();
    const { clock, dual } = world;
    await clock.until(Promise.all([dual.reserveJob("a", "j"), dual.releaseJob("a", "j")]));
    expect(dual.counts.overlapped).toBe(2);
    await world.reconciled();
    const { legacy, next } = truths(world, "a");
    expect(legacy).toEqual(next);
    expect(dual.counts.backlog).toBe(0);
  });
});

describe("reconciliation", () => {
  it("finds what was there before the move began, by an audit", async () => {
    const world = await dualWorld();
    const { clock, dual, locked } = world;
    await clock.until(locked.registerNode(node));
    await clock.until(locked.reserveJob("a", "old"));
    expect(await clock.until(dual.audit())).toEqual({ marked: 1, unheard: [] });
    await world.reconciled();
    expect(truths(world, "a").next).toMatchObject({ jobs: ["old"], max_jobs: 3 });
    expect(dual.counts.backlog).toBe(0);
  });

  it("puts right what the legacy side lost because a holder was slower than its lock", async () => {
    const world = await settled();
    const { clock, dual, locked, redis } = world;
    locked.whileLocked = () => redis.pause(120);
    const slow = dual.reserveJob("a", "slow");
    await clock.advance(60);
    locked.whileLocked = async () => {};
    expect(await clock.until(dual.reserveJob("a", "quick"))).toMatchObject({ kind: "reserved" });
    expect(await clock.until(slow)).toMatchObject({ kind: "reserved" });
    await clock.until(dual.drained());
    expect(truths(world, "a")).toMatchObject({ legacy: { jobs: ["slow"] }, next: { jobs: ["quick", "slow"] } });
    await clock.until(dual.audit());
    await world.reconciled();
    expect(truths(world, "a")).toMatchObject({ legacy: { jobs: ["slow"] }, next: { jobs: ["slow"] } });
  });

  it("removes a job that only the count shows: the other side begins a new incarnation", async () => {
    const world = await settled();
    const { clock, dual, instance } = world;
    await clock.until(instance.scheduler.reserveJob("a", "stray"));
    await clock.until(dual.audit());
    await world.reconciled();
    expect(truths(world, "a")).toMatchObject({ legacy: { jobs: [] }, next: { jobs: [] } });
    expect(dual.counts.backlog).toBe(0);
  });

  it("reports a job that runs on one side and is finished on the other, until it ends", async () => {
    const world = await settled();
    const { clock, dual, instance, locked } = world;
    await clock.until(dual.reserveJob("a", "j"));
    await clock.until(dual.drained());
    await clock.until(instance.scheduler.completeJob("a", "j"));
    await clock.until(dual.audit());
    expect((await world.reconciled()).problems).toEqual([{ node: "a", because: "job_finished", job: "j" }]);
    expect(dual.counts.backlog).toBe(1);
    await clock.until(locked.completeJob("a", "j"));
    await world.reconciled();
    expect(dual.counts.backlog).toBe(0);
  });

  it("carries over what the side that led before had acknowledged", async () => {
    const world = await settled("next");
    const { clock, dual, instance, leads, locked, redis } = world;
    await clock.until(redis.setNx("lock:a", "another", 500));
    expect(await clock.until(dual.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
    await clock.until(dual.drained());
    expect(locked.peek("a")?.jobs).toEqual([]);
    leads.of = () => "legacy";
    await clock.advance(1_000);
    instance.store.network = () => ({ kind: "refused" });
    expect(await clock.until(dual.reserveJob("a", "k"))).toMatchObject({ kind: "reserved" }); // and now each side lacks one
    await clock.until(dual.drained());
    instance.store.network = () => ({ kind: "delivered" });
    await world.reconciled();
    expect(truths(world, "a")).toMatchObject({ legacy: { jobs: ["j", "k"] }, next: { jobs: ["j", "k"] } });
  });

  it.each([true, false])(
    "takes the newer word where the former leader may have lost the node (still there: %s)",
    async (isThere) => {
      const world = await settled("next");
      const { clock, dual, instance, leads, locked } = world;
      instance.store.network = () => ({ kind: "reply_lost" });
      expect(await clock.until(dual.offlineNode("a"))).toMatchObject({ applied: "unknown" });
      leads.of = () => "legacy";
      expect(await clock.until(dual.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
      await clock.until(dual.drained());
      if (!isThere) await clock.until(locked.offlineNode("a"));
      instance.store.network = () => ({ kind: "delivered" });
      await world.reconciled();
      const held = isThere ? expect.objectContaining({ jobs: ["j"] }) : null;
      expect(truths(world, "a")).toEqual({ legacy: held, next: held });
      expect(dual.counts.backlog).toBe(0);
    },
  );

  it("follows what a side ended by itself", async () => {
    const world = await settled("next");
    const { clock, dual, instance } = world;
    for (const job of ["j", "k"]) await clock.until(dual.reserveJob("a", job));
    await clock.until(dual.drained());
    await clock.until(instance.scheduler.releaseJob("a", "j")); // as a sweep would
    dual.ended("next", "a", ["j"]);
    await world.reconciled();
    expect(truths(world, "a")).toMatchObject({ legacy: { jobs: ["k"] }, next: { jobs: ["k"] } });
  });

  it("waits while a side does not answer, and goes on when it does", async () => {
    const world = await settled();
    const { clock, dual, instance } = world;
    instance.store.network = () => ({ kind: "refused" });
    await clock.until(dual.reserveJob("a", "j"));
    expect(await world.reconciled(2)).toMatchObject({ settled: [], waiting: 1, problems: [] });
    instance.store.network = () => ({ kind: "delivered" });
    await world.reconciled();
    expect(truths(world, "a").next?.jobs).toEqual(["j"]);
  });
});

describe("the backlog", () => {
  it("is bounded: what finds no room is counted until an audit has found room for all", async () => {
    const sides = await bothSides();
    const { clock, registries } = sides;
    const dual = new DualWrites({ registries, clock, leadOf: () => "legacy" }, { maxBacklog: 2 });
    for (const id of ["a", "b", "c"]) await clock.until(dual.registerNode(offer(id)));
    await clock.until(dual.drained());
    expect(dual.counts).toMatchObject({ backlog: 2, overflowed: 1 });
    await clock.until(dual.audit());
    expect(dual.counts.overflowed).toBe(2);
    await clock.advance(7_000);
    await clock.until(dual.reconcile());
    await clock.until(dual.audit());
    expect(dual.counts.backlog).toBeLessThanOrEqual(2);
    for (const id of ["a", "b", "c"]) expect(truths(sides, id).next).toEqual(truths(sides, id).legacy);
  });

  it("names the side that could not list its nodes", async () => {
    const { clock, locked, registries } = await bothSides();
    locked.listNodes = () => Promise.reject(new Error("no such command"));
    const legacy = legacyRegistry(locked, clock);
    const dual = new DualWrites({ registries: { ...registries, legacy }, clock, leadOf: () => "legacy" });
    expect(await clock.until(dual.audit())).toEqual({ marked: 0, unheard: ["legacy"] });
  });
});
