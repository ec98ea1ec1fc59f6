/** All scenarios, in the order in which a gate runs them. */
import avalanche from "./avalanche.ts";
import clockJump from "./clock-jump.ts";
import closeQuarters from "./close-quarters.ts";
import coldStartDuringFault from "./cold-start-during-fault.ts";
import commandsOvertaken from "./commands-overtaken.ts";
import type { Scenario } from "./declare.ts";
import deliveredTwice from "./delivered-twice.ts";
import duplicateId from "./duplicate-id.ts";
import failoverLosesWrites from "./failover-loses-writes.ts";
import { places } from "./fault-places.ts";
import feedTrimmed from "./feed-trimmed.ts";
import formerPrimary from "./former-primary.ts";
import halfOpen from "./half-open.ts";
import holeInTheFeed from "./hole-in-the-feed.ts";
import hostileInput from "./hostile-input.ts";
import instanceCrash from "./instance-crash.ts";
import instancePause from "./instance-pause.ts";
import longGap from "./long-gap.ts";
import longJobs from "./long-jobs.ts";
import nodeChurn from "./node-churn.ts";
import nodeFlapping from "./node-flapping.ts";
import penetration from "./penetration.ts";
import randomNemesis from "./random-nemesis.ts";
import rareQuestions from "./rare-questions.ts";
import redisFlapping from "./redis-flapping.ts";
import redisGone from "./redis-gone.ts";
import redisMeddled from "./redis-meddled.ts";
import redisRefuses from "./redis-refuses.ts";
import redisSlow from "./redis-slow.ts";
import redisStalled from "./redis-stalled.ts";
import replyLost from "./reply-lost.ts";
import rollingRestart from "./rolling-restart.ts";
import roughNetwork from "./rough-network.ts";
import slotMigration from "./slot-migration.ts";
import splitBrain from "./split-brain.ts";
import steady from "./steady.ts";
import subscriberDeaf from "./subscriber-deaf.ts";
import trimmedArrivals from "./trimmed-arrivals.ts";

export const scenarios: readonly Scenario[] = [
  redisSlow,
  redisGone,
  replyLost,
  nodeChurn,
  subscriberDeaf,
  feedTrimmed,
  longGap,
  rareQuestions,
  trimmedArrivals,
  penetration,
  avalanche,
  steady,
  redisFlapping,
  nodeFlapping,
  duplicateId,
  longJobs,
  deliveredTwice,
  clockJump,
  coldStartDuringFault,
  hostileInput,
  instancePause,
  instanceCrash,
  rollingRestart,
  randomNemesis,
  closeQuarters,
  failoverLosesWrites,
  splitBrain,
  formerPrimary,
  slotMigration,
  redisStalled,
  redisRefuses,
  halfOpen,
  roughNetwork,
  commandsOvertaken,
  redisMeddled,
  holeInTheFeed,
];

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}

/** Whether real servers can do what its faults ask for; of faults that a seed draws, those that they can do. */
export function isReal({ faults, nemesis, topology }: Scenario): boolean {
  if (nemesis !== undefined && nemesis.real === undefined) return false;
  return faults.every(({ kind }) => places[kind].redis.includes(topology.redis));
}
