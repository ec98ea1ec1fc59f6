/** All wrong schedulers that are kept, each once. */

import { argumentMutants } from "./bounds/arguments.ts";
import { callMutants } from "./bounds/calls.ts";
import { defaultMutants } from "./bounds/defaults.ts";
import { modeMutants } from "./bounds/modes.ts";
import { ownDeadlineMutants } from "./bounds/own-deadlines.ts";
import { writeMutants } from "./bounds/writes.ts";
import { coreMutants } from "./core.ts";
import { edgeMutants } from "./corners.ts";
import { closingMutants } from "./figures/closing.ts";
import { counterMutants } from "./figures/counters.ts";
import { healthMutants } from "./figures/health.ts";
import { limitMutants } from "./figures/overload.ts";
import { epochMutants } from "./following/epochs.ts";
import finishedNotFollowed from "./following/finished-not-followed.ts";
import formerLifeAdopted from "./following/former-life-adopted.ts";
import gapIgnored from "./following/gap-ignored.ts";
import healthNotFollowed from "./following/health-not-followed.ts";
import higherNumberWins from "./following/higher-number-wins.ts";
import noResyncAfterReconnect from "./following/no-resync-after-reconnect.ts";
import offlineStaysSelectable from "./following/offline-stays-selectable.ts";
import { orphanMutants } from "./following/orphans.ts";
import resyncOnEveryGap from "./following/resync-on-every-gap.ts";
import { sweepMutants } from "./following/sweeps.ts";
import unconditionalCache from "./following/unconditional-cache.ts";
import type { SchedulerMutant } from "./mutant.ts";
import blocksTheLoop from "./reading/blocks-the-loop.ts";
import computesInReads from "./reading/computes-in-reads.ts";
import hopefulMode from "./reading/hopeful-mode.ts";
import { inventedMutants } from "./reading/invented.ts";
import missMarkKept from "./reading/miss-mark-kept.ts";
import { missMarkMutants } from "./reading/miss-marks.ts";
import noJitter from "./reading/no-jitter.ts";
import noMissMark from "./reading/no-miss-mark.ts";
import noReadDeadline from "./reading/no-read-deadline.ts";
import roundsInReads from "./reading/rounds-in-reads.ts";
import { unlistedMutants } from "./reading/unlisted.ts";
import { dispatchMutants } from "./selection/dispatching.ts";
import { poolMutants } from "./selection/pools.ts";
import { rankingMutants } from "./selection/ranking.ts";
import { configurationMutants } from "./writing/configurations.ts";
import { heartbeatMutants } from "./writing/heartbeats.ts";
import { lateReserveMutants } from "./writing/late-reserves.ts";
import { leaseMutants } from "./writing/leases.ts";
import { registrationMutants } from "./writing/registrations.ts";

/** Those that real servers show too. */
const worldMutants: readonly SchedulerMutant[] = [
  noReadDeadline,
  unconditionalCache,
  noResyncAfterReconnect,
  missMarkKept,
  offlineStaysSelectable,
  formerLifeAdopted,
  resyncOnEveryGap,
  gapIgnored,
  noMissMark,
  noJitter,
  healthNotFollowed,
  hopefulMode,
  higherNumberWins,
  blocksTheLoop,
  computesInReads,
];

const known = new Set(worldMutants.map(({ id }) => id));

export const schedulerMutants: readonly SchedulerMutant[] = [
  ...worldMutants,
  ...coreMutants.filter(({ id }) => !known.has(id)),
  ...orphanMutants,
  ...leaseMutants,
  ...heartbeatMutants,
  ...lateReserveMutants,
  finishedNotFollowed,
  ...registrationMutants,
  ...configurationMutants,
  ...epochMutants,
  ...edgeMutants,
  ...sweepMutants,
  ...missMarkMutants,
  ...unlistedMutants,
  ...inventedMutants,
  ...rankingMutants,
  ...poolMutants,
  ...dispatchMutants,
  ...healthMutants,
  ...closingMutants,
  ...limitMutants,
  ...counterMutants,
  ...defaultMutants,
  ...argumentMutants,
  ...ownDeadlineMutants,
  ...callMutants,
  ...modeMutants,
  ...writeMutants,
  roundsInReads,
];
