import { describe, expect, it } from "vitest";
import { visible } from "../../src/evidence/escape.ts";
import type { LayerEvidence } from "../../src/evidence/evidence.ts";
import { BrokenRunError, UsageError } from "../../src/evidence/failure.ts";
import { replayCommand } from "../../src/evidence/words.ts";
import { type GateStep, runGate, seedOf } from "../../src/verify/gate.ts";
import { layer, violation } from "../report/sample.ts";
import { endsWith, plan, type Recorded, step, world } from "./gate-world.ts";

const held = async () => layer("conform");
const fails = (error: unknown) => async () => {
  throw error;
};

describe("the steps of a run", () => {
  const judged = (verdict: "held" | "violated") => async () =>
    layer("conform", { verdict, properties: [{ id: "J1", verdict, exercised: 3, figures: [], tokens: [] }] });
  const ran = async (steps: readonly GateStep[], rounds: number) =>
    (await runGate(plan(steps, { rounds }), world().world)).slice(1).map((one) => one.steps?.[0]);

  it("are recorded with their time, seed and verdicts, one after another", async () => {
    const [first, second] = await ran(
      [step("conform", judged("held")), step("conform, concurrent", judged("violated"))],
      1,
    );
    expect(first).toMatchObject({ name: "conform", seed: 8213, verdict: "held" });
    expect(first?.properties).toEqual([{ id: "J1", verdict: "held", exercised: 3 }]);
    expect(second).toMatchObject({ name: "conform, concurrent", verdict: "violated" });
    expect(first?.to_ms).toBeGreaterThan(first?.from_ms ?? Number.NaN);
    expect(second?.from_ms).toBeGreaterThanOrEqual(first?.to_ms ?? Number.NaN);
  });

  it("of later rounds are recorded only where they were not held", async () => {
    const [first, later] = await ran([step("conform", judged("held"))], 2);
    expect([first?.seed, later]).toEqual([8213, undefined]);
    const [, broken] = await ran([step("conform", judged("violated"))], 2);
    expect(broken?.seed).toBe(8214);
  });
});

describe("the canary", () => {
  it("that is killed is listed as a mutant, and its violation is none of the run", async () => {
    const [canary, conform] = await runGate(plan([step("conform", held)]), world().world);
    expect(canary).toMatchObject({
      name: "canary",
      verdict: "held",
      violations: [],
      mutants: [{ verdict: "killed", runs_to_kill: 7, property: "J1" }],
    });
    expect(conform).toMatchObject({ name: "conform", verdict: "held" });
  });

  it("that survives breaks the run, and nothing else is run", async () => {
    const next = fails(new Error("ran"));
    const evidence = await runGate(
      plan([step("conform", next)], {}, async () => endsWith("survived"), next),
      world().world,
    );
    const reason = expect.stringContaining("was not killed");
    expect(evidence).toMatchObject([{ name: "canary", verdict: "broken", reason, mutants: [{ verdict: "survived" }] }]);
  });

  it("that is void, as where the system breaks the property too, breaks the run and hides nothing", async () => {
    const evidence = await runGate(
      plan([step("conform", async () => layer("conform", { verdict: "violated" }))], {}, async () => endsWith("void")),
      world().world,
    );
    expect(evidence).toMatchObject([
      { name: "canary", verdict: "broken", reason: expect.stringContaining("it proves nothing of the layer") },
      { name: "conform", verdict: "violated" },
    ]);
  });

  it("of each layer has to be killed", async () => {
    const killed = async () => endsWith("killed");
    const evidence = await runGate(plan([step("conform", held)], {}, killed, killed), world().world);
    expect(evidence.map(({ name }) => name)).toEqual(["canary", "canary", "conform"]);
    const survivor = plan([step("conform", held)], {}, killed, async () => endsWith("survived"));
    expect((await runGate(survivor, world().world)).map(({ verdict }) => verdict)).toEqual(["held", "broken"]);
  });

  it("that throws ends the run with its error", async () => {
    await expect(runGate(plan([], {}, fails(new Error("no Redis"))), world().world)).rejects.toThrow("no Redis");
  });

  it("that is interrupted has not survived: the run is broken", async () => {
    const recorded = world();
    const canary = async () => {
      recorded.interrupt.abort();
      return endsWith("survived");
    };
    await expect(runGate(plan([], {}, canary), recorded.world)).rejects.toBeInstanceOf(BrokenRunError);
  });
});

