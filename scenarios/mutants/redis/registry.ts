/** All wrong ways to use Redis that are kept. No simulator and no model can have them: neither runs src/redis or lua. */
import { wrongCalls } from "./calls.ts";
import { wrongConfigurations } from "./configurations.ts";
import { wrongConnections } from "./connections.ts";
import type { RedisMutant } from "./mutant.ts";
import { wrongReplies } from "./replies.ts";
import { wrongScripts } from "./scripts.ts";

export const redisMutants: readonly RedisMutant[] = [
  ...wrongCalls,
  ...wrongConfigurations,
  ...wrongConnections,
  ...wrongReplies,
  ...wrongScripts,
];
