/** All scenarios, in the order in which a gate runs them. */
import type { Scenario } from "./declare.ts";
import redisGone from "./redis-gone.ts";
import redisSlow from "./redis-slow.ts";
import replyLost from "./reply-lost.ts";

export const scenarios: readonly Scenario[] = [redisSlow, redisGone, replyLost];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