describe("a step", () => {
  it("that throws makes its layer broken, and the others still run", async () => {
    const recorded = world();
    const evidence = await runGate(
      plan([step("inject a", fails(new Error("proxy gone"))), step("conform", held)]),
      recorded.world,
    );
    expect(evidence).toMatchObject([
      { name: "canary" },
      { name: "inject", verdict: "broken", reason: "inject a: proxy gone", duration_ms: 5 },
      { name: "conform", verdict: "held" },
    ]);
    expect(recorded.faults).toEqual([new Error("proxy gone")]);
  });

  it("that throws a UsageError ends the run", async () => {
    const wrong = new UsageError("no such folder", { where: "--lua", fix: "name one" });
    await expect(runGate(plan([step("conform", fails(wrong))]), world().world)).rejects.toBe(wrong);
  });

  it("without time left is unknown, and so is one that the budget cuts off", async () => {
    const recorded = world();
    const slow = async (_seed: number, signal: AbortSignal) => {
      recorded.budget.abort();
      signal.throwIfAborted();
      return layer("conform");
    };
    const evidence = await runGate(plan([step("conform", slow), step("inject a", held)]), recorded.world);
    expect(evidence.slice(1)).toMatchObject([
      { name: "conform", verdict: "unknown", reason: expect.stringContaining("before it ended") },
      { name: "inject", verdict: "unknown", reason: expect.stringContaining("before it began") },
    ]);
    expect(recorded.faults).toEqual([]);
  });

  it("that is interrupted is broken, and so are those after it", async () => {
    const recorded = world();
    const ran: string[] = [];
    const interrupted = async (_seed: number, signal: AbortSignal) => {
      recorded.interrupt.abort();
      signal.throwIfAborted();
      return layer("conform");
    };
    const later = async () => {
      ran.push("inject a");
      return layer("inject");
    };
    const evidence = await runGate(plan([step("conform", interrupted), step("inject a", later)]), recorded.world);
    expect(evidence.slice(1)).toMatchObject([
      { name: "conform", verdict: "broken", reason: "conform: interrupted" },
      { name: "inject", verdict: "broken", reason: "inject a: interrupted" },
    ]);
    expect(ran).toEqual([]);
  });
});

describe("a run that is interrupted", () => {
  const interrupting =
    (recorded: Recorded, parts: Partial<LayerEvidence> = {}) =>
    async (): Promise<LayerEvidence> => {
      recorded.interrupt.abort();
      return layer("conform", parts); // it returns what had run
    };

  it("is broken where the step returned its evidence, which is kept", async () => {
    const recorded = world();
    const evidence = await runGate(
      plan([step("conform", interrupting(recorded, { runs: 3, reason: "cut" }))]),
      recorded.world,
    );
    expect(evidence[1]).toMatchObject({
      verdict: "broken",
      cause: "interrupted",
      runs: 3,
      reason: "cut; conform: interrupted",
    });
    const red = world();
    const found = interrupting(red, { verdict: "violated", violations: [violation()] });
    expect((await runGate(plan([step("conform", found)]), red.world))[1]).toMatchObject({ verdict: "violated" });
  });

  it("is broken in a later round too, which is then the last", async () => {
    const recorded = world();
    let runs = 0;
    const third = step("conform", async () => {
      runs += 1;
      return runs === 3 ? interrupting(recorded)() : layer("conform");
    });
    const rounds: number[] = [];
    const evidence = await runGate(plan([third, step("inject a", held)], { rounds: Number.POSITIVE_INFINITY }), {
      ...recorded.world,
      onRound: (count) => rounds.push(count),
    });
    expect(rounds).toEqual([1, 2, 3]);
    expect(evidence.slice(-2)).toMatchObject([
      { name: "conform", verdict: "broken" },
      { name: "inject", verdict: "broken" },
    ]);
    expect(recorded.notes).toEqual([]);
  });
});

describe("rounds and shards", () => {
  it("take each seed once between them", async () => {
    const taken: number[] = [];
    for (const index of [1, 2, 3]) {
      const noting = step("conform", async (seed) => {
        taken.push(seed);
        return layer("conform");
      });
      await runGate(plan([noting], { rounds: 4, shard: { index, of: 3 } }), world().world);
    }
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => 8213 + index));
  });

  it("keep the pictures of the first round, and of a violated one under its own name", async () => {
    let round = 0;
    const drawn = step("inject a", async () => {
      round += 1;
      const series = [{ name: "r", scenario: "a", kind: "mode", side: "fault", points: [[0, 0]] } as const];
      return layer("inject", { verdict: round === 3 ? "violated" : "held", series });
    });
    const evidence = await runGate(plan([drawn], { rounds: 3 }), world().world);
    expect(evidence.slice(1).map((one) => one.series.map((series) => series.scenario))).toEqual([
      ["a"],
      [],
      ["a, seed 8215"],
    ]);
  });

  it("print at once what is violated or broken, each property once, and nothing that held", async () => {
    const recorded = world();
    const red = violation({ property: "K3", scenario: "a", token: "t1", story: ["60 ms\u0007, at most 50", "more"] });
    const runs = [
      async () => layer("inject"),
      async () => layer("inject", { verdict: "violated", violations: [red, { ...red, token: "t2" }] }),
      fails(new Error("no Redis")),
    ];
    let round = 0;
    const inTurn = step("inject a", () => (runs[round++] ?? held)());
    await runGate(plan([inTurn], { rounds: 3 }), recorded.world);
    expect(recorded.notes).toEqual([
      `violated: inject a, seed 8214: K3 in a: ${visible("60 ms\u0007, at most 50")}; ${replayCommand("t1")}`,
      "broken: inject a: no Redis",
    ]);
  });

  it("wrap around at 2^32", () => {
    expect(seedOf({ seed: 0xffffffff, shard: { index: 2, of: 3 } }, 1)).toBe(3);
  });

  it("after the first are dropped where the budget cuts them off, except violated ones", async () => {
    for (const [verdict, kept] of [
      ["unknown", 2],
      ["violated", 3],
    ] as const) {
      const recorded = world();
      let round = 0;
      const cut = step("conform", async () => {
        round += 1;
        if (round === 2) recorded.budget.abort();
        return layer("conform", { verdict: round === 2 ? verdict : "held" });
      });
      expect(await runGate(plan([cut], { rounds: Number.POSITIVE_INFINITY }), recorded.world)).toHaveLength(kept);
    }
  });
});
