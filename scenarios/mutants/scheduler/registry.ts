/** All wrong schedulers that are kept, each once. */

import { plantedInCore } from "./core.ts";
import formerLifeAdopted from "./following/former-life-adopted.ts";
import gapIgnored from "./following/gap-ignored.ts";
import healthNotFollowed from "./following/health-not-followed.ts";
import higherNumberWins from "./following/higher-number-wins.ts";
import noResyncAfterReconnect from "./following/no-resync-after-reconnect.ts";
import offlineStaysSelectable from "./following/offline-stays-selectable.ts";
import resyncOnEveryGap from "./following/resync-on-every-gap.ts";
import unconditionalCache from "./following/unconditional-cache.ts";
import type { Planted } from "./planted.ts";
import blocksTheLoop from "./reading/blocks-the-loop.ts";
import computesInReads from "./reading/computes-in-reads.ts";
import hopefulMode from "./reading/hopeful-mode.ts";
import { plantedInvented } from "./reading/invented.ts";
import missMarkKept from "./reading/miss-mark-kept.ts";
import noJitter from "./reading/no-jitter.ts";
import noMissMark from "./reading/no-miss-mark.ts";
import noReadDeadline from "./reading/no-read-deadline.ts";
import roundsInReads from "./reading/rounds-in-reads.ts";
import { plantedUnlisted } from "./reading/unlisted.ts";

/** Those that real servers show too. */
const plantedInWorld: readonly Planted[] = [
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

const known = new Set(plantedInWorld.map(({ id }) => id));

export const plantedSchedulers: readonly Planted[] = [
  ...plantedInWorld,
  ...plantedInCore.filter(({ id }) => !known.has(id)),
  ...plantedUnlisted,
  ...plantedInvented,
  roundsInReads,
];
