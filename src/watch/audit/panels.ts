/** The judges of one partition of a live store: those of src/judges, for a context in which only the store is observed. */
import type { Bounds, Terms, Trial } from "../../check/judgement.ts";
import type { OnViolation } from "../../judges/findings.ts";
import { Panel } from "../../judges/panel.ts";
import { RecordedTiming } from "../../judges/recorded/timing.ts";
import { judges } from "../../judges/registry.ts";
import type { Truth } from "../../judges/truth.ts";
import { watchedProperties } from "./sums.ts";

/**
 * Instance 0 is the watch itself, which follows the feed as an instance does. The settings of the deployment are not known: with these values no rule of these
 * judges depends on them.
 */
export const instances = 1;
export const bounds: Bounds = { budget: 1, recovery: 1, convergence: 1, staleness: 1 };

export const settings: Omit<Terms, "feedMax"> = { missTtl: 1, l1Ttl: 1, heartbeatTtl: 1, ttlSpread: 0 };

/** @param terms with the length of the feed as it was last read */
export function makePanel(truth: Truth, terms: Terms, partition: number, onViolation: OnViolation): Panel {
  const nothing: Trial = { side: "control", history: [], observations: [], instances, bounds, terms };
  const makes = watchedProperties.flatMap((property) => judges[property] ?? []);
  return new Panel(
    {
      ...{
        instances,
        bounds,
        terms,
        truth,
        onViolation,
        partitions: partition + 1,
        timing: new RecordedTiming(nothing),
      },
      ...{ watched: new Set([0]), reporting: new Set(), isControl: true, isStoreAlone: true },
      ...{ arePlacesSeen: false, areConfigurationsSeen: false, areCallsSeen: false, isViewSeen: () => true },
    },
    makes,
  );
}
