/** Describes the draws of a run from its seed, for the history's first line and the JSON line. */
import type { Fault } from "../../scenarios/declare/fault-kinds.ts";
import type { Trial } from "../check/judgement.ts";
import { metFaults } from "../check/marks.ts";
import type { DrawnOnServers } from "../load/plan/drawn-on-servers.ts";

interface DrawDescription {
  readonly topology: object;
  readonly settings: object;
  /** In the order of the indices that the history names. */
  readonly faults: readonly object[];
  readonly left_out: readonly (Fault & { readonly because: string })[];
  readonly not_judged: object;
}

export function describeDraw({ leftOut, notJudged, scenario }: DrawnOnServers): DrawDescription {
  const { faults, settings, topology } = scenario;
  return {
    ...{ topology, settings, faults },
    left_out: leftOut.map(({ because, fault }) => ({ ...fault, because })),
    not_judged: notJudged,
  };
}

/** Adds to each fault whether any call met it: a fault drawn by chance need not have met one. */
export function describeMetDraw(drawn: DrawnOnServers, trial: Trial): DrawDescription {
  const met = metFaults(trial);
  const faults = drawn.scenario.faults.map((fault, index) => ({ ...fault, met: met.has(index) }));
  return { ...describeDraw(drawn), faults };
}
