/**
 * The contents that the store must have had at each version, worked out from its feed: each epoch from its base.
 * It is written from docs/protocol.md, apart from the scheduler's view and from the model, which do the same for themselves.
 */
import type { NodeContent } from "../history.ts";
import {
  type Dump,
  dumpsOf,
  type Entry,
  entriesOf,
  epochsOf,
  type Observation,
  type ObservedChange,
  partitionsOf,
} from "./observation.ts";

export interface ReplayedNode {
  readonly content: NodeContent;
  readonly jobs: ReadonlySet<string>;
}

export interface ReplayStep {
  readonly entry: Entry;
  readonly before: ReplayedNode | null;
  /** null: removed, or about a node of which nothing is known. */
  readonly after: ReplayedNode | null;
}

/** One epoch of one partition. */
export interface ReplayedEpoch {
  readonly partition: number;
  readonly epoch: string;
  /** Its place in the partition's order of epochs, from 0. */
  readonly order: number;
  readonly base: ReadonlyMap<string, ReplayedNode>;
  /** The sequence that `base` is of: 0, or where the observer came to the epoch in the middle of its life. */
  readonly from: number;
  /** How far it had come at the first look at it: 0 where what it began with was seen, infinity where nothing was looked at. */
  readonly seenFrom: number;
  readonly steps: readonly ReplayStep[];
  /** The last sequence that was observed. */
  readonly last: number;
}

/** @param mayBePlaced - whether a client asked for a place for the job, and may have got it */
export function replayEpochs(
  observations: readonly Observation[],
  mayBePlaced: (job: string) => boolean = () => false,
): readonly ReplayedEpoch[] {
  return partitionsOf(observations).flatMap((partition) => {
    const epochs = [...new Set(epochsOf(observations, partition))];
    let nodes: ReadonlyMap<string, ReplayedNode> = new Map();
    return epochs.map((epoch, order) => {
      const entries = entriesOf(observations).filter((one) => one.partition === partition && one.epoch === epoch);
      const dumps = dumpsOf(observations).filter((one) => one.partition === partition && one.version?.epoch === epoch);
      const found = foundBefore(observations, partition, epoch);
      const replayed = replayEpoch(
        { partition, epoch, order },
        { entries, dumps, former: found ?? nodes, found, mayBePlaced },
      );
      nodes = replayed.final;
      return replayed.epoch;
    });
  });
}

interface Observed {
  readonly entries: readonly Entry[];
  readonly dumps: readonly Dump[];
  /** The nodes that the epoch before it left, or those that were found. */
  readonly former: ReadonlyMap<string, ReplayedNode>;
  /** The nodes that were there before it began; null: nothing was looked at then. */
  readonly found: ReadonlyMap<string, ReplayedNode> | null;
  readonly mayBePlaced: (job: string) => boolean;
}

function replayEpoch(
  place: Pick<ReplayedEpoch, "partition" | "epoch" | "order">,
  seen: Observed,
): { readonly epoch: ReplayedEpoch; readonly final: ReadonlyMap<string, ReplayedNode> } {
  const { dumps, entries, former, found } = seen;
  const [first] = dumps;
  const from = first?.midway === true ? (first.version?.sequence ?? 0) : 0;
  const base = from > 0 ? shownBy(first) : (found ?? baseOf(place.epoch, first));
  const nodes = new Map(base);
  const changed = new Set<string>();
  const lookedAt = first?.version?.sequence ?? Number.POSITIVE_INFINITY;
  const steps = entries.map((entry): ReplayStep => {
    const { node } = entry.change;
    // A node that a new epoch found and changed before the observer looked is as the former one left it.
    const isAsLeft = entry.sequence <= lookedAt && !changed.has(node);
    const before = nodes.get(node) ?? (isAsLeft ? leftOf(former.get(node), seen) : undefined) ?? null;
    const after = applyChange(before, entry) ?? (before === null ? shownAfter(entry, first) : null);
    changed.add(node);
    if (after === null) nodes.delete(node);
    else nodes.set(node, after);
    return { entry, before, after };
  });
  const last = Math.max(0, entries.at(-1)?.sequence ?? 0, dumps.at(-1)?.version?.sequence ?? 0);
  const seenFrom = from === 0 && found === null ? (first?.version?.sequence ?? Number.POSITIVE_INFINITY) : 0;
  return { epoch: { ...place, base, from, seenFrom, steps, last }, final: nodes };
}

