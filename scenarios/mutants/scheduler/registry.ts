/** All wrong schedulers that are kept, each once. */
import blocksTheLoop from "./blocks-the-loop.ts";
import computesInReads from "./computes-in-reads.ts";
import { plantedInCore } from "./core.ts";
import formerLifeAdopted from "./former-life-adopted.ts";
import gapIgnored from "./gap-ignored.ts";
import healthNotFollowed from "./health-not-followed.ts";
import higherNumberWins from "./higher-number-wins.ts";
import hopefulMode from "./hopeful-mode.ts";
import { plantedInvented } from "./invented.ts";
import missMarkKept from "./miss-mark-kept.ts";
import noJitter from "./no-jitter.ts";
import noMissMark from "./no-miss-mark.ts";
import noReadDeadline from "./no-read-deadline.ts";
import noResyncAfterReconnect from "./no-resync-after-reconnect.ts";
import offlineStaysSelectable from "./offline-stays-selectable.ts";
import type { Planted } from "./planted.ts";
import resyncOnEveryGap from "./resync-on-every-gap.ts";
import roundsInReads from "./rounds-in-reads.ts";
import unconditionalCache from "./unconditional-cache.ts";
import { plantedUnlisted } from "./unlisted.ts";

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
