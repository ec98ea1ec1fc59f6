/** All checks of an instance by itself. */
import { cachingChecks } from "../caching-checks.ts";
import { wrongConfigurationChecks } from "../loading/malformed-configuration.ts";
import { pagingChecks } from "../loading/paging-checks.ts";
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
];
