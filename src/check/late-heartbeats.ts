/**
 * N1: an older heartbeat, or one of a former life, never overwrites a newer state. Newer is what the epoch has in which the heartbeat was answered: what
 * a server that took over lacked, or another one took at the same time, is not.
 */
import { type Call, ofKind } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Life, livesOf } from "./lives.ts";
import { type Dump, type DumpedNode, dumpsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { Succession } from "./succession.ts";

type Story = readonly string[];

interface Late {
  readonly call: Call;
  /** Why it is late, in words. */
  readonly how: string;
}

export function judgeLateHeartbeats(trial: Trial): Judgement {
  const lives = livesOf(trial.observations);
  const late = lateHeartbeats(trial, lives);
  const accepted = late.filter(({ call }) => call.reply === "renewed");
  return conclude({
    property: "N1",
    premise: properties.N1.premise,
    // What was not answered was not refused.
    exercised: late.filter(({ call }) => call.outcome === "ok").length,
    violations: fewStories([...accepted.map(acceptedStory), ...wentBack(trial, lives)]),
    measures: [{ name: "of_a_former_life", value: late.filter(({ how }) => how.startsWith("of ")).length }],
  });
}

/** A heartbeat, and the epoch in which it was answered. */
interface Beat {
  readonly call: Call;
  readonly epoch: string;
}

/** Those that were sent after the store had answered a newer one of the same life, or after a later life had been seen. */
function lateHeartbeats(trial: Trial, lives: ReadonlyMap<string, readonly Life[]>): readonly Late[] {
  const succession = new Succession(trial.observations);
  const beats = ofKind(trial.history, "call").filter(({ op }) => op === "heartbeat");
  const found: Late[] = [];
  for (const [node, calls] of Map.groupBy(beats, ({ node }) => node ?? "")) {
    const own = lives.get(node) ?? [];
    const told = calls.flatMap((call): readonly Beat[] => {
      // One that nobody saw says nothing of where the heartbeat was answered.
      const named = call.version?.epoch ?? null;
      const isSeen = named !== null && succession.partitionOf(named) !== null;
      const epoch = isSeen ? named : succession.onlyOf(own[0]?.partition ?? -1);
      return epoch === null ? [] : [{ call, epoch }];
    });
    for (const beat of told) {
      const how = formerLife(beat, own, succession) ?? olderThan(beat, told);
      if (how !== null) found.push({ call: beat.call, how });
    }
  }
  return found;
}

function formerLife(
  { call: { from, incarnation }, epoch }: Beat,
  own: readonly Life[],
  succession: Succession,
): string | null {
  const at = own.findIndex((life) => life.incarnation === incarnation);
  if (at < 0) return null;
  const isFormer = own.slice(at + 1).some(({ began }) => began.at <= from && succession.has(epoch, began) === true);
  return isFormer ? `of the former life ${incarnation}` : null;
}

const taken: ReadonlySet<string> = new Set(["renewed", "already"]);

/** A heartbeat need not change anything that has a version, so of one that another epoch took nobody knows whether it is in this one. */
function olderThan({ call: { from, incarnation, seq = 0 }, epoch }: Beat, own: readonly Beat[]): string | null {
  const newer = own.find(
    ({ call: other, ...told }) =>
      told.epoch === epoch &&
      other.incarnation === incarnation &&
      (other.seq ?? -1) >= seq &&
      taken.has(other.reply) &&
      other.to !== null &&
      other.to <= from,
  );
  return newer === undefined ? null : `older than seq ${newer.call.seq ?? 0}, which had been answered`;
}

function acceptedStory({ call, how }: Late): Story {
  return [
    `a heartbeat of node ${call.node} with seq ${call.seq} was taken, allowed is refusal: it is ${how}`,
    `sent by instance ${call.instance} at ${inMs(call.from)}, answered ${call.reply}`,
  ];
}

/**
 * What the store holds: the seq of one life never falls, and a former life never comes back, within an epoch and from what it was found to begin
 * with. From one epoch to the next Redis itself may have lost either.
 */
function wentBack(trial: Trial, lives: ReadonlyMap<string, readonly Life[]>): readonly Story[] {
  /** By partition, the last look at each node, also at one that has gone since. */
  const looks = new Map<number, { dump: Dump; nodes: Map<string, DumpedNode> }>();
  const stories: Story[] = [];
  for (const dump of dumpsOf(trial.observations)) {
    const former = looks.get(dump.partition);
    const nodes = former !== undefined && goesOn(former.dump, dump) ? former.nodes : new Map<string, DumpedNode>();
    looks.set(dump.partition, { dump, nodes });
    for (const node of dump.nodes) {
      const { node: id } = node.content;
      const before = nodes.get(id);
      nodes.set(id, node);
      if (before !== undefined && isBack(before, node, lives.get(id) ?? []))
        stories.push(backStory(dump, before, node));
    }
  }
  return stories;
}

/** Whether what is seen in one look was seen, or was there to be found, in the one before. */
function goesOn(former: Dump, next: Dump): boolean {
  if (next.version === null) return false;
  return former.version === null || former.version.epoch === next.version.epoch;
}

function isBack(before: DumpedNode, after: DumpedNode, lives: readonly Life[]): boolean {
  const order = ({ content }: DumpedNode): number =>
    lives.findIndex(({ incarnation }) => incarnation === content.incarnation);
  if (before.content.incarnation === after.content.incarnation) return after.heartbeat_seq < before.heartbeat_seq;
  return order(after) >= 0 && order(after) < order(before);
}

function backStory({ at }: Dump, before: DumpedNode, after: DumpedNode): Story {
  const text = ({ content, heartbeat_seq }: DumpedNode) => `seq ${heartbeat_seq} of life ${content.incarnation}`;
  return [
    `node ${after.content.node} went back to ${text(after)}, allowed is nothing before ${text(before)}`,
    `dump at ${inMs(at)}`,
  ];
}
