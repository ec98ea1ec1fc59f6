/** Makes smaller or shorter plans from a plan, if a declaration would allow them. */
import { type Declaration, type Scenario, scenario } from "../../../scenarios/declare/declare.ts";
import { ScenarioError } from "../../../scenarios/declare/error.ts";
import { endOf, type Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { Action } from "../../load/plan/plan.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Draw } from "../world/streams.ts";
import type { Plan } from "./plan.ts";

/**
 * A declaration as a plan has it: its load is in the plan's actions, and a bound for D3 stands however little time its faults leave.
 * @throws ScenarioError for all else that a declaration may not say
 */
export function planScenario({
  eventually: { D3, ...eventually },
  ...declared
}: Omit<Declaration, "load" | "eventually"> & Pick<Scenario, "eventually">): Scenario {
  const { duration } = declared;
  // A declaration has a load; this one is in its place.
  const checked = scenario({ ...declared, eventually, load: [{ kind: "read", every: duration }] });
  return { ...checked, eventually: D3 === undefined ? eventually : { ...eventually, D3 } };
}

export interface PlanEdit {
  readonly topology?: Partial<Scenario["topology"]>;
  readonly settings?: Scenario["settings"];
  readonly eventually?: Scenario["eventually"];
  readonly duration?: Millis;
  readonly actions?: readonly Action[];
  readonly faults?: readonly Fault[];
  readonly draws?: readonly Draw[];
}

/** @returns null where no such plan may be: faults that overlap, a bound without room, an action or a fault after the end */
export function edited(plan: Plan, edit: PlanEdit): Plan | null {
  const { topology, settings, eventually, duration, faults = plan.faults, actions = plan.actions } = edit;
  const draws = edit.draws ?? plan.draws;
  const from = plan.scenario;
  const length = duration ?? from.duration;
  if (actions.some(({ at }) => at >= length)) return null;
  try {
    const declared = planScenario({
      ...from,
      topology: { ...from.topology, ...topology },
      settings: settings ?? from.settings,
      eventually: eventually ?? from.eventually,
      duration: length,
      faults: [...faults],
    });
    const drawn = draws === undefined ? { seed: plan.seed, reseeded: plan.reseeded } : { seed: 0, draws };
    return { scenario: declared, actions, faults: declared.faults, ...drawn };
  } catch (error) {
    if (error instanceof ScenarioError) return null;
    throw error;
  }
}

/** Removes what begins after `end`, and ends what is in force then. */
export function endedAt(plan: Plan, end: Millis): Plan | null {
  const faults = plan.faults
    .filter(({ at }) => at < end)
    .map((fault) => (endOf(fault) <= end || !("lasts" in fault) ? fault : { ...fault, lasts: end - fault.at }));
  return edited(plan, { duration: end, faults, actions: plan.actions.filter(({ at }) => at < end) });
}

/** Removes what ends before `begin`; what is in force then begins with it. */
export function begunAt(plan: Plan, begin: Millis): Plan | null {
  const faults = plan.faults
    .filter((fault) => fault.at >= begin || endOf(fault) > begin)
    .map((fault) => {
      if (fault.at >= begin || !("lasts" in fault)) return { ...fault, at: fault.at - begin };
      return { ...fault, at: 0, lasts: endOf(fault) - begin };
    });
  const actions = plan.actions.filter(({ at }) => at >= begin).map((action) => ({ ...action, at: action.at - begin }));
  return edited(plan, { duration: plan.scenario.duration - begin, faults, actions });
}

/** Moves every time of the plan; `move` must keep their order. */
export function moved(plan: Plan, move: (at: Millis) => Millis): Plan | null {
  const faults = plan.faults.map((fault) => {
    const at = move(fault.at);
    return "lasts" in fault ? { ...fault, at, lasts: move(endOf(fault)) - at } : { ...fault, at };
  });
  return edited(plan, {
    faults,
    actions: plan.actions.map((action) => ({ ...action, at: move(action.at) })),
    duration: move(plan.scenario.duration),
  });
}

/** @param heir the instance that takes over its actions; null: they are removed */
export function withoutInstance(plan: Plan, gone: number, heir: number | null): Plan | null {
  const { instances } = plan.scenario.topology;
  if (instances === 1) return null;
  const placeOf = (instance: number): number => (instance > gone ? instance - 1 : instance);
  const actions = plan.actions.flatMap((action) => {
    if (action.instance !== gone) return { ...action, instance: placeOf(action.instance) };
    return heir === null ? [] : { ...action, instance: placeOf(heir) };
  });
  const faults = plan.faults.flatMap((fault) => {
    if (!("instances" in fault) || fault.instances === undefined) return fault;
    const left = fault.instances.filter((instance) => instance !== gone).map(placeOf);
    return left.length === 0 ? [] : { ...fault, instances: left };
  });
  return edited(plan, { topology: { instances: instances - 1 }, actions, faults });
}

/** Actions about removed nodes are redirected to others. */
export function withNodes(plan: Plan, nodes: number): Plan | null {
  const actions = plan.actions.map((action) => {
    const [, index] = /^node-(\d+)$/.exec("node" in action ? action.node : "") ?? [];
    return index === undefined ? action : { ...action, node: `node-${Number(index) % nodes}` };
  });
  return edited(plan, { topology: { nodes }, actions });
}
