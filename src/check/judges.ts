/** Which judge decides which property of a trial. */
import { judgeAcknowledged } from "./acknowledged.ts";
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
import { judgeLockFreedom } from "./lock-watch.ts";
import { judgeMisses } from "./misses.ts";
import { judgeNewcomers } from "./newcomers.ts";
import { type PropertyId, propertyIds } from "./properties.ts";
import { judgeReadLatency } from "./read-latency.ts";
import { judgeRecovery } from "./recovery.ts";
import { judgeReloads } from "./reloads.ts";
import { judgeSelectionLatency } from "./selection-latency.ts";
import { judgeSequences } from "./sequences.ts";

const judges: Partial<Readonly<Record<PropertyId, (trial: Trial) => Judgement>>> = {
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
export function judge(property: PropertyId, trial: Trial): Judgement {
  const hidden = whyHidden(property, trial);
  if (hidden !== null) return { ...nothingOf(property), reason: hidden };
  const judged = judges[property]?.(trial);
  if (judged !== undefined) return needsTheStore.has(property) ? unlessOverlooked(judged, trial) : judged;
  const reason = "no judge of histories decides it";
  return { ...nothingOf(property), reason };
}

/** Where what the store held is the measure. */
const needsTheStore: ReadonlySet<PropertyId> = new Set<PropertyId>([
  ...(["J1", "J2", "J3", "J4", "V1", "V2", "V3", "V4", "N1", "N2", "N3", "P1", "D4", "L1", "F1", "C1"] as const),
]);

/** A part of the feed that nobody saw makes right look wrong, and wrong right. */
function unlessOverlooked(judged: Judgement, { history }: Trial): Judgement {
  const [first] = ofKind(history, "overlooked");
  if (first === undefined || judged.verdict === "not_exercised") return judged;
  const where = `entries ${first.from} to ${first.to} of partition ${first.partition}, epoch ${first.epoch}`;
  const reason = `${where} were trimmed before the observer had read them: run again, or let the feed keep more`;
  return { ...judged, verdict: "unknown", violations: [], blamed: [], reason, cause: "unobserved" };
}

function nothingOf(property: PropertyId): Judgement {
  return { property, verdict: "not_exercised", exercised: 0, measures: [], violations: [] };
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
