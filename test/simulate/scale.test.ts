// @module-tag slow
/** How the cost of a simulated event grows with the fleet. */
import { expect, it } from "vitest";
import { scenario } from "../../scenarios/declare/declare.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { runPlan } from "../../src/simulate/run/run.ts";

interface Fleet {
  readonly instances: number;
  readonly nodes: number;
  readonly partitions: number;
}

/** The CPU time of this thread, in microseconds an event, with registration of the nodes and all judges. All instances together have the same load. */
async function costOf(fleet: Fleet): Promise<number> {
  const every = (millis: number) => (millis * fleet.instances) / 3;
  const declared = scenario({
    name: "fleet",
    why: "The load of three instances, on any number of them.",
    topology: { ...fleet, maxJobsPerNode: 4 },
    load: [
      { kind: "read", every: every(4) },
      { kind: "read_missing", every: every(40) },
      { kind: "select", every: every(20) },
      { kind: "heartbeat", every: every(6) },
      { kind: "dispatch", every: every(12), holds: 300 },
    ],
    faults: [],
    always: ["J1", "V1", "V2", "S1", "S2", "S3", "S5", "P1", "F1", "M1"],
    duration: 1_500,
  });
  const before = process.threadCpuUsage();
  const run = await runPlan({ plan: planOf(declared, 1) });
  const { system, user } = process.threadCpuUsage(before);
  expect(run.judgements.map(({ verdict }) => verdict)).toEqual(run.judgements.map(() => "held"));
  return (user + system) / run.events;
}

it("does not: 100 times the nodes and 8 times the instances cost less than three times as much an event", async () => {
  const small = { instances: 3, nodes: 20, partitions: 2 };
  await costOf(small); // compiles
  const usual = await costOf(small);
  // A walk through all nodes for each event would cost 100 times as much; measured is 0.9 to 1.2.
  expect(await costOf({ instances: 24, nodes: 2_000, partitions: 8 })).toBeLessThan(3 * usual);
}, 60_000);
