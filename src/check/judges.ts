/** Which judge decides which property of a trial. */
import { judgeAcknowledged } from "./acknowledged.ts";
import { asFarAsSeen, nothingOf } from "./as-far-as-seen.ts";
import { judgeCacheTruth } from "./cache-truth.ts";
import { judgeConvergence } from "./convergence.ts";
import { judgeDeadlines } from "./deadlines.ts";
import { judgeDegradation } from "./degradation.ts";
import { judgeExpirySpread } from "./expiry-spread.ts";
import { judgeFeedOrder } from "./feed-order.ts";
import { judgeGaps } from "./gaps.ts";
import { judgeGoneNodes } from "./gone-nodes.ts";
import { ofKind } from "./history.ts";
import { judgeCapacity, judgeJobCounts } from "./job-counts.ts";
import { judgeJobOnce } from "./job-once.ts";
import type { Judgement, Trial } from "./judgement.ts";
import { judgeLateHeartbeats } from "./late-heartbeats.ts";
import { judgeLeaks } from "./leaks.ts";
import { judgeLinearizability } from "./linearizability.ts";
import { judgeLockFreedom } from "./locks/watch.ts";
import { judgeMisses } from "./misses.ts";
import { judgeNewcomers } from "./newcomers.ts";
import { type PropertyId, propertyIds } from "./properties.ts";
import { judgeReadLatency } from "./read-latency.ts";
import { judgeRecovery } from "./recovery.ts";
import { judgeReloads } from "./reloads.ts";
import { judgeSelectionLatency } from "./selection-latency.ts";
import { judgeSequences } from "./sequences.ts";

export type Judges = Partial<Readonly<Record<PropertyId, (trial: Trial) => Judgement>>>;

export const judges: Judges = {
  D1: judgeReadLatency,
  D2: judgeDegradation,
  D3: judgeRecovery,
  D4: judgeAcknowledged,
  J1: judgeJobCounts,
  J2: judgeCapacity,
  J3: judgeJobOnce,
  J4: judgeLeaks,
  V1: judgeSequences,
  V2: judgeCacheTruth,
  V3: judgeConvergence,
  V4: judgeGaps,
  N1: judgeLateHeartbeats,
  N2: judgeGoneNodes,
  N3: judgeNewcomers,
  P1: judgeReloads,
  L1: judgeLinearizability,
  F1: judgeFeedOrder,
  C1: judgeExpirySpread,
  C2: judgeMisses,
  K3: judgeDeadlines,
  K4: judgeLockFreedom,
  B2: judgeSelectionLatency,
};

/** Those that a judge of histories decides. */
export const decidedProperties: readonly PropertyId[] = propertyIds.filter((id) => judges[id] !== undefined);

/** A property that no judge knows is not exercised: it is named, never passed over. */
export function judge(property: PropertyId, trial: Trial, chosen: Judges = judges): Judgement {
  const hidden = whyHidden(property, trial);
  if (hidden !== null) return { ...nothingOf(property), reason: hidden };
  const judged = chosen[property]?.(trial);
  if (judged !== undefined) return asFarAsSeen(judged, trial);
  const reason = "no judge of histories decides it";
  return { ...nothingOf(property), reason };
}

/** Of instances in processes of their own: what cannot be seen from outside, or what the system does not claim, is not judged. */
function whyHidden(property: PropertyId, { history }: Trial): string | null {
  for (const { claims, name, withheld } of ofKind(history, "system")) {
    const reason = withheld[property];
    if (reason !== undefined) return reason;
    if (!claims.includes(property)) return `${name} does not claim it`;
  }
  return null;
}
