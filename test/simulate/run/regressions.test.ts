import { describe, expect, it } from "vitest";
import { regressions } from "../../../scenarios/regressions/registry.ts";
import type { Regression } from "../../../scenarios/regressions/regression.ts";
import { withoutUndefined } from "../../../src/evidence/without-undefined.ts";
import { findSchedulerMutant, loadScheduler } from "../../../src/mutants/schedulers.ts";
import { runRegressions } from "../../../src/simulate/run/regressions.ts";

const run = (some?: readonly Regression[], createScheduler?: Parameters<typeof runRegressions>[0]["createScheduler"]) =>
  runRegressions({
    ...{ now: () => 0, signal: new AbortController().signal },
    ...withoutUndefined({ regressions: some, createScheduler }),
  });

const [first] = regressions.filter(({ id }) => id === "wake-up-missed");
if (first === undefined) throw new Error("no such regression");
const kept = first;

describe("the plans that are kept", () => {
  it("hold, and reach what they are about", async () => {
    const { properties, reason, runs, verdict } = await run();
    expect([verdict, reason]).toEqual(["held", undefined]);
    expect(runs).toBe(regressions.length);
    expect(properties.every(({ exercised }) => exercised > 0)).toBe(true);
    expect(new Set(regressions.map(({ id }) => id)).size).toBe(regressions.length);
  });

  it.each(regressions.flatMap(({ fails, id }) => (fails === undefined ? [] : [[id, fails] as const])))(
    "find again what they were made from: %s with %s",
    async (id, fails) => {
      using planted = await loadScheduler(findSchedulerMutant(fails));
      const { verdict, violations } = await run(
        regressions.filter((one) => one.id === id),
        planted.createScheduler,
      );
      expect(verdict).toBe("violated");
      expect(violations[0]?.timeline?.broken).not.toBeNull();
      expect(violations[0]?.token).toMatch(/^lp1:/);
    },
  );
});

describe("a plan that no longer reaches what it is about is stale, not held:", () => {
  const changed = (change: object, more: Partial<Regression> = {}): Regression => ({
    ...kept,
    ...more,
    plan: { ...(kept.plan as object), ...change },
  });

  it("its fault affected no instance", async () => {
    const faults = [{ kind: "reply_lost", at: 10, lasts: 20, script: "reserve_job", nth: 1, connection: "cut" }];
    const { reason, verdict } = await run([changed({ faults, property: "V1" }, { reaches: [] })]);
    expect(verdict).toBe("stale");
    expect(reason).toMatch(
      /^regressions: wake-up-missed is stale: reply_lost \(faults\[0\]\) affected no instance; make its plan anew/,
    );
  });

  it("its mark is not seen", async () => {
    const { reason, verdict } = await run([changed({}, { reaches: ["gap_found", "node_full"] })]);
    expect(verdict).toBe("stale");
    expect(reason).toMatch(/: never seen: node_full;/);
  });

  it("its property has no premise", async () => {
    const { reason, verdict } = await run([changed({ property: "J2" })]);
    expect(verdict).toBe("stale");
    expect(reason).toMatch(/never exercised: J2/);
  });

  it("and one that cannot be read is an error that names the regression", async () => {
    await expect(run([{ ...kept, plan: {} }])).rejects.toThrow(
      expect.objectContaining({ where: expect.stringMatching(/^the plan of the regression wake-up-missed: form/) }),
    );
  });

  it("and those that there was no time for are unknown", async () => {
    const { reason, verdict } = await runRegressions({ now: () => 0, signal: AbortSignal.abort() });
    expect([verdict, reason]).toEqual([
      "unknown",
      `regressions: ${regressions.length} of ${regressions.length} were not run`,
    ]);
  });
});
