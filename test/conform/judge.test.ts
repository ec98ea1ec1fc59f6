/** Verdicts of a batch on properties of which it has seen nothing, or a part. */
import { describe, expect, it } from "vitest";
import { advance } from "../../src/conform/advance.ts";
import type { Batch } from "../../src/conform/batch.ts";
import type { StepRecord } from "../../src/conform/execute.ts";
import { judge } from "../../src/conform/judge.ts";
import type { CallMove } from "../../src/conform/plan/plan.ts";
import { resolve } from "../../src/conform/plan/resolve.ts";
import { noTraffic } from "../../src/conform/plan/traffic.ts";
import { emptyWorld, type World } from "../../src/conform/plan/world.ts";
import { notWatched } from "../../src/conform/store/key-evidence.ts";
import { createTally, type Tally } from "../../src/conform/tally.ts";

const whole = {
  traffic: noTraffic(),
  watchable: [],
  runs: 3,
  planned: 3,
  commands: 9,
  failed: null,
  others: [],
  isCut: false,
};
const batchOf = (tally: Tally, more: Partial<Batch> = {}): Batch => ({ ...whole, tally, ...more });
const judged = (batch: Batch) => judge({ batch, failed: [], watched: notWatched, isReplay: false });

const register: CallMove = {
  ...{ do: "register_node", delivery: "delivered", node: 0, token: "new", expected: "right", maxJobs: 1 },
  ...{ pools: [], languages: [], ttl: 15_000 },
};
const reserve: CallMove = { do: "reserve_job", delivery: "delivered", node: 0, job: 0, lease: 15_000, seen: "all" };

const beat: Extract<CallMove, { do: "heartbeat" }> = {
  ...{ do: "heartbeat", delivery: "delivered", node: 0, life: "current", seq: "next", chunk: 0, health: 500 },
  ...{ metrics: "plain", running: [], ttl: 15_000, lease: 15_000 },
};

/** The model's side of these calls, each made once or twice, as a run reports it. */
function tallied(...calls: readonly (readonly [CallMove, times: 1 | 2])[]): Tally {
  const tally = createTally();
  let world: World = emptyWorld;
  for (const [move, times] of calls) {
    const resolved = resolve(move, world, 1_000, "t");
    for (const attempt of ([1, 2] as const).slice(0, times)) {
      const advanced = advance(world, resolved);
      const record: StepRecord = { move, resolved, attempt, before: world, advanced, isExact: true };
      tally.stepped(record, new Map());
      world = advanced.world;
    }
  }
  return tally;
}

const exercised = (tally: Tally, id: string): number =>
  judged(batchOf(tally)).find((each) => each.id === id)?.exercised ?? -1;

describe("a batch of conform", () => {
  it("that compared nothing holds nothing", () => {
    const verdicts = judged(batchOf(createTally())).map(({ id, verdict }) => [id, verdict]);
    expect(verdicts.length).toBeGreaterThan(8);
    expect(verdicts).toContainEqual(["K1", "not_exercised"]);
    expect(new Set(verdicts.map(([, verdict]) => verdict))).toEqual(new Set(["not_exercised"]));
  });

  it("that was interrupted is unknown for what it held, with the share", () => {
    const found = judged(batchOf(tallied([register, 1], [reserve, 2]), { isCut: true, runs: 1 }));
    expect(found.find(({ id }) => id === "J1")).toMatchObject({
      verdict: "unknown",
      reason: "interrupted after 1 of 3 runs",
    });
    expect(found.some(({ verdict }) => verdict === "held")).toBe(false);
  });

  it("holds J1 and J3 for what was compared with a job there", () => {
    const tally = tallied([register, 1], [reserve, 2]);
    expect(exercised(tally, "J1")).toBe(2);
    expect(exercised(tally, "J3")).toBe(1);
  });

  it("holds N1 for what a life said too late, and not for a place refused by a node that has left", () => {
    const leave: CallMove = {
      ...{ do: "offline_node", delivery: "delivered", node: 0, life: "current", retention: 15_000 },
    };
    expect(exercised(tallied([register, 1], [leave, 1], [reserve, 2]), "N1")).toBe(0);
    expect(exercised(tallied([register, 1], [leave, 1], [beat, 1]), "N1")).toBe(1);
  });

  it("does not exercise J1 or J3 with calls that no job was there for", () => {
    const tally = tallied([reserve, 2], [register, 2]);
    expect(exercised(tally, "K2")).toBe(2);
    expect(exercised(tally, "J1")).toBe(0);
    expect(exercised(tally, "J3")).toBe(0);
  });
});
