/** All scenarios, in the order in which a gate runs them: ours, then those of the user's own. */

import type { Scenario } from "./declare/declare.ts";
import { ScenarioError } from "./declare/error.ts";
import { places } from "./declare/fault-places.ts";
import feedTrimmed from "./feed/feed-trimmed.ts";
import holeInTheFeed from "./feed/hole-in-the-feed.ts";
import longGap from "./feed/long-gap.ts";
import lossesKept from "./feed/losses-kept.ts";
import slowPages from "./feed/slow-pages.ts";
import trimmedArrivals from "./feed/trimmed-arrivals.ts";
import instanceCrash from "./instances/instance-crash.ts";
import instancePause from "./instances/instance-pause.ts";
import ledBack from "./instances/led-back.ts";
import overload from "./instances/overload.ts";
import rollingRestart from "./instances/rolling-restart.ts";
import rollingUpdate from "./instances/rolling-update.ts";
import tooManyCalls from "./instances/too-many-calls.ts";
import closeQuarters from "./mixed/close-quarters.ts";
import defaultLimits from "./mixed/default-limits.ts";
import defaultSettings from "./mixed/default-settings.ts";
import oddArguments from "./mixed/odd-arguments.ts";
import oldContent from "./mixed/old-content.ts";
import randomNemesis from "./mixed/random-nemesis.ts";
import steady from "./mixed/steady.ts";
import brokenClient from "./network/broken-client.ts";
import commandsOvertaken from "./network/commands-overtaken.ts";
import deliveredTwice from "./network/delivered-twice.ts";
import halfOpen from "./network/half-open.ts";
import lateReads from "./network/late-reads.ts";
import lateReserves from "./network/late-reserves.ts";
import replyLost from "./network/reply-lost.ts";
import roughNetwork from "./network/rough-network.ts";
import subscriberDeaf from "./network/subscriber-deaf.ts";
import avalanche from "./nodes/avalanche.ts";
import crowdedNodes from "./nodes/crowded-nodes.ts";
import duplicateId from "./nodes/duplicate-id.ts";
import evenLoad from "./nodes/even-load.ts";
import hostileInput from "./nodes/hostile-input.ts";
import leasesEnd from "./nodes/leases-end.ts";
import longJobs from "./nodes/long-jobs.ts";
import nodeChurn from "./nodes/node-churn.ts";
import nodeFlapping from "./nodes/node-flapping.ts";
import penetration from "./nodes/penetration.ts";
import rareQuestions from "./nodes/rare-questions.ts";
import silentNodes from "./nodes/silent-nodes.ts";
import clockJump from "./servers/clock-jump.ts";
import coldStartDuringFault from "./servers/cold-start-during-fault.ts";
import failoverLosesWrites from "./servers/failover-loses-writes.ts";
import formerPrimary from "./servers/former-primary.ts";
import longOutage from "./servers/long-outage.ts";
import redisFlapping from "./servers/redis-flapping.ts";
import redisGone from "./servers/redis-gone.ts";
import redisGoneLong from "./servers/redis-gone-long.ts";
import redisMeddled from "./servers/redis-meddled.ts";
import redisRefuses from "./servers/redis-refuses.ts";
import redisSlow from "./servers/redis-slow.ts";
import redisStalled from "./servers/redis-stalled.ts";
import slotMigration from "./servers/slot-migration.ts";
import splitBrain from "./servers/split-brain.ts";
import twoFailovers from "./servers/two-failovers.ts";

const all: Scenario[] = [
  redisSlow,
  redisGone,
  redisGoneLong,
  replyLost,
  lateReads,
  nodeChurn,
  subscriberDeaf,
  feedTrimmed,
  longGap,
  rareQuestions,
  trimmedArrivals,
  penetration,
  avalanche,
  steady,
  evenLoad,
  defaultSettings,
  defaultLimits,
  oldContent,
  silentNodes,
  redisFlapping,
  nodeFlapping,
  duplicateId,
  longJobs,
  leasesEnd,
  deliveredTwice,
  lateReserves,
  clockJump,
  coldStartDuringFault,
  hostileInput,
  instancePause,
  instanceCrash,
  rollingRestart,
  rollingUpdate,
  overload,
  randomNemesis,
  closeQuarters,
  failoverLosesWrites,
  lossesKept,
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
  crowdedNodes,
  twoFailovers,
  ledBack,
  longOutage,
  slowPages,
  tooManyCalls,
  brokenClient,
  oddArguments,
];

export const scenarios: readonly Scenario[] = all;

const ours = all.length;

/** Those of the user's own, for another thread. */
export function ownScenarios(): readonly Scenario[] {
  return all.slice(ours);
}

/** Adds scenarios of the user's own, for this process.
 * @throws ScenarioError for a name that is taken
 */
export function addScenario(own: Scenario, where: string): void {
  if (findScenario(own.name) !== undefined) {
    const fix = "give it a name of its own";
    throw new ScenarioError(`a second scenario of the name ${own.name}`, { where, fix });
  }
  all.push(own);
}

export function findScenario(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}

/** Whether real servers can do what its faults ask for; of faults that a seed draws, those that they can do. */
export function isReal({ faults, nemesis, topology }: Scenario): boolean {
  if (nemesis !== undefined && nemesis.real === undefined) return false;
  return faults.every(({ kind }) => places[kind].redis.includes(topology.redis));
}
