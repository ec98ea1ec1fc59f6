/**
 * A run that is drawn anew from a time on. It is the same before it: the same instances, settings, actions and faults. After it, load, faults, latencies
 * and jitter come from another seed; faults in force continue to their end.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf } from "../../../scenarios/declare/fault-kinds.ts";
import { drawFaults } from "../../load/plan/nemesis.ts";
import { type Action, planLoad } from "../../load/plan/plan.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Plan } from "./plan.ts";

/** The run of a seed, with its rest drawn from another. @param declared from which the seed drew `plan` */
export function redrawn(plan: Plan, declared: Scenario, from: Millis, seed: number): Plan {
  const { nemesis } = declared;
  if (plan.draws !== undefined) return reordered(plan, from, seed);
  const random = seededRandom(seed);
  // With the topology and the network that the seed had drawn.
  const drawn: Scenario =
    nemesis === undefined ? plan.scenario : { ...plan.scenario, faults: declared.faults, nemesis };
  const begun = plan.faults.filter((fault) => fault.at < from || declared.faults.includes(fault));
  const free = Math.max(from, ...begun.filter(({ at }) => at < from).map(endOf));
  const later = nemesis === undefined ? [] : drawFaults(drawn, random("nemesis")).filter(({ at }) => at > free);
  const faults = [...begun, ...later].sort((a, b) => a.at - b.at);
  const actions = spliced(plan.actions, planLoad(plan.scenario, random), from);
  return reordered({ ...plan, scenario: { ...plan.scenario, faults }, faults, actions }, from, seed);
}

/** The same faults and actions; only latencies, jitter and the order of simultaneous events come from another seed. */
export function reordered(plan: Plan, from: Millis, seed: number): Plan {
  const before = (plan.reseeded ?? []).filter((earlier) => earlier.from < from);
  return { ...plan, reseeded: [...before, { from, seed }] };
}

/** Actions about subjects that began before `from` stay as they were; all others from then on are of the other load. */
function spliced(ours: readonly Action[], others: readonly Action[], from: Millis): readonly Action[] {
  const begun = new Set(ours.filter(({ at }) => at < from).flatMap((action) => subjectOf(action) ?? []));
  const isOfBegun = (action: Action): boolean => begun.has(subjectOf(action) ?? "");
  const kept = ours.filter((action) => action.at < from || isOfBegun(action));
  const later = others.filter((action) => action.at >= from && !isOfBegun(action));
  return [...kept, ...later].sort((a, b) => a.at - b.at);
}

/** The subject of an action that has a beginning and an end: a job, an absence, an impostor. */
export function subjectOf(action: Action): string | null {
  if ("job" in action) return action.job;
  if ("absence" in action) return action.absence;
  return "name" in action ? action.name : null;
}
