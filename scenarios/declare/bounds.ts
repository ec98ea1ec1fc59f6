/** The bounds by which a run of a scenario is judged, simulated or real. */
import { budget } from "../../src/check/documented-settings.ts";
import type { Bounds } from "../../src/check/judgement.ts";
import type { Scenario } from "./declare.ts";

/** ms of latency, request and reply together, at which every call misses the usual timeout of 25 ms: the link counts as cut off. */
export const longLatency = 50;
/** ms, for bounds that a scenario does not declare. */
const defaultBound = 1_000;

export function boundsOf({ eventually: { D3, V3 }, staleness }: Pick<Scenario, "eventually" | "staleness">): Bounds {
  return { budget, recovery: D3?.within ?? defaultBound, convergence: V3?.within ?? defaultBound, staleness };
}
