/** By which bounds a run of a scenario is judged, wherever it runs. */
import type { Bounds } from "../../src/check/judgement.ts";
import type { Scenario } from "./declare.ts";

/** How long a read may take, and degradation to be in force, ms: D1 and D2 claim it of every scenario. */
export const budget = 50;
/** Of what a scenario does not declare, ms. */
const defaultBound = 1_000;

export function boundsOf({ eventually: { D3, V3 }, staleness }: Pick<Scenario, "eventually" | "staleness">): Bounds {
  return { budget, recovery: D3?.within ?? defaultBound, convergence: V3?.within ?? defaultBound, staleness };
}
