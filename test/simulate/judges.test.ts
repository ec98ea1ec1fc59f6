import { describe, expect, it } from "vitest";
import type { Command } from "../../model/partition/command.ts";
import { emptyPartition, type Partition, step } from "../../model/partition/partition.ts";
import type { Call } from "../../src/check/history.ts";
import { judgeJobCounts } from "../../src/judges/jobs/counts.ts";
import type { MakeJudge } from "../../src/judges/judge.ts";
import { judgeSequences } from "../../src/judges/sequences.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import { judgeConvergence } from "../../src/simulate/judges/claims/convergence.ts";
import type { Case, OnlineJudge } from "../../src/simulate/judges/judge.ts";
import { Scene } from "../../src/simulate/judges/scene.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { toNodeState, toPort } from "../../src/simulate/servers/protocol-values.ts";
import type { Compared, Stepped } from "../../src/simulate/trace/events.ts";
import { inSimulation } from "./judges/in-simulation.ts";
import { small } from "./small.ts";

const common = { at: 1_000, partitions: 1, feedMax: 100 };
const languages = [{ source: "en", target: "de" }];
const offer = { pools: ["p"], languages, services: [], leave: { pools: [], languages: [] } };
const register: Command = {
  ...common,
  kind: "register_node",
  node: "n",
  registration: "r",
  maxJobs: 2,
  ttl: 100,
  ...offer,
};
const reserve = (job: string): Command => ({ ...common, kind: "reserve_job", node: "n", job, lease: 100 });

function stepped(before: Partition, command: Command): Stepped {
  const { changes, reply, state } = step(before, command);
  const place = { kind: "stepped", at: 5, server: 1, instance: 0, request: 1, partition: 0 } as const;
  return { ...place, command, before, after: state, reply, changes };
}

const registered = stepped(emptyPartition, register);
const reserved = stepped(registered.after, reserve("j"));

/** The step with its outcome changed: what a wrong store would have made of it. */
function wrong(event: Stepped, after: Partial<Partition>): Stepped {
  return { ...event, after: { ...event.after, ...after } };
}

function heard(judge: OnlineJudge, ...events: Parameters<OnlineJudge["on"]>[0][]) {
  for (const event of events) judge.on(event);
  return judge.finish();
}

const theCase: Case = {
  plan: planOf(small(), 1),
  settings: resolveSettings({ partitions: 1 }),
  instances: 1,
  partitions: 1,
  budget: 50,
  convergence: 1_000,
  recovery: 1_000,
  staleness: 300,
};

function heardCommonly(make: MakeJudge, ...events: Parameters<OnlineJudge["on"]>[0][]) {
  const scene = new Scene(theCase);
  const judge = inSimulation(make)(theCase, scene);
  for (const event of events) {
    scene.on(event);
    judge.on(event);
  }
  return judge.finish();
}

describe("J1", () => {
  it("holds where the count is that of the reservations, and is exercised by them only", () => {
    expect(heardCommonly(judgeJobCounts, registered, reserved)).toMatchObject({ verdict: "held", exercised: 1 });
    expect(heardCommonly(judgeJobCounts, registered)).toMatchObject({ verdict: "not_exercised" });
  });

  const record = reserved.after.nodes.get("n");
  it.each([2, 0, -1])("does not where %s are counted with one reservation", (currentJobs) => {
    if (record === undefined) throw new Error("no node n");
    const event = wrong(reserved, { nodes: new Map([["n", { ...record, currentJobs }]]) });
    const { verdict, violations } = heardCommonly(judgeJobCounts, event);
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe(`node n has current_jobs ${currentJobs} with 1 reservations, allowed only equal`);
  });
});

