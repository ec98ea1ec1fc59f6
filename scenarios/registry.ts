/** All scenarios, in the order in which a gate runs them. */
import avalanche from "./avalanche.ts";
import type { Scenario } from "./declare.ts";
import feedTrimmed from "./feed-trimmed.ts";
import nodeChurn from "./node-churn.ts";
import penetration from "./penetration.ts";
import redisGone from "./redis-gone.ts";
import redisSlow from "./redis-slow.ts";
import replyLost from "./reply-lost.ts";
import subscriberDeaf from "./subscriber-deaf.ts";

export const scenarios: readonly Scenario[] = [
  redisSlow,
  redisGone,
  replyLost,
  nodeChurn,
  subscriberDeaf,
  feedTrimmed,
  penetration,
  avalanche,
];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
