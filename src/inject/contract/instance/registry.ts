/** All checks of an instance by itself. */
import { answerChecks } from "../answers/answer-checks.ts";
import { eventChecks } from "../answers/event-checks.ts";
import { healthChecks } from "../answers/health-checks.ts";
import { lossChecks } from "../answers/loss-checks.ts";
import { partitionChecks } from "../answers/partition-checks.ts";
import { roomChecks } from "../answers/room-checks.ts";
import { spreadChecks } from "../answers/spread-checks.ts";
import { cachingChecks } from "../caching-checks.ts";
import { wrongConfigurationChecks } from "../loading/malformed-configuration.ts";
import { pagingChecks } from "../loading/paging-checks.ts";
import { reloadChecks } from "../loading/reload-checks.ts";
import { instanceMemoryChecks } from "../memory/instance-memory.ts";
import type { InstanceCheck } from "./check.ts";
import { closingChecks } from "./closing-checks.ts";
import { configurationChecks } from "./configuration-checks.ts";
import { epochChecks } from "./epoch-checks.ts";
import { followingChecks } from "./following-checks.ts";
import { loadingChecks } from "./loading-checks.ts";
import { modeChecks } from "./mode-checks.ts";
import { selectionChecks } from "./selection-checks.ts";
import { sweepingChecks } from "./sweeping-checks.ts";
import { writingChecks } from "./writing-checks.ts";

export const instanceChecks: readonly InstanceCheck[] = [
  ...loadingChecks,
  ...pagingChecks,
  ...reloadChecks,
  ...followingChecks,
  ...epochChecks,
  ...modeChecks,
  ...closingChecks,
  ...sweepingChecks,
  ...selectionChecks,
  ...writingChecks,
  ...configurationChecks,
  ...wrongConfigurationChecks,
  ...cachingChecks,
  ...answerChecks,
  ...eventChecks,
  ...healthChecks,
  ...lossChecks,
  ...partitionChecks,
  ...roomChecks,
  ...spreadChecks,
  ...instanceMemoryChecks,
];
