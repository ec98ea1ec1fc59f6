/** Which judge decides which property, in simulation, on real servers and of stored histories alike. */
import type { PropertyId } from "../check/properties.ts";
import { judgeCacheTruth } from "./answers/cache-truth.ts";
import { judgeRefusals } from "./answers/refusals.ts";
import { judgeConfiguration } from "./configuration/in-force.ts";
import { judgeFeedOrder } from "./feed-order.ts";
import { judgeHealthScores } from "./health/scores.ts";
import { judgeClosing } from "./instances/closing.ts";
import { judgeCounters } from "./instances/counters.ts";
import { judgeLimits } from "./instances/overload.ts";
import { judgeCapacity } from "./jobs/capacity.ts";
import { judgeJobCounts } from "./jobs/counts.ts";
import { judgeLeaks } from "./jobs/leaks.ts";
import { judgeLeases } from "./jobs/leases.ts";
import { judgeJobOnce } from "./jobs/once.ts";
import { judgeOrphans } from "./jobs/orphans.ts";
import type { MakeJudge } from "./judge.ts";
import { judgeLateHeartbeats } from "./late-heartbeats.ts";
import { judgeLinearizability } from "./linear/linearizability.ts";
import { judgeMisses } from "./misses.ts";
import { judgeModes } from "./modes/modes.ts";
import { judgeRefusedWrites } from "./modes/refused-writes.ts";
import { judgeDispatches } from "./selection/dispatches.ts";
import { judgeGoneNodes } from "./selection/gone-nodes.ts";
import { judgeOmissions } from "./selection/omissions.ts";
import { judgeSelections } from "./selection/only-suitable.ts";
import { judgeChoices } from "./selection/ranking/choices.ts";
import { judgeSequences } from "./sequences.ts";
import { judgeDeadlines } from "./time/deadlines.ts";
import { judgeDegradation } from "./time/degradation.ts";
import { judgeExpirySpread } from "./time/expiry-spread.ts";
import { judgeHeldDeadlines } from "./time/held-deadlines.ts";
import { judgeReadLatency } from "./time/read-latency.ts";
import { judgeRecovery } from "./time/recovery.ts";
import { judgeSelectionLatency } from "./time/selection-latency.ts";
import { judgeTwice } from "./twice.ts";
import { judgeConvergence } from "./views/convergence.ts";
import { judgeGaps } from "./views/gaps.ts";
import { judgeNewcomers } from "./views/newcomers.ts";
import { judgeReloads } from "./views/reloads.ts";
import { judgeAcknowledged } from "./writes/acknowledged.ts";

export const judges: Partial<Readonly<Record<PropertyId, MakeJudge>>> = {
  J1: judgeJobCounts,
  J2: judgeCapacity,
  J3: judgeJobOnce,
  J4: judgeLeaks,
  J5: judgeLeases,
  V1: judgeSequences,
  V2: judgeCacheTruth,
  V3: judgeConvergence,
  V4: judgeGaps,
  N1: judgeLateHeartbeats,
  N2: judgeGoneNodes,
  N3: judgeNewcomers,
  N4: judgeHeldDeadlines,
  O1: judgeOrphans,
  S2: judgeOmissions,
  S3: judgeChoices,
  S4: judgeConfiguration,
  H1: judgeHealthScores,
  P1: judgeReloads,
  D4: judgeAcknowledged,
  L1: judgeLinearizability,
  F1: judgeFeedOrder,
  C1: judgeExpirySpread,
  C2: judgeMisses,
  D1: judgeReadLatency,
  D2: judgeDegradation,
  D3: judgeRecovery,
  D5: judgeModes,
  D6: judgeRefusedWrites,
  K2: judgeTwice,
  K3: judgeDeadlines,
  K5: judgeLimits,
  K6: judgeClosing,
  K7: judgeRefusals,
  M1: judgeCounters,
  S5: judgeDispatches,
  S1: judgeSelections,
  B2: judgeSelectionLatency,
};
