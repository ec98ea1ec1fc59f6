/**
 * D1: every read returns within the budget, whatever Redis does. An instance that stands still answers nobody: of a read that was asked for or
 * under way meanwhile, the time that counts is that in which the instance ran. Whoever asks the dead asks nobody.
 *
 * An instance that is degraded has nobody to ask: by its own promise it answers at once.
 *
 * Where computing takes time (src/simulate/cost), it counts. Nor may an instance compute for so long without a break that a read which comes meanwhile
 * would miss the budget whenever the store does not answer in time: the budget less the read's own deadline.
 */
import { type Call, readOps } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { Cause, LongStep, Spent } from "../cost/processors.ts";
import type { Called, SimEvent } from "../trace/events.ts";
import { ticksInMs } from "../world/virtual-time.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** Time is counted in ticks; what happens at once takes none. */
const tick: Millis = 1 / ticksInMs + 1e-6;
const reads: ReadonlySet<string> = new Set(readOps);

export function judgeReadLatency({ budget, processors, settings }: Case, scene: Scene): OnlineJudge {
  const stories = new Stories();
  let exercised = 0;
  let judged = 0;
  let met = 0;
  let slowest: Millis = 0;
  /** Calls that were made while the instance was degraded, with their begin. */
  const degraded = new Map<number, Pick<Called, "at" | "instance">>();
  /** A call that came while the instance computed begins after that: where it is back in `normal` by then, it may ask. */
  const returnedToNormal = (back: number, now: Millis): void => {
    if (processors === undefined) return;
    for (const [call, { at, instance }] of degraded) {
      if (instance === back && now - at - processors.busy(instance, at, now) <= tick) degraded.delete(call);
    }
  };
  const returned = (call: Call, at: Millis): void => {
    const { from, instance, outcome } = call;
    const to = call.to ?? at;
    if (scene.presence.wasDead(instance, from, to)) return;
    judged += 1;
    if (scene.presence.stood(instance, from, to)) met += 1;
    const took = scene.presence.ran(instance, from, to);
    slowest = Math.max(slowest, took);
    const idle = took - (processors?.busy(instance, from, to) ?? 0);
    if (degraded.delete(call.id) && idle > tick) stories.add(() => waited(call, idle));
    if (outcome === "fail") stories.add(() => refused(call));
    if (took >= budget || call.to === null) stories.add(() => late(call, took, budget));
    if (scene.wasTroubled(instance, from)) exercised += 1;
  };
  return {
    property: "D1",
    hears: ["called", "returned", "scheduler.mode_changed"],
    on(event: SimEvent): void {
      if (event.kind === "called" && reads.has(event.op) && scene.normalSince(event.instance) === null)
        degraded.set(event.call, event);
      if (event.kind === "scheduler" && event.what.kind === "mode_changed" && event.what.to === "normal")
        returnedToNormal(event.instance, event.at);
      if (event.kind === "returned" && reads.has(event.call.op)) returned(event.call, event.at);
    },
    finish(): Judgement {
      const { premise } = properties.D1;
      const allowed = budget - settings.readDeadline;
      // They come first: what was late is late because of them.
      const blocked = new Stories();
      for (const step of processors?.longSteps ?? []) if (step.took > allowed) blocked.add(() => long(step, allowed));
      return conclude({
        property: "D1",
        premise,
        exercised,
        judged,
        violations: [...blocked.all, ...stories.all],
        measures: [
          { name: "read_latency_ms_max", value: slowest, threshold: budget },
          { name: "reads_met_by_a_standstill", value: met },
          ...(processors === undefined ? [] : computed(processors.spent, allowed)),
        ],
      });
    },
  };
}

function waited({ from, instance, node, op }: Call, took: Millis): readonly string[] {
  return [
    `${op} ${node ?? ""} on instance ${instance} took ${inMs(took)} though the instance was degraded, allowed is an answer at once`,
    `asked at ${inMs(from)}, counting only while the instance ran`,
  ];
}

function long({ at, cause, instance, took }: LongStep, allowed: Millis): readonly string[] {
  return [
    `instance ${instance} computed ${inMs(took)} without a break, allowed ${inMs(allowed)}: a read that comes meanwhile has no more beside its deadline`,
    `in a step of ${cause} at ${inMs(at)}`,
  ];
}

/** What reads and selections took of the processor until they answered or had to ask, and the longest step of all. */
function computed(spent: ReadonlyMap<Cause, Spent>, allowed: Millis) {
  const longest = Math.max(0, ...[...spent.values()].map((one) => one.longest));
  return [
    { name: "cpu_us_of_a_read_max", value: spent.get("getNode")?.longest ?? 0 },
    { name: "cpu_us_of_a_selection_max", value: spent.get("selectNodes")?.longest ?? 0 },
    { name: "cpu_us_of_a_step_max", value: longest, threshold: allowed * 1_000 },
  ];
}

/** A read always has an answer, if only that nothing is known. */
function refused({ from, instance, node, op, reply }: Call): readonly string[] {
  return [
    `${op} ${node ?? ""} on instance ${instance} gave no answer, allowed is any answer`,
    `asked at ${inMs(from)}; ${reply}`,
  ];
}

function late({ from, instance, node, op, read, to }: Call, took: Millis, budget: Millis): readonly string[] {
  const waited = to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
  return [
    `${op} ${node ?? ""} on instance ${instance} ${waited}, allowed less than ${inMs(budget)}`,
    `asked at ${inMs(from)}, counting only while the instance ran`,
    ...(read === undefined ? [] : [`it answered from ${read.source}, stale: ${read.stale}, mode ${read.mode}`]),
  ];
}
