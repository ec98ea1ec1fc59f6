import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SettingsError } from "../../../src/scheduler/errors.ts";
import { type Proof, type StageSettings, Stages } from "../../../src/scheduler/migration/stages.ts";

const settings = { shares: [100, 5_000, 10_000], minCompared: 100, maxDiffering: 0.01 };
const proof = (compared: number, differing = 0, backlog = 0): Proof => ({ compared, differing, backlog });

describe("a stage", () => {
  it("is reached once enough was compared since the last one, and alike", () => {
    const stages = new Stages(settings);
    expect(stages.share).toBe(0);
    expect(stages.advance(proof(100, 1))).toEqual({ kind: "advanced", share: 100 });
    expect(stages.advance(proof(200, 1))).toEqual({ kind: "advanced", share: 5_000 });
    expect(stages.advance(proof(300, 2))).toEqual({ kind: "advanced", share: 10_000 });
    expect(stages.advance(proof(400, 2))).toEqual({ kind: "refused", because: "last_stage" });
  });

  it.each([
    [proof(99), { because: "too_few_compared" }],
    [proof(0), { because: "too_few_compared" }],
    [proof(100, 2), { because: "differences", found: 0.02, allowed: 0.01 }],
    [proof(100, 0, 1), { because: "backlog", found: 1, allowed: 0 }],
  ])("is refused for %o, and nothing changes", (seen, why) => {
    const stages = new Stages(settings);
    expect(stages.advance(seen)).toEqual({ kind: "refused", ...why });
    expect(stages.share).toBe(0);
  });

  it("is not earned by what an earlier stage has seen", () => {
    const stages = new Stages(settings);
    stages.advance(proof(10_000));
    expect(stages.advance(proof(10_099))).toMatchObject({ because: "too_few_compared" });
    expect(stages.advance(proof(10_100, 2))).toMatchObject({ because: "differences" });
  });

  it("is left again, one at a time, whatever was seen; the way up then begins anew", () => {
    const stages = new Stages(settings);
    stages.advance(proof(100));
    stages.advance(proof(200));
    expect(stages.retreat(proof(250, 50, 7))).toBe(100);
    expect(stages.advance(proof(300, 50))).toMatchObject({ because: "too_few_compared" });
    expect(stages.advance(proof(350, 50))).toEqual({ kind: "advanced", share: 5_000 });
    stages.retreat(proof(350));
    expect(stages.retreat(proof(350))).toBe(0);
    expect(stages.retreat(proof(350))).toBe(0);
  });
});

describe("the kill switch", () => {
  it("gives every key back at once, and keeps its first reason", () => {
    const stages = new Stages(settings);
    for (const compared of [100, 200, 300]) stages.advance(proof(compared));
    expect(stages.leadOf("any")).toBe("next");
    stages.kill("errors");
    stages.kill("later");
    expect([stages.share, stages.leadOf("any"), stages.killed]).toEqual([0, "legacy", "errors"]);
    expect(stages.advance(proof(9_999))).toEqual({ kind: "refused", because: "killed" });
  });

  it("lets the move begin anew after it was rearmed, from the first stage", () => {
    const stages = new Stages(settings);
    for (const compared of [100, 200]) stages.advance(proof(compared));
    stages.kill("errors");
    stages.rearm(proof(500));
    expect([stages.share, stages.killed]).toEqual([0, null]);
    expect(stages.advance(proof(599))).toMatchObject({ because: "too_few_compared" });
    expect(stages.advance(proof(600))).toEqual({ kind: "advanced", share: 100 });
  });
});

describe("whatever is done to it, a key", () => {
  const action = fc.record({
    kind: fc.constantFrom("advance", "advance", "advance", "retreat", "kill", "rearm"),
    compared: fc.integer({ min: 0, max: 300 }),
    differing: fc.constantFrom(0, 0, 0, 100),
    backlog: fc.constantFrom(0, 0, 0, 1),
  });

  it("never goes to the new side but by an advance with nothing left to reconcile", () => {
    let went = 0;
    fc.assert(
      fc.property(fc.array(action, { minLength: 10 }), fc.string(), (actions, key) => {
        const stages = new Stages({ ...settings, minCompared: 50 });
        let seen = proof(0);
        for (const { kind, compared, differing, backlog } of actions) {
          const before = stages.leadOf(key);
          seen = proof(seen.compared + compared, seen.differing + Math.min(compared, differing), backlog);
          if (kind === "kill") stages.kill("x");
          else stages[kind](seen);
          if (before === "next" || stages.leadOf(key) === "legacy") continue;
          went++;
          expect({ kind, backlog }).toEqual({ kind: "advance", backlog: 0 });
        }
      }),
    );
    expect(went).toBeGreaterThan(10);
  });
});

describe("settings that make no sense are refused:", () => {
  it.each<Partial<StageSettings>>([
    { shares: [] },
    { shares: [0] },
    { shares: [5, 5] },
    { shares: [50, 5] },
    { shares: [0.5] },
    { shares: [Number.NaN] },
    { shares: [10_001] },
    { minCompared: 0 },
    { maxDiffering: 1.1 },
    { maxDiffering: Number.NaN },
    { maxBacklog: -1 },
  ])("%o", (wrong) => expect(() => new Stages(wrong)).toThrow(SettingsError));
});
