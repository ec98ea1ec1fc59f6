/** The registry that we move away from fails as such registries do; the bounds around it turn that into answers. */
import { describe, expect, it } from "vitest";
import { type LegacyRegistry, legacyRegistry, NotAppliedError } from "../../../src/scheduler/migration/legacy.ts";
import { english } from "../support/model-store.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { LockedRegistry } from "./locked-registry.ts";
import { SmallRedis } from "./small-redis.ts";

const offer = { node: "a", max_jobs: 2, pools: ["p"], languages: [english], services: [] };

async function world() {
  const clock = new VirtualClock();
  const redis = new SmallRedis(clock);
  const locked = new LockedRegistry(redis, "one");
  const registry = legacyRegistry(locked, clock, { readDeadline: 100, writeDeadline: 200, maxCalls: 4 });
  await clock.until(registry.registerNode(offer));
  return { clock, redis, locked, registry };
}

describe("the registry with locks", () => {
  it("does its work", async () => {
    const { clock, registry } = await world();
    expect(await clock.until(registry.reserveJob("a", "j"))).toEqual({ kind: "reserved" });
    expect(await clock.until(registry.reserveJob("a", "j"))).toEqual({ kind: "already" });
    expect(await clock.until(registry.reserveJob("a", "k"))).toEqual({ kind: "reserved" });
    expect(await clock.until(registry.reserveJob("a", "l"))).toEqual({ kind: "full" });
    expect(await clock.until(registry.getNode("a"))).toMatchObject({ kind: "found", facts: { current_jobs: 2 } });
    expect(await clock.until(registry.completeJob("a", "j"))).toEqual({ kind: "completed" });
    expect(await clock.until(registry.reserveJob("a", "j"))).toEqual({ kind: "finished" });
    const wanted = { pool: "p", ...english, services: [], count: 5 };
    expect(await clock.until(registry.selectNodes(wanted))).toEqual({ kind: "selected", nodes: ["a"] });
    expect(await clock.until(registry.offlineNode("a"))).toEqual({ kind: "offline" });
    expect(await clock.until(registry.reserveJob("a", "m"))).toEqual({ kind: "not_online" });
    expect(await clock.until(registry.getNode("b"))).toEqual({ kind: "absent", age_ms: 0 });
  });

  it("refuses a write, for certain, while another holds the lock", async () => {
    const { clock, locked, redis, registry } = await world();
    await clock.until(redis.setNx("lock:a", "another", 1_000));
    const answer = await clock.until(registry.reserveJob("a", "j"));
    expect(answer).toEqual({ kind: "failed", applied: "no", cause: "refused", message: "lock:a is held by another" });
    expect(locked.peek("a")?.jobs).toEqual([]);
  });

  it("loses a write when a holder is slower than its lock", async () => {
    const { clock, locked, redis, registry } = await world();
    const slow = new LockedRegistry(redis, "slow");
    slow.whileLocked = () => redis.pause(120); // the lock lasts 50
    const late = slow.reserveJob("a", "slow");
    await clock.advance(60);
    expect(await clock.until(registry.reserveJob("a", "quick"))).toEqual({ kind: "reserved" });
    expect(await clock.until(late)).toBe("reserved");
    expect(locked.peek("a")?.jobs).toEqual(["slow"]); // both were answered that they hold a place
  });
});

describe("the bounds around it", () => {
  const hanging = (call: (signal: AbortSignal) => Promise<never>) =>
    ({ getNode: (_: string, signal: AbortSignal) => call(signal) }) as unknown as LegacyRegistry;

  it("end a call that hangs at its deadline with that failure, and count it until it has ended", async () => {
    const clock = new VirtualClock();
    const signals: AbortSignal[] = [];
    const ends: (() => void)[] = [];
    const call = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<never>((_, reject) => ends.push(() => reject(new Error("at last"))));
    };
    const registry = legacyRegistry(hanging(call), clock, { readDeadline: 100, maxCalls: 1 });
    const first = registry.getNode("a");
    expect(await clock.until(first)).toMatchObject({ applied: "unknown", cause: "deadline" });
    expect([clock.now(), signals[0]?.aborted]).toEqual([100, true]);
    expect(await clock.until(registry.getNode("a"))).toMatchObject({ applied: "no", cause: "overloaded" });
    ends[0]?.();
    await clock.advance(1);
    const second = registry.getNode("a");
    ends[1]?.();
    expect(await clock.until(second)).toMatchObject({ applied: "unknown", cause: "threw", message: "at last" });
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    [new NotAppliedError("held"), "no", "refused"],
    [new Error("reset"), "unknown", "threw"],
    ["a text", "unknown", "threw"],
  ] as const)("take %s as applied: %s", async (thrown, applied, cause) => {
    const clock = new VirtualClock();
    const registry = legacyRegistry(
      hanging(() => Promise.reject(thrown)),
      clock,
    );
    expect(await clock.until(registry.getNode("a"))).toMatchObject({ kind: "failed", applied, cause });
  });
});
