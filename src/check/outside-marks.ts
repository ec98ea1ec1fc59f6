/**
 * Marks of instances that report nothing of themselves, found from outside: by the messages that the wire withheld
 * from an instance, and by its later answers. Hosted instances are left out, because they report their marks.
 */
import { faultWindows } from "./faults/windows.ts";
import { type Call, type HistoryEvent, type Millis, ofKind, type Version } from "./history.ts";
import type { Trial } from "./judgement.ts";
import { entriesOf, partitionsOf } from "./observed/observation.ts";
import { Views } from "./observed/views.ts";

type Watched = Pick<Trial, "history" | "observations" | "instances" | "terms">;

/** Instances over the line protocol. */
function elsewhere(history: readonly HistoryEvent[]): ReadonlySet<number> {
  return new Set(ofKind(history, "system").map(({ instance }) => instance));
}

/** A change of which no wake-up reached an instance. */
interface Missed {
  readonly instance: number;
  readonly at: Millis;
  readonly version: Version;
}

/** Changes of which no wake-up reached an instance, and which its view has had since: they were found in another way. */
export function gapsFound(trial: Watched): number {
  const { history, observations } = trial;
  const watched = elsewhere(history);
  if (watched.size === 0) return 0;
  const views = new Views(history, observations);
  const partitions = partitionOfEpochs(trial);
  const missed = [...droppedWakeUps(history), ...unannounced(trial)].filter(({ instance }) => watched.has(instance));
  return missed.filter(({ at, instance, version }) => {
    const partition = partitions.get(version.epoch);
    if (partition === undefined) return false;
    const has = (view: Version): boolean => view.epoch === version.epoch && view.sequence >= version.sequence;
    const before = views.at(instance, partition, at);
    if (before !== null && has(before)) return false;
    return views.of(instance, partition).some((sight) => sight.at > at && has(sight.view));
  }).length;
}

function partitionOfEpochs({ observations }: Watched): ReadonlyMap<string, number> {
  return new Map(entriesOf(observations).map(({ epoch, partition }) => [epoch, partition]));
}

function droppedWakeUps(history: readonly HistoryEvent[]): readonly Missed[] {
  return ofKind(history, "lost_wake_up").flatMap(({ at, instance, version }) => {
    const [, epoch, sequence] = /^(.+):(\d+)$/u.exec(version) ?? [];
    return epoch === undefined ? [] : [{ instance, at, version: { epoch, sequence: Number(sequence) } }];
  });
}

/** By these no message reaches a subscriber. */
const silencing: ReadonlySet<string> = new Set(["redis_blackhole", "redis_refused", "redis_half_open"]);

/** Changes that other instances made while such a fault was in force, from the call to its answer. */
function unannounced({ history, instances }: Watched): readonly Missed[] {
  const onFeed = ofKind(history, "fault").filter(({ link, step }) => link === "feed" && step === "inject");
  const silent = faultWindows(history, instances).filter(
    ({ fault, instance, lack, name }) =>
      lack === null && silencing.has(name) && onFeed.some((step) => step.fault === fault && step.instance === instance),
  );
  return silent.flatMap(({ from, instance, to }) =>
    ofKind(history, "call").flatMap((call: Call) => {
      const { outcome, version } = call;
      const isMadeThen = call.instance !== instance && call.from >= from && (call.to ?? Number.POSITIVE_INFINITY) <= to;
      return outcome === "ok" && version !== undefined && isMadeThen ? [{ instance, at: call.from, version }] : [];
    }),
  );
}

/** An answer that was asked for so long before may still bring what the feed has lost since. */
const mostInFlight: Millis = 100;

/** A view that was loaded anew. */
interface Reload {
  readonly partition: number;
  readonly view: Version;
}

/** Views that went on past a change that the feed no longer had, so that the partition was loaded anew. */
function reloads({ history, instances, observations, terms }: Watched): readonly Reload[] {
  const watched = elsewhere(history);
  if (watched.size === 0) return [];
  const views = new Views(history, observations);
  const entries = Map.groupBy(entriesOf(observations), ({ epoch }) => epoch);
  const found: Reload[] = [];
  for (let instance = 0; instance < instances; instance += 1) {
    for (const partition of watched.has(instance) ? partitionsOf(observations) : []) {
      const sights = views.of(instance, partition);
      for (const [index, { at, view }] of sights.entries()) {
        const before = sights[index - 1]?.view;
        if (before?.epoch !== view.epoch || view.sequence <= before.sequence) continue;
        const gone = before.sequence + 1 + terms.feedMax;
        const trimmed = entries.get(view.epoch)?.find(({ sequence }) => sequence >= gone);
        if (trimmed !== undefined && trimmed.at + mostInFlight < at) found.push({ partition, view });
      }
    }
  }
  return found;
}

export function reloadsAfterTrimming(trial: Watched): number {
  return reloads(trial).length;
}

/** Those of more nodes than one page holds: an instance that asks for pages, as the reference does, asked for several. */
export function reloadsInPages(trial: Watched): number {
  const { observations, terms } = trial;
  const { page = Number.POSITIVE_INFINITY } = terms;
  return reloads(trial).filter(({ view }) => knownNodes(observations, view) > page).length;
}

/** How many nodes the partition had at that version; fewer, where its epoch began with nodes. */
function knownNodes(observations: Watched["observations"], { epoch, sequence }: Version): number {
  const nodes = new Set<string>();
  for (const one of entriesOf(observations)) {
    if (one.epoch !== epoch || one.sequence > sequence) continue;
    if (one.change.kind === "registered") nodes.add(one.change.node);
    else if (one.change.kind === "removed") nodes.delete(one.change.node);
  }
  return nodes.size;
}

/**
 * Replies that were lost after Redis had done what was asked, whatever words the store answers in: the next answer about the job says that it had been done.
 */
export function lostRepliesOfWrites(history: readonly HistoryEvent[]): number {
  const watched = elsewhere(history);
  const lost = ofKind(history, "lost_reply").filter(({ instance, job }) => watched.has(instance) && job !== "");
  const answers = ofKind(history, "call").filter(({ outcome }) => outcome === "ok");
  return lost.filter(({ at, job, node, reply, script }) => {
    if (reply === "reserved" || reply === "completed") return false; // it is counted by its reply
    const next = answers
      .filter((answer) => answer.job === job && answer.node === node && answer.from >= at)
      .sort((a, b) => a.from - b.from)[0];
    return next !== undefined && (shows[script]?.includes(next.reply) ?? false);
  }).length;
}

/** Answers that say that an earlier call was made. */
const shows: Readonly<Record<string, readonly string[]>> = {
  reserve_job: ["already", "completed"],
  complete_job: ["finished"],
};
