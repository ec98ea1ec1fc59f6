import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SchedulerMutant } from "../../../scenarios/mutants/scheduler/mutant.ts";
import roundsInReads from "../../../scenarios/mutants/scheduler/reading/rounds-in-reads.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { type LoadedScheduler, loadScheduler } from "../../../src/mutants/schedulers.ts";
import { runBatch, scenarioNamed } from "../../../src/simulate/batch/batch.ts";
import { instrumented, work } from "../../../src/simulate/cost/instrument.ts";
import { costs } from "../../../src/simulate/cost/processors.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { replaySimulate } from "../../../src/simulate/run/replay.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { verdictOf } from "../small.ts";

const scenario = scenarioNamed("redis-slow");
const plan = planOf(scenario, 1);
const batch = {
  ...{ seeds: { from: 1, to: 1 }, signal: new AbortController().signal },
  ...{ now: () => performance.now(), isCharged: true },
};
let right: LoadedScheduler;

beforeAll(async () => {
  right = await loadScheduler(null, instrumented);
});
afterAll(() => right[Symbol.dispose]());

async function charged(edits: SchedulerMutant["edits"] = []) {
  using loaded = await loadScheduler({ id: "test", edits }, instrumented);
  return await runPlan({ plan, isCharged: true, createScheduler: loaded.createScheduler });
}

/** In each read that L1 does not answer. */
const inReads = (text: string): SchedulerMutant["edits"] => [
  {
    file: "reading/reads.ts",
    find: `    checkId("node", node);\n`,
    replace: `    checkId("node", node);\n    ${text}\n`,
  },
];

describe("a source that counts what it computes", () => {
  const counted = (text: string): number => {
    const before = work.blocks;
    new Function(instrumented(text, "x.ts"))();
    return work.blocks - before;
  };

  it.each([
    ["const one = 1;", 0],
    ["function f() { return 1; } f(); f();", 2],
    ["const f = (x) => x; f(1);", 1],
    ["const f = () => ({ a: 1 }); f();", 1],
    ["const f = () => () => 1; f()();", 2],
    ["class A { m() {} get g() { return 1; } constructor() {} } const a = new A(); a.m(); a.g;", 3],
    ["for (let i = 0; i < 5; i++);", 5],
    ["for (const x of [1, 2, 3]) x;", 3],
    ["let i = 0; while (i < 4) i++; do { i--; } while (i > 0);", 8],
    ["for (const k in { a: 1, b: 2 }) { k; }", 2],
    ["[3, 1, 2].map((x) => x * 2);", 3],
  ])("counts %s as %d", (text, blocks) => {
    expect(counted(text)).toBe(blocks);
  });

  it("has every line where it was", () => {
    const text = "const a = 1;\nfor (;;) {\n  break;\n}\n";
    expect(instrumented(text, "x.ts").split("\n")).toHaveLength(text.split("\n").length);
  });
});

describe("a run in which computing takes time", () => {
  it("is the same every time, holds D1, and says what each kind of step took", async () => {
    const [one, other] = [await charged(), await charged()];
    expect(one.hash).toBe(other.hash);
    expect(one.broken).toBeNull();
    expect(verdictOf(one, "D1")).toBe("held");
    expect([...(one.spent ?? [])]).toEqual([...(other.spent ?? [])]);
    const read = one.spent?.get("getNode");
    expect(read?.steps).toBeGreaterThan(1_000);
    expect(read?.longest).toBeGreaterThan(costs.arrival / 1_000);
  });

  it("is another than one in which it takes none, which stays as it is", async () => {
    const free = await runPlan({ plan });
    const counted = await runPlan({ plan, createScheduler: right.createScheduler });
    expect(counted.hash).toBe(free.hash);
    expect(free.spent).toBeNull();
    expect((await charged()).hash).not.toBe(free.hash);
  });

  it("shows work that is added to a path, to the round", async () => {
    const meanOf = ({ spent }: Awaited<ReturnType<typeof charged>>): number => {
      const { blocks = 0, steps = 1 } = spent?.get("getNode") ?? {};
      return blocks / steps;
    };
    const [before, after] = [
      meanOf(await charged()),
      meanOf(await charged(inReads("for (let round = 0; round < 1_000; round += 1);"))),
    ];
    // Reads that L1 answers do not come by.
    expect(after - before).toBeGreaterThan(300);
    expect(after - before).toBeLessThan(1_010);
  });

  it("breaks D1 where one read in 50 computes 45 ms, and without the charge nothing shows", async () => {
    const { edits } = roundsInReads;
    const [one, other] = [await charged(edits), await charged(edits)];
    expect(verdictOf(one, "D1")).toBe("violated");
    expect(other.judgements).toEqual(one.judgements);
    expect(
      one.judgements
        .flatMap(({ violations }) => violations)
        .flat()
        .join("\n"),
    ).toMatch(/computed 45 ms without a break, allowed 25 ms/);
    using wrong = await loadScheduler(roundsInReads);
    expect(verdictOf(await runPlan({ plan, createScheduler: wrong.createScheduler }), "D1")).toBe("held");
  });

  it("lets a loop that polls the clock wait no longer than that", async () => {
    // A wait of 30 ms takes half a million rounds, so few reads have one.
    const isRare = "Math.floor(clock.now()) % 97 === 0";
    const wait = "for (const until = clock.now() + 30; clock.now() < until; );";
    const run = await charged(inReads(`if (${isRare}) ${wait}`));
    expect(run.broken).toBeNull();
    const { longest = 0 } = run.spent?.get("getNode") ?? {};
    expect(longest).toBeGreaterThan(30_000);
    expect(longest).toBeLessThan(30_100);
    expect(verdictOf(run, "D1")).toBe("violated");
  });

  it("cannot be believed where nothing was counted", async () => {
    const run = await runPlan({ plan, isCharged: true });
    expect(run.broken).toMatch(/^nothing that the scheduler computes was counted/);
  });

  it("replays from its token as it was charged", async () => {
    const planted = { id: null, createScheduler: right.createScheduler };
    const lines: string[] = [];
    const evidence = await runBatch(scenario, {
      ...batch,
      planted,
      onSeed: ({ token, trace_hash }) => lines.push(token, trace_hash),
    });
    const [token = "", hash] = lines;
    expect(evidence).toMatchObject({ verdict: "held", json: { charged: true, cpu: { costs_ns: costs } } });
    expect(evidence.properties.map(({ id }) => id)).toEqual(["D1"]);
    const { line } = await replaySimulate({ ...batch, token: decodeToken(token), planted });
    expect(line.trace_hash).toBe(hash);
  });
});