/**
 * Returns the node with the places that the first look shows, less what changed before it: the epoch before may have come further than was seen.
 * A place that was not seen there counts only where a client may have got it.
 */
function leftOf(
  left: ReplayedNode | undefined,
  { dumps: [first], entries, mayBePlaced }: Observed,
): ReplayedNode | undefined {
  const looked = first?.nodes.find(({ content }) => content.node === left?.content.node);
  if (left === undefined || looked === undefined) return left;
  const jobs = new Set(looked.jobs);
  for (const { change, sequence } of entries.toReversed()) {
    if (change.node !== left.content.node || sequence > (first?.version?.sequence ?? 0)) continue;
    if (change.kind === "reserved") jobs.delete(change.job);
    else if (change.kind === "completed" || change.kind === "released") jobs.add(change.job);
    else if (change.kind === "lapsed") for (const job of change.jobs) jobs.add(job);
    else if (change.kind !== "health") return left;
  }
  for (const job of jobs) if (!left.jobs.has(job) && !mayBePlaced(job)) jobs.delete(job);
  return { content: { ...left.content, current_jobs: jobs.size }, jobs };
}

/** Returns a node that only the first look shows, if that came before its next change. */
function shownAfter({ change, epoch, sequence }: Entry, first: Dump | undefined): ReplayedNode | null {
  const looked = first?.nodes.find(({ content }) => content.node === change.node);
  if (looked === undefined) return null;
  const { content, jobs } = looked;
  const isOfIt = content.version.epoch === epoch && content.version.sequence === sequence;
  return isOfIt ? { content, jobs: new Set(jobs) } : null;
}

function shownBy(look: Dump | undefined): ReadonlyMap<string, ReplayedNode> {
  return new Map((look?.nodes ?? []).map(({ content, jobs }) => [content.node, { content, jobs: new Set(jobs) }]));
}

/** The nodes before the epoch began, where the observer looked then: a server that takes over may hold older ones than were left. */
function foundBefore(
  observations: readonly Observation[],
  partition: number,
  epoch: string,
): ReadonlyMap<string, ReplayedNode> | null {
  const own = observations.filter((one) => one.partition === partition);
  const begins = own.findIndex((one) => (one.kind === "entry" ? one.epoch : one.version?.epoch) === epoch);
  const last = own[begins - 1];
  if (last === undefined || last.kind !== "dump" || last.version !== null) return null;
  return shownBy(last);
}

/** Records of an earlier epoch have not changed since this one began. */
function baseOf(epoch: string, first: Dump | undefined): ReadonlyMap<string, ReplayedNode> {
  return new Map([...shownBy(first)].filter(([, { content }]) => content.version.epoch !== epoch));
}

export function applyChange(before: ReplayedNode | null, { epoch, sequence, change }: Entry): ReplayedNode | null {
  const version = { epoch, sequence };
  if (change.kind === "registered") {
    const { kind: _, orphaned: __, ...fields } = change;
    return { content: { ...fields, status: "online", version, current_jobs: 0 }, jobs: new Set() };
  }
  if (before === null || change.kind === "removed") return null;
  const content = { ...before.content, version };
  const jobs = jobsAfter(before.jobs, change);
  switch (change.kind) {
    case "health":
      return { content: { ...content, health_milli: change.health_milli }, jobs };
    case "offline":
    case "expired":
      return { content: { ...content, status: change.kind, current_jobs: 0 }, jobs };
    case "completed": {
      const { current_jobs, finished } = change;
      return { content: { ...content, current_jobs, finished }, jobs };
    }
    default:
      return { content: { ...content, current_jobs: change.current_jobs }, jobs };
  }
}

function jobsAfter(before: ReadonlySet<string>, change: ObservedChange): ReadonlySet<string> {
  const jobs = new Set(before);
  switch (change.kind) {
    case "reserved":
      jobs.add(change.job);
      return jobs;
    case "completed":
    case "released":
      jobs.delete(change.job);
      return jobs;
    case "lapsed":
      for (const job of change.jobs) jobs.delete(job);
      return jobs;
    case "health":
      return before;
    default:
      return new Set();
  }
}
