/** N1: an older heartbeat, or one of a former life, never overwrites a newer state. */
import { type Call, ofKind } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Life, livesOf } from "./lives.ts";
import { type Dump, type DumpedNode, dumpsOf } from "./observation.ts";
import { properties } from "./properties.ts";

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
    exercised: late.length,
    violations: fewStories([...accepted.map(acceptedStory), ...wentBack(trial, lives)]),
    measures: [{ name: "of_a_former_life", value: late.filter(({ how }) => how.startsWith("of ")).length }],
  });
}

/** Those that were sent after the store had answered a newer one of the same life, or after a later life had been seen. */
function lateHeartbeats(trial: Trial, lives: ReadonlyMap<string, readonly Life[]>): readonly Late[] {
  const beats = ofKind(trial.history, "call").filter(({ op }) => op === "heartbeat");
  const found: Late[] = [];
  for (const own of Map.groupBy(beats, ({ node }) => node ?? "").values()) {
    for (const call of own) {
      const how = formerLife(call, lives) ?? olderThan(call, own);
      if (how !== null) found.push({ call, how });
    }
  }
  return found;
}

function formerLife({ from, incarnation, node }: Call, lives: ReadonlyMap<string, readonly Life[]>): string | null {
  const own = lives.get(node ?? "") ?? [];
  const at = own.findIndex((life) => life.incarnation === incarnation);
  const next = at < 0 ? undefined : own[at + 1];
  return next !== undefined && next.began.at <= from ? `of the former life ${incarnation}` : null;
}

const taken: ReadonlySet<string> = new Set(["renewed", "already"]);

function olderThan({ from, incarnation, seq = 0 }: Call, own: readonly Call[]): string | null {
  const newer = own.find(
    (other) =>
      other.incarnation === incarnation &&
      (other.seq ?? -1) >= seq &&
      taken.has(other.reply) &&
      other.to !== null &&
      other.to <= from,
  );
  return newer === undefined ? null : `older than seq ${newer.seq ?? 0}, which had been answered`;
}

function acceptedStory({ call, how }: Late): Story {
  return [
    `a heartbeat of node ${call.node} with seq ${call.seq} was taken, allowed is refusal: it is ${how}`,
    `sent by instance ${call.instance} at ${inMs(call.from)}, answered ${call.reply}`,
  ];
}

/** What the store holds: the seq of one life never falls, and a former life never comes back. */
function wentBack(trial: Trial, lives: ReadonlyMap<string, readonly Life[]>): readonly Story[] {
  const last = new Map<string, DumpedNode>();
  const stories: Story[] = [];
  for (const dump of dumpsOf(trial.observations)) {
    for (const node of dump.nodes) {
      const before = last.get(node.content.node);
      last.set(node.content.node, node);
      if (before !== undefined && isBack(before, node, lives.get(node.content.node) ?? []))
        stories.push(backStory(dump, before, node));
    }
  }
  return stories;
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
