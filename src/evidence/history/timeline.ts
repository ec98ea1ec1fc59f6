/**
 * Makes a timeline of the failing part of a history: a lane for each client, the version that each saw, and the first impossible read.
 *
 * A judge passes the calls that cannot be explained. Without any, the first read that goes back is searched. Only calls about the nodes in
 * question are kept, with the faults, mode changes and lost replies around them.
 */
import { type Call, type HistoryEvent, type Millis, ofKind, type Version } from "../../check/history.ts";
import { type PropertyId, properties } from "../../check/properties.ts";
import type { Timeline } from "../timeline.ts";
import { cutTimeline } from "../timeline-cut.ts";
import { contentsOf, nodesOf, TimelineRecorder } from "./events.ts";

export interface HistoryFocus {
  readonly property: PropertyId;
  readonly title: string;
  /** The finding, and the allowed value. */
  readonly found: string;
  readonly token: string;
  /** Ids of the calls that cannot be explained; empty: the first read that goes back is searched. */
  readonly calls: readonly number[];
  /** How many of the last events are kept; absent: `mostEvents`. */
  readonly most?: number;
}

/** A read that shows an older version than an earlier answer of the same instance. */
export interface StepBack {
  readonly read: Call;
  readonly earlier: Call;
  readonly node: string;
}

const mostEvents = 60;

/** @returns null where none of the calls is in the history, and no read goes back */
export function historyTimeline(history: readonly HistoryEvent[], focus: HistoryFocus): Timeline | null {
  const all = ofKind(history, "call");
  const back = focus.calls.length === 0 ? firstStepBack(all) : null;
  const impossible = back === null ? all.filter(({ id }) => focus.calls.includes(id)) : [back.earlier, back.read];
  const last = lastOf(impossible);
  if (last === undefined) return null;
  const nodes = new Set(back === null ? nodesInQuestion(impossible) : [back.node]);
  const end = last.to ?? Number.POSITIVE_INFINITY;
  const recorder = new TimelineRecorder(nodes);
  const relevant = history.filter((event) => timeOf(event) <= end).sort((a, b) => timeOf(a) - timeOf(b));
  for (const event of relevant) recorder.take(event, end);
  return cutTimeline(
    {
      ...recorder.build(last.id),
      ...{ title: focus.title, property: focus.property, found: focus.found, token: focus.token },
      claim: properties[focus.property].claim,
      before: [],
      loop: null,
      pointOfNoReturn: { kind: "not_computed", why: "a recorded run cannot be continued from its middle" },
      omitted: null,
    },
    focus.most ?? mostEvents,
  );
}

/** The nodes that all of the calls have in common, if any: a selection also shows nodes that are not in question. */
function nodesInQuestion(calls: readonly Call[]): readonly string[] {
  const common = calls.map(nodesOf).reduce((some, next) => some.filter((node) => next.includes(node)));
  return common.length > 0 ? common : calls.flatMap(nodesOf);
}

/** The first read to return among those that go back within an epoch. */
export function firstStepBack(calls: readonly Call[]): StepBack | null {
  const ended = calls.filter(({ to }) => to !== null).sort((a, b) => (a.to ?? 0) - (b.to ?? 0));
  for (const read of ended) {
    for (const shown of contentsOf(read)) {
      const earlier = ended.find(
        (one) =>
          one.instance === read.instance &&
          (one.to ?? 0) <= read.from &&
          contentsOf(one).some(({ node, version }) => node === shown.node && isNewer(version, shown.version)),
      );
      if (earlier !== undefined) return { read, earlier, node: shown.node };
    }
  }
  return null;
}

function isNewer(one: Version, other: Version): boolean {
  return one.epoch === other.epoch && one.sequence > other.sequence;
}

function lastOf(calls: readonly Call[]): Call | undefined {
  return [...calls].sort((a, b) => (a.to ?? Number.POSITIVE_INFINITY) - (b.to ?? Number.POSITIVE_INFINITY)).at(-1);
}

/** When the event began; infinite for events that are left out. */
function timeOf(event: HistoryEvent): Millis {
  switch (event.kind) {
    case "call":
      return event.from;
    case "mode":
    case "lost_reply":
      return event.at;
    case "fault":
      return event.asked;
    default:
      return Number.POSITIVE_INFINITY;
  }
}
