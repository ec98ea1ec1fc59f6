/** The claims that come to hold on every fair path of the `system` model. */
import type { Property } from "../../language/machine.ts";
import type { State } from "../state.ts";
import type { ClaimParts } from "./parts.ts";

export function livenessClaims(parts: ClaimParts): readonly Property[] {
  const { sometimes, eventually, domains, stored, views } = parts;
  const isConverged = (state: State): boolean => views.isConverged(state);
  const hasHiddenNode = (state: State): boolean =>
    domains.nodes.all.some((n) => stored.isOnline(state, n) && views.isHiddenFromSome(state, n));
  return [
    sometimes(
      "V3",
      "every view is the store's, after a fault",
      (state) => hasFailed(state) && state.store.meta.sequence > 0 && isConverged(state),
    ),
    eventually("V3", "every view becomes the store's", isConverged, (state) => !isConverged(state)),
    eventually("V4", "a gap that nothing tells of is repaired", isConverged, (state) =>
      views.some(state, (instance) => views.isUnaware(state, instance)),
    ),
    eventually(
      "N3",
      "a node that was marked as missing becomes visible once it is online",
      (state) => !hasHiddenNode(state),
      hasHiddenNode,
    ),
    eventually(
      "J4",
      "every reservation ends, unless the scope does",
      (state) => !stored.hasJobs(state) || stored.hasRunOut(state),
      (state) => stored.hasJobs(state),
    ),
  ];
}

function hasFailed({ faults }: State): boolean {
  return faults.any + faults.answers + faults.repeats + faults.goings > 0;
}
