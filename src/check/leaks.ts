/**
 * J4: no reservation leaks: a node whose jobs have all ended or lapsed, as its feed tells, counts none and holds none. Whether a lease lapses in
 * time is for the simulator to judge, which knows the server's clock.
 */
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import type { Dump, Observation } from "./observation.ts";
import { properties } from "./properties.ts";
import { type ReplayStep, replayEpochs } from "./replay.ts";

type Story = readonly string[];

export function judgeLeaks({ observations }: Trial): Judgement {
  const steps = replayEpochs(observations).flatMap((epoch) => epoch.steps);
  const emptied = steps.filter(isEmptied);
  const violations = [...emptied.flatMap(toldStory), ...heldStories(observations, steps)];
  return conclude({
    property: "J4",
    premise: properties.J4.premise,
    exercised: emptied.length,
    violations: fewStories(violations),
  });
}

/** The last of its jobs has gone with this change. */
function isEmptied({ after, before }: ReplayStep): boolean {
  return (before?.jobs.size ?? 0) > 0 && after?.jobs.size === 0;
}

function toldStory({ entry }: ReplayStep): readonly Story[] {
  const { at, change, sequence } = entry;
  if (!("current_jobs" in change) || change.current_jobs === 0) return [];
  return [
    [
      `${change.kind} of node ${change.node} tells current_jobs ${change.current_jobs} although all of its jobs have ended or lapsed, allowed 0`,
      `entry ${sequence}, read at ${inMs(at)}`,
    ],
  ];
}

/** What the store holds of a node that has not changed since. */
function heldStories(observations: readonly Observation[], steps: readonly ReplayStep[]): readonly Story[] {
  const byEntry = new Map(steps.map((step) => [step.entry, step]));
  /** By partition: the latest change of each of its nodes in the epoch that was read last. */
  const latest = new Map<number, { readonly epoch: string; readonly byNode: Map<string, ReplayStep> }>();
  return observations.flatMap((one) => {
    if (one.kind === "dump") return leakedIn(one, latest.get(one.partition));
    const step = byEntry.get(one);
    const known = latest.get(one.partition);
    const current = known?.epoch === one.epoch ? known : { epoch: one.epoch, byNode: new Map<string, ReplayStep>() };
    latest.set(one.partition, current);
    if (step !== undefined) current.byNode.set(one.change.node, step);
    return [];
  });
}

function leakedIn(
  { at, nodes, partition, version }: Dump,
  known: { readonly epoch: string; readonly byNode: ReadonlyMap<string, ReplayStep> } | undefined,
): readonly Story[] {
  if (known === undefined || known.epoch !== version?.epoch) return [];
  return nodes.flatMap(({ content, jobs }): readonly Story[] => {
    const step = known.byNode.get(content.node);
    const held = Math.max(content.current_jobs, jobs.length);
    if (step === undefined || !isEmptied(step) || held === 0) return [];
    return [
      [
        `node ${content.node} holds ${held} jobs although all of its jobs have ended or lapsed, allowed 0`,
        `${step.entry.change.kind}, entry ${step.entry.sequence}; dump of partition ${partition} at ${inMs(at)}: ${jobs.join(", ") || "no jobs"}`,
      ],
    ];
  });
}
