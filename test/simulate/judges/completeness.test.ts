import { describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { runBatch } from "../../../src/simulate/batch/batch.ts";
import { runSmall, small } from "../small.ts";

const unsprung: Fault = {
  kind: "reply_lost",
  at: 100,
  lasts: 500,
  script: "reserve_job",
  nth: 10_000,
  connection: "cut",
};
const latency: Fault = { kind: "redis_latency", at: 500, lasts: 300, adds: 20, direction: "replies", link: "both" };

function batchOf(faults: readonly Fault[], seeds = 2) {
  const options = { seeds: { from: 1, to: seeds }, signal: new AbortController().signal, failures: "plain" as const };
  return runBatch(small(faults), { ...options, now: () => performance.now() });
}

describe("a run of which the judges were shown nothing", () => {
  it("cannot be believed", async () => {
    const run = await runSmall([], { judgedEvents: 0 });
    expect(run.broken).toMatch(/^no event reached the judges of J1, V1, V3$/);
    expect(run.judgements.map(({ verdict }) => verdict)).toEqual(["not_exercised", "not_exercised", "not_exercised"]);
  });

  it("is open where they were shown a part of it, and says how much is missing", async () => {
    const whole = await runSmall();
    expect(whole.judgements.map(({ verdict }) => verdict)).toEqual(["held", "held", "held"]);
    const { broken, judgements } = await runSmall([], { judgedEvents: Math.floor(whole.events * 0.7) });
    expect(broken).toBeNull();
    expect(judgements.map(({ verdict }) => verdict)).toEqual(["unknown", "unknown", "not_exercised"]);
    expect(judgements[0]?.reason).toMatch(
      /^the judges were not shown the whole run: at least \d+ of \d+ events .*phases 3/,
    );
  });
});

describe("a run whose fault was never in force", () => {
  it("exercises nothing, and says which: a batch of such runs is not exercised", async () => {
    const { properties, reason, verdict } = await batchOf([unsprung]);
    expect(verdict).toBe("not_exercised");
    expect(properties.map(({ exercised }) => exercised)).toEqual([0, 0, 0]);
    expect(reason).toMatch(/never exercised: J1, V1, V3/);
    expect(properties[0]?.reason).toMatch(/no fault of the plan was ever in force/);
  });

  it("takes nothing away where another fault of its plan was", async () => {
    expect((await batchOf([latency, unsprung])).verdict).toBe("held");
  });
});
