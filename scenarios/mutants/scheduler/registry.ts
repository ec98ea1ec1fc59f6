/** All wrong schedulers that are kept. */
import formerLifeAdopted from "./former-life-adopted.ts";
import gapIgnored from "./gap-ignored.ts";
import healthNotFollowed from "./health-not-followed.ts";
import hopefulMode from "./hopeful-mode.ts";
import missMarkKept from "./miss-mark-kept.ts";
import noJitter from "./no-jitter.ts";
import noMissMark from "./no-miss-mark.ts";
import noReadDeadline from "./no-read-deadline.ts";
import noResyncAfterReconnect from "./no-resync-after-reconnect.ts";
import offlineStaysSelectable from "./offline-stays-selectable.ts";
import type { Planted } from "./planted.ts";
import resyncOnEveryGap from "./resync-on-every-gap.ts";
import unconditionalCache from "./unconditional-cache.ts";

export const plantedSchedulers: readonly Planted[] = [
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
];
