/** What is told of a run whose faults the seed drew: for the history's first line, and for machines. */
import type { Fault } from "../../scenarios/declare/fault-kinds.ts";
import type { Trial } from "../check/judgement.ts";
import { metFaults } from "../check/marks.ts";
import type { DrawnOnServers } from "../load/plan/drawn-on-servers.ts";

interface ToldDraw {
  readonly topology: object;
  readonly settings: object;
  /** Their places in the list are those that the history names. */
  readonly faults: readonly object[];
  readonly left_out: readonly (Fault & { readonly because: string })[];
  readonly not_judged: object;
}

export function tellDrawn({ leftOut, notJudged, scenario }: DrawnOnServers): ToldDraw {
  const { faults, settings, topology } = scenario;
  return {
    ...{ topology, settings, faults },
    left_out: leftOut.map(({ because, fault }) => ({ ...fault, because })),
    not_judged: notJudged,
  };
}

/** With each fault whether anybody met it: one that came by chance need not have been. */
export function tellMet(drawn: DrawnOnServers, trial: Trial): ToldDraw {
  const met = metFaults(trial);
  const faults = drawn.scenario.faults.map((fault, index) => ({ ...fault, met: met.has(index) }));
  return { ...tellDrawn(drawn), faults };
}
