/** All wrong ways to use Redis, and to embed the scheduler on it, that are kept. No simulator and no model can have them: neither runs what they change. */

import { wrongBranchesAndDefaults } from "./branches-and-defaults.ts";
import { wrongCalls } from "./calls.ts";
import { wrongConfigurations } from "./configurations.ts";
import { wrongConnections } from "./connections.ts";
import { wrongEmbedding } from "./embedded.ts";
import { wrongEndings } from "./endings.ts";
import { wrongFeeds } from "./feeds.ts";
import { wrongGroups } from "./groups.ts";
import { wrongListening } from "./listeners.ts";
import type { RedisMutant } from "./mutant.ts";
import { wrongPauses } from "./pauses.ts";
import { wrongRefusals } from "./refusals.ts";
import { wrongReplies } from "./replies.ts";
import { wrongScripts } from "./scripts.ts";

export const redisMutants: readonly RedisMutant[] = [
  ...wrongCalls,
  ...wrongConfigurations,
  ...wrongConnections,
  ...wrongReplies,
  ...wrongGroups,
  ...wrongScripts,
  ...wrongFeeds,
  ...wrongEndings,
  ...wrongEmbedding,
  ...wrongListening,
  ...wrongRefusals,
  ...wrongPauses,
  ...wrongBranchesAndDefaults,
];
