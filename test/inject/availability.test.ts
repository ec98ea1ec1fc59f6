import { describe, expect, it } from "vitest";
import { scenario } from "../../scenarios/declare/declare.ts";
import { faultKinds } from "../../scenarios/declare/fault-kinds.ts";
import { places, redisTopologies } from "../../scenarios/declare/fault-places.ts";
import { ms } from "../../scenarios/declare/units.ts";
import { isReal, scenarios } from "../../scenarios/registry.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { canRunOn, checkPlaces } from "../../src/inject/availability.ts";

const stalled = scenario({
  name: "stalled",
  why: "A scenario that is only there to be refused somewhere.",
  topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1 },
  load: [{ kind: "read", every: ms(10) }],
  faults: [{ kind: "redis_pause", at: ms(100), lasts: ms(100) }],
  always: ["D1"],
  duration: ms(1_000),
});

describe("where a scenario can be run", () => {
  it("is refused with the fault's name and the place where it is possible", () => {
    expect(() => checkPlaces(stalled, "cluster")).toThrow(
      new UsageError("redis_pause cannot be done on cluster", {
        where: "scenario stalled on cluster",
        fix: "use --redis single or replica or sentinel",
      }),
    );
    expect(() => checkPlaces(stalled, "single")).not.toThrow();
    expect(redisTopologies.filter((redis) => canRunOn(stalled, redis))).toEqual(["single", "replica", "sentinel"]);
  });

  it("is the simulator alone, for what no server can do and for faults that are drawn for it alone", () => {
    const former = { kind: "redis_former_primary" as const, at: 1, lasts: 1, instances: [0] };
    const astray = { ...stalled, faults: [former] };
    const drawn = {
      ...stalled,
      faults: [],
      nemesis: { weights: {}, pause: [1, 2], lasts: [1, 2], until: 9 } as NonNullable<typeof stalled.nemesis>,
    };
    for (const one of [astray, drawn]) {
      expect(() => checkPlaces(one, "single")).toThrow(
        expect.objectContaining({ fix: "lockproof simulate --scenario stalled" }),
      );
      expect(canRunOn(one, "single")).toBe(false);
    }
  });
});

describe("a nemesis that is drawn for real servers too", () => {
  const real = {
    ...stalled,
    faults: [],
    nemesis: {
      weights: { slot_migration: 1 },
      pause: [1, 2],
      lasts: [1, 2],
      until: 9,
      real: { duration: 9 },
    } as NonNullable<typeof stalled.nemesis>,
  };

  it("can be run on any: what cannot be done there is left out, and named", () => {
    for (const redis of redisTopologies) expect(canRunOn(real, redis), redis).toBe(true);
  });

  it("is among the scenarios", () => {
    const drawn = scenarios.filter(({ nemesis }) => nemesis !== undefined);
    expect(drawn.filter(isReal).map(({ name }) => name)).toEqual(["random-nemesis"]);
  });
});

describe("the scenarios", () => {
  it.each(scenarios.filter(isReal))("$name can be run where it says", (one) => {
    for (const redis of [one.topology.redis, ...one.topology.also]) expect(canRunOn(one, redis), redis).toBe(true);
  });

  it("do each fault that real servers can do, at least once", () => {
    const done = new Set(scenarios.filter(isReal).flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    const real = faultKinds.filter((kind) => places[kind].redis.length > 0);
    expect(real.filter((kind) => !done.has(kind))).toEqual([]);
  });

  it("run on every kind of servers", () => {
    const used = new Set(scenarios.flatMap(({ topology }) => [topology.redis, ...topology.also]));
    expect([...used].sort()).toEqual([...redisTopologies].sort());
  });
});
