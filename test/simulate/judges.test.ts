import { describe, expect, it } from "vitest";
import type { Command } from "../../model/partition/command.ts";
import { emptyPartition, type Partition, step } from "../../model/partition/partition.ts";
import type { Call } from "../../src/check/history.ts";
import { judgeJobCounts } from "../../src/judges/jobs/counts.ts";
import type { MakeJudge } from "../../src/judges/judge.ts";
import { judgeSequences } from "../../src/judges/sequences.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import type { Case } from "../../src/simulate/judges/case.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { toPort } from "../../src/simulate/servers/protocol-values.ts";
import { Bus } from "../../src/simulate/trace/bus.ts";
import type { SimEvent, Stepped } from "../../src/simulate/trace/events.ts";
import { inSimulation } from "./judges/in-simulation.ts";
import { small } from "./small.ts";

const common = { at: 1_000, partitions: 1, feedMax: 100 };
const languages = [{ source: "en", target: "de" }];
const offer = { pools: ["p"], languages, services: [] };
const register: Command = {
  ...common,
  kind: "register_node",
  node: "n",
  registration: "r",
  expected: null,
  maxJobs: 2,
  ttl: 100,
  ...offer,
};
const reserve = (job: string): Command => ({ ...common, kind: "reserve_job", node: "n", job, lease: 100, seen: 0 });

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

function heardCommonly(make: MakeJudge, ...events: SimEvent[]) {
  const judge = inSimulation(make)(theCase);
  const bus = new Bus([], judge.listeners);
  for (const event of events) bus.emit(event);
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
  const reported = { kind: "returned", at: 9, call: callReporting(3) } as const;
  it.each([
    ["a sequence is skipped", [registered, wrong(reserved, { meta: { ...meta, sequence: 3 } })], /is at sequence 3/],
    [
      "a sequence is issued twice",
      [registered, wrong(reserved, { meta: { ...meta, sequence: 1 } })],
      /is at sequence 1/,
    ],
    ["an epoch comes back", [registered, reserved, restarted, again], /came back, allowed once/],
    ["a client is answered what was never reached", [registered, reserved, reported], /the store reached 2/],
  ] as const)("does not where %s", (_, events, story) => {
    const { verdict, violations } = heardCommonly(judgeSequences, ...events);
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toMatch(story);
  });
});

function callReporting(sequence: number): Call {
  const version = toPort({ epoch: registered.after.meta?.epoch ?? 0, sequence });
  const from = { kind: "call", id: 1, instance: 0, op: "reserve_job", node: "n", job: "j", from: 8, to: 9 } as const;
  return { ...from, outcome: "ok", reply: "reserved", version };
}