describe("V1", () => {
  it("holds where sequences grow by one", () => {
    expect(heardCommonly(judgeSequences, registered, reserved)).toMatchObject({ verdict: "held", exercised: 2 });
  });

  const meta = reserved.after.meta;
  if (meta === null) throw new Error("no meta");
  const restarted = stepped({ ...reserved.after, server: 2, nextEpoch: 7 }, reserve("k"));
  const again = stepped({ ...reserved.after, server: 3, nextEpoch: 7 }, reserve("l"));
  const told = { kind: "returned", at: 9, call: callTold(3) } as const;
  it.each([
    ["a sequence is skipped", [registered, wrong(reserved, { meta: { ...meta, sequence: 3 } })], /is at sequence 3/],
    [
      "a sequence is issued twice",
      [registered, wrong(reserved, { meta: { ...meta, sequence: 1 } })],
      /is at sequence 1/,
    ],
    ["an epoch comes back", [registered, reserved, restarted, again], /came back, allowed once/],
    ["a client is told what was never reached", [registered, reserved, told], /the store reached 2/],
  ] as const)("does not where %s", (_, events, story) => {
    const { verdict, violations } = heardCommonly(judgeSequences, ...events);
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toMatch(story);
  });
});

function callTold(sequence: number): Call {
  const version = toPort({ epoch: registered.after.meta?.epoch ?? 0, sequence });
  const from = { kind: "call", id: 1, instance: 0, op: "reserve_job", node: "n", job: "j", from: 8, to: 9 } as const;
  return { ...from, outcome: "ok", reply: "reserved", version };
}

describe("V3", () => {
  const state = reserved.after;
  const version = toPort(state.meta ?? { epoch: 0, sequence: 0 });
  const quiet = { kind: "phase", at: 100, name: "quiet" } as const;
  const truth = { kind: "truth", at: 1_200, partition: 0, state } as const;
  const compared = (at: number, sequence: number, mode = "normal"): Compared => ({
    kind: "compared",
    at,
    instance: 0,
    mode,
    views: [{ ...version, sequence }],
    store: [version],
  });
  const record = state.nodes.get("n");
  if (record === undefined) throw new Error("no node n");
  const node = toNodeState("n", record);
  const sighted = (nodes: readonly (typeof node)[]) => {
    const place = { kind: "sighted", at: 1_200, instance: 0, mode: "normal" } as const;
    return { ...place, views: [version], nodes, config: { shown: null, stored: null } };
  };

  it("holds where the view equals the store within the bound, and says when", () => {
    const judged = heard(judgeConvergence(theCase), quiet, compared(200, 1), compared(600, 2), truth, sighted([node]));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toEqual([{ name: "time_to_convergence_ms_max", value: 500, threshold: 1_000 }]);
  });

  it("holds where the view is on its way to a change of this moment", () => {
    const late = { ...reserved, at: 1_090 };
    const judged = heard(
      judgeConvergence(theCase),
      quiet,
      compared(200, 2),
      late,
      compared(1_100, 1),
      compared(1_200, 2),
    );
    expect(judged.verdict).toBe("held");
  });

  it.each([
    ["the view stays behind", [compared(200, 1), compared(1_200, 1)], /never equalled the store/],
    ["the view is late", [compared(200, 1), compared(1_200, 2)], /equalled the store 1100 ms after/],
    ["the instance stays degraded", [compared(1_200, 2, "l2_only")], /never equalled the store/],
    [
      "the view falls back",
      [compared(200, 2), compared(900, 1), compared(1_200, 2)],
      /equalled the store 1100 ms after/,
    ],
    ["a node is missing", [compared(200, 2), truth, sighted([])], /is not there/],
    [
      "a node differs",
      [compared(200, 2), truth, sighted([{ ...node, current_jobs: 0 }])],
      /current_jobs 0 instead of 1/,
    ],
    [
      "a node is shown that is not there",
      [compared(200, 2), truth, sighted([node, { ...node, node: "m" }])],
      /shows node m/,
    ],
  ] as const)("does not where %s", (_, events, story) => {
    const { verdict, violations } = heard(judgeConvergence(theCase), quiet, ...events);
    expect(verdict).toBe("violated");
    expect(violations.flat().join("\n")).toMatch(story);
  });
});
