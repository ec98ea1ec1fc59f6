import { describe, expect, it } from "vitest";
import {
  evidenceOf,
  type LockstepEvidence,
  type LockstepLine,
  type LockstepOutcome,
  verdictOf,
} from "../../src/lockstep/batch-evidence.ts";
import { violation } from "../report/sample.ts";

function line(outcome: LockstepOutcome, seed: number): LockstepLine {
  return {
    ...{
      scenario: "redis-gone",
      seed,
      outcome,
      verdict: verdictOf[outcome],
      steps: 10,
      compared: { "sweep swept": 9 },
    },
    ...{ trace_hash: "a", events: 3, virtual_ms: 4, wall_ms: 5, token: `t${seed}` },
    ...(outcome === "not_drivable" ? { not_drivable: "redis_loading beside slot_migration" } : {}),
    ...(outcome === "broken" ? { broken: "a timer of the real world" } : {}),
  };
}

function batch(outcomes: readonly LockstepOutcome[], asked = outcomes.length): LockstepEvidence {
  const lines = outcomes.map(line);
  const violations = lines.filter(({ outcome }) => outcome === "parted").map(({ token }) => violation({ token }));
  const scripts = { name: "lua", fingerprint: "f" };
  const seeds = { from: 0, to: asked - 1 };
  return evidenceOf({ scenario: "redis-gone", seeds }, { asked, lines, violations, scripts, wall: 1 });
}

describe("a batch of lockstep runs", () => {
  it("is held where every seed that was asked for was driven, and agreed", () => {
    const { json, reason, verdict } = batch(["agreed", "agreed"]);
    expect([verdict, reason]).toEqual(["held", undefined]);
    expect(json).toMatchObject({ agreed: 2, commands: 20, compared: { "sweep swept": 18 } });
  });

  it("is not exercised where one was not driven, however many agreed, and says what kept it from it", () => {
    const { json, reason, verdict } = batch(["agreed", "not_drivable", "agreed"]);
    expect(verdict).toBe("not_exercised");
    expect(reason).toBe("redis-gone, on redis: 1 seed not drivable: redis_loading beside slot_migration");
    expect(json).toMatchObject({ agreed: 2, not_drivable: 1, verdict: "not_exercised" });
  });

  it("is unknown where it was cut off, and where nothing had begun", () => {
    const { reason, verdict } = batch(["agreed"], 50);
    expect({ verdict, reason }).toEqual({
      verdict: "unknown",
      reason: "redis-gone, on redis: ended after 1 of 50 seeds",
    });
    expect(batch([], 3).verdict).toBe("unknown");
    expect(batch([], 0).verdict).toBe("not_exercised");
  });

  it.each<readonly [readonly LockstepOutcome[], string]>([
    [["agreed", "broken", "not_drivable"], "broken"],
    [["broken", "parted", "agreed"], "violated"],
  ])("of %j is %s", (outcomes, verdict) => {
    expect(batch(outcomes, 10).verdict).toBe(verdict);
  });
});
