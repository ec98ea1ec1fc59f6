/**
 * J4: no reservation leaks: a node whose jobs have all ended or lapsed, as its feed tells, counts none and holds none. Whether a lease lapses in
 * time is for the simulator to judge, which knows the server's clock.
 */
import { ofKind } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Dump, type DumpedNode, dumpsOf, type Observation, type ObservedChange } from "./observation.ts";
import { properties } from "./properties.ts";
import { type ReplayStep, replayEpochs } from "./replay.ts";

type Story = readonly string[];

export function judgeLeaks(trial: Trial): Judgement {
  const { observations } = trial;
  const steps = replayEpochs(observations).flatMap((epoch) => epoch.steps);
  const emptied = steps.filter(isEmptied);
  const held = heldStories(observations, steps);
  const violations = [...emptied.flatMap(toldStory), ...held.stories, ...keptStories(trial)];
  return conclude({
    property: "J4",
    premise: properties.J4.premise,
    // Where neither the change nor a look at the store says how many are left, nothing was compared.
    exercised: emptied.filter((step) => "current_jobs" in step.entry.change || held.compared.has(step)).length,
    violations: fewStories(violations),
  });
}

/** Jobs that a client was told to have ended, and that still have their places at the end, with no epoch and no reservation since. */
function keptStories({ history, observations }: Trial): readonly Story[] {
  const ended = ofKind(history, "call").filter(
    ({ op, reply, to }) => (op === "complete_job" || op === "release_job") && reply === "completed" && to !== null,
  );
  const last = new Map(dumpsOf(observations).map((dump) => [dump.partition, dump]));
  const taken = new Set([...last.values()].flatMap(({ nodes }) => nodes.flatMap(placesIn)));
  return ended.flatMap(({ from, instance, job = "", node = "", op, to }): readonly Story[] => {
    const dump = taken.has(JSON.stringify([node, job])) ? dumpHolding([...last.values()], node, job) : undefined;
    if (dump === undefined || dump.at <= (to ?? 0)) return [];
    const own = observations.filter(({ partition }) => partition === dump.partition);
    const since = own.filter(({ at }) => at >= from);
    const seen = [own.findLast(({ at }) => at < from) ?? dump, ...since];
    const isOther = seen.some((one) => (one.kind === "entry" ? one.epoch : one.version?.epoch) !== dump.version?.epoch);
    if (isOther || since.some((one) => one.kind === "entry" && isReservation(one.change, node, job))) return [];
    return [
      [
        `job ${job} still has its place on node ${node}, though ${op} was answered completed, allowed none`,
        `answered by instance ${instance} at ${inMs(to ?? from)}; dump of partition ${dump.partition} at ${inMs(dump.at)}`,
      ],
    ];
  });
}

function placesIn({ content, jobs }: DumpedNode): readonly string[] {
  return jobs.map((job) => JSON.stringify([content.node, job]));
}

function dumpHolding(dumps: readonly Dump[], node: string, job: string): Dump | undefined {
  return dumps.find(({ nodes }) => nodes.some(({ content, jobs }) => content.node === node && jobs.includes(job)));
}

function isReservation(change: ObservedChange, node: string, job: string): boolean {
  return change.kind === "reserved" && change.node === node && change.job === job;
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

interface Compared {
  readonly stories: readonly Story[];
  /** The steps after which a look showed what the node held. */
  readonly compared: ReadonlySet<ReplayStep>;
}

/** What the store holds of a node that has not changed since. */
function heldStories(observations: readonly Observation[], steps: readonly ReplayStep[]): Compared {
  const byEntry = new Map(steps.map((step) => [step.entry, step]));
  const compared = new Set<ReplayStep>();
  /** By partition: the latest change of each of its nodes in the epoch that was read last. */
  const latest = new Map<number, { readonly epoch: string; readonly byNode: Map<string, ReplayStep> }>();
  const stories = observations.flatMap((one) => {
    if (one.kind === "dump") return leakedIn(one, latest.get(one.partition), compared);
    const step = byEntry.get(one);
    const known = latest.get(one.partition);
    const current = known?.epoch === one.epoch ? known : { epoch: one.epoch, byNode: new Map<string, ReplayStep>() };
    latest.set(one.partition, current);
    if (step !== undefined) current.byNode.set(one.change.node, step);
    return [];
  });
  return { stories, compared };
}

function leakedIn(
  { at, nodes, partition, version }: Dump,
  known: { readonly epoch: string; readonly byNode: ReadonlyMap<string, ReplayStep> } | undefined,
  compared: Set<ReplayStep>,
): readonly Story[] {
  if (known === undefined || known.epoch !== version?.epoch) return [];
  return nodes.flatMap(({ content, jobs }): readonly Story[] => {
    const step = known.byNode.get(content.node);
    const held = Math.max(content.current_jobs, jobs.length);
    if (step === undefined || !isEmptied(step)) return [];
    compared.add(step);
    if (held === 0) return [];
    return [
      [
        `node ${content.node} holds ${held} jobs although all of its jobs have ended or lapsed, allowed 0`,
        `${step.entry.change.kind}, entry ${step.entry.sequence}; dump of partition ${partition} at ${inMs(at)}: ${jobs.join(", ") || "no jobs"}`,
      ],
    ];
  });
}
