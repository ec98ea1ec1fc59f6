import { describe, expect, it } from "vitest";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { type HuntOptions, huntMutant } from "../../../src/simulate/batch/hunt.ts";
import { deaf, small } from "../small.ts";

const shared: HuntOptions = {
  scenario: small(),
  planted: { id: "deaf", property: "V3", createScheduler: deaf },
  ...{ seed: 7, rounds: 1, most: 3, shrinkFor: 0 },
  signal: new AbortController().signal,
  now: () => performance.now(),
};

describe("a hunt", () => {
  it("ends with the first seed that a wrong scheduler does not pass, and names the bug in its token", async () => {
    const { seeds, token, verdict } = await huntMutant(shared);
    expect([verdict, seeds]).toEqual(["killed", [1]]);
    expect(decodeToken(token ?? "")).toMatchObject({ seed: 7, mutant: "deaf", layer: "simulate" });
  });

  it("is survived by a scheduler that is not wrong, after all seeds of a round", async () => {
    const planted = { ...shared.planted, createScheduler };
    expect(await huntMutant({ ...shared, planted })).toMatchObject({
      verdict: "survived",
      seeds: [null],
      token: null,
    });
  });

  it("begins each round at a seed that no other has run", async () => {
    const { seeds } = await huntMutant({ ...shared, rounds: 3 });
    expect(seeds).toEqual([1, 1, 1]);
  });

  it("runs no further rounds once more than a tenth have missed", async () => {
    const planted = { ...shared.planted, createScheduler };
    expect((await huntMutant({ ...shared, planted, most: 1, rounds: 12 })).seeds).toEqual([null, null]);
  });

  it("is void where what ends a run is no property", async () => {
    const broken: typeof createScheduler = () => {
      throw new TypeError("x is not a function");
    };
    const found = await huntMutant({ ...shared, planted: { ...shared.planted, createScheduler: broken } });
    expect(found.verdict).toBe("void");
    expect(found.reason).toContain("seed 7");
  });

  it("is void when it was interrupted", async () => {
    const found = await huntMutant({ ...shared, signal: AbortSignal.abort() });
    expect(found).toMatchObject({ verdict: "void", reason: "interrupted" });
  });

  it("is void where the scheduler as it is breaks the same plan", async () => {
    // No wake-up comes that soon.
    const scenario: Scenario = { ...small(), always: ["V4"], staleness: 1e-6 };
    const found = await huntMutant({ ...shared, scenario });
    expect(found).toMatchObject({ verdict: "void", reason: expect.stringContaining("as it is breaks V4 too") });
  });

  it("shrinks the first kill", async () => {
    const { shrunk } = await huntMutant({ ...shared, shrinkFor: 60_000 });
    expect(shrunk?.faults).toBe(0);
    expect(shrunk?.actions).toBeLessThanOrEqual(3);
  });
});
