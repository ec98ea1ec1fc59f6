import { describe, expect, it } from "vitest";
import { judgeLeases } from "../../../src/judges/jobs/leases.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, release, reserve, Stage } from "../../simulate/judges/stage.ts";

/** Long after the epoch has begun, so that nothing is held for that. */
const late = 20_000;

describe("J5", () => {
  it.each([
    [4_399, "held"],
    [4_402, "violated"],
  ])(
    "lets no place outlive its lease at the end by more than a return to normal and two sweeps: at %d ms %s",
    (at, verdict) => {
      const stage = new Stage(inSimulation(judgeLeases));
      stage.run(0, register("z"));
      stage.run(late, register("m"));
      stage.run(late, reserve("d", "m", 1));
      stage.run(late + 1, {
        kind: "sweep",
        retention: 1_000,
        limit: 10,
        jobLimit: 1_000,
        offset: 0,
        gap: 86_400_000,
        grace: 0,
        candidates: ["m"],
      });
      stage.run(late + 2, register());
      stage.run(late + 2, reserve("a", "n", 1));
      stage.run(late + 3, reserve("b", "n", 60_000));
      stage.run(late + 3, release("b"));
      stage.phase(late + 5, "quiet");
      stage.hear({ kind: "truth", at: late + at - 997, partition: 0, state: stage.state() });
      expect(stage.finish().verdict).toBe(verdict);
    },
  );

  it("is exercised by a lease that would have had to end, though its job ended before it", () => {
    const stage = new Stage(inSimulation(judgeLeases), { settings: { lease: 100 } });
    stage.run(0, register());
    stage.run(0, reserve("a"));
    stage.run(1, release("a"));
    stage.phase(5, "quiet");
    stage.hear({ kind: "truth", at: late, partition: 0, state: stage.state() });
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is not exercised where no lease ended, nor where the leases were not looked at in the end", () => {
    const stage = new Stage(inSimulation(judgeLeases));
    stage.run(0, register());
    stage.run(0, reserve("a", "n", 1));
    stage.hear({ kind: "truth", at: 9_000, partition: 0, state: stage.state() });
    expect(stage.finish().verdict).toBe("not_exercised");
    stage.phase(9_001, "quiet");
    stage.hear({ kind: "truth", at: 9_002, partition: 0, state: { ...stage.state(), jobs: new Map() } });
    expect(stage.finish().verdict).toBe("not_exercised");
  });

  it("lets a place outlive its lease by one TTL of a heartbeat more after the store was disturbed", () => {
    for (const [at, verdict] of [
      [14_000, "held"],
      [late, "violated"],
    ] as const) {
      const stage = new Stage(inSimulation(judgeLeases));
      stage.run(0, register());
      stage.run(2, reserve("a", "n", 1));
      stage.phase(5, "quiet");
      stage.hear({ kind: "truth", at, partition: 0, state: stage.state() });
      expect(stage.finish().violations.length > 0 ? "violated" : "held").toBe(verdict);
    }
  });
});
