/** All plans that are kept, in the order in which they are run. */
import dataLostWhileAway from "./data-lost-while-away.ts";
import failoverBehind from "./failover-behind.ts";
import lateHeartbeatOfAFormerLife from "./late-heartbeat-of-a-former-life.ts";
import readOvertaken from "./read-overtaken.ts";
import registrationOvertaken from "./registration-overtaken.ts";
import type { Regression } from "./regression.ts";
import wakeUpMissed from "./wake-up-missed.ts";

export const regressions: readonly Regression[] = [
  dataLostWhileAway,
  failoverBehind,
  lateHeartbeatOfAFormerLife,
  readOvertaken,
  registrationOvertaken,
  wakeUpMissed,
];
