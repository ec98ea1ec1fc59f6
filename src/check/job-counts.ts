/** J1 and J2: `current_jobs` is the number of live reservations, never negative, never above the capacity. */
import { ofKind } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Dump, type DumpedNode, dumpsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { type ReplayStep, replayEpochs } from "./replay.ts";

type Story = readonly string[];

export function judgeJobCounts(trial: Trial): Judgement {
  const steps = replayEpochs(trial.observations).flatMap((epoch) => epoch.steps);
  const told = steps.filter(({ entry }) => "current_jobs" in entry.change);
  const violations = [
    ...dumpsOf(trial.observations).flatMap((dump) => dump.nodes.flatMap((node) => countStory(dump, node))),
    ...told.flatMap(feedStory),
  ];
  return conclude({
    property: "J1",
    premise: properties.J1.premise,
    exercised: told.length,
    violations: fewStories(violations),
  });
}

function countStory({ at, partition }: Dump, { content, jobs }: DumpedNode): readonly Story[] {
  if (content.current_jobs === jobs.length && content.current_jobs >= 0) return [];
  return [
    [
      `node ${content.node} has current_jobs ${content.current_jobs} with ${jobs.length} reservations, allowed only equal`,
      `dump of partition ${partition} at ${inMs(at)}, node version ${content.version.sequence}: ${jobs.join(", ") || "no jobs"}`,
    ],
  ];
}

/** What the feed says of the count, against the reservations that the feed itself has told. */
function feedStory({ entry, after }: ReplayStep): readonly Story[] {
  const { change, sequence, at } = entry;
  if (!("current_jobs" in change) || after === null || change.current_jobs === after.jobs.size) return [];
  return [
    [
      `${change.kind} of node ${change.node} tells current_jobs ${change.current_jobs}, the feed so far leaves ${after.jobs.size}`,
      `entry ${sequence}, read at ${inMs(at)}: ${[...after.jobs].join(", ") || "no jobs"}`,
    ],
  ];
}

export function judgeCapacity(trial: Trial): Judgement {
  const full = ofKind(trial.history, "call").filter(({ reply }) => reply === "full");
  const steps = replayEpochs(trial.observations).flatMap((epoch) => epoch.steps);
  const violations = [
    ...dumpsOf(trial.observations).flatMap((dump) => dump.nodes.flatMap((node) => overStory(dump, node))),
    ...steps.flatMap(overfilled),
  ];
  return conclude({
    property: "J2",
    premise: properties.J2.premise,
    exercised: full.length,
    violations: fewStories(violations),
  });
}

function overStory({ at }: Dump, { content, jobs }: DumpedNode): readonly Story[] {
  const found = Math.max(content.current_jobs, jobs.length);
  if (found <= content.max_jobs) return [];
  return [
    [
      `node ${content.node} holds ${found} jobs, allowed max_jobs ${content.max_jobs}`,
      `dump at ${inMs(at)}: ${jobs.join(", ")}`,
    ],
  ];
}

function overfilled({ entry, after }: ReplayStep): readonly Story[] {
  if (entry.change.kind !== "reserved" || after === null || after.jobs.size <= after.content.max_jobs) return [];
  const { node, job } = entry.change;
  return [
    [
      `job ${job} took node ${node} to ${after.jobs.size} jobs, allowed max_jobs ${after.content.max_jobs}`,
      `entry ${entry.sequence}, read at ${inMs(entry.at)}`,
    ],
  ];
}
