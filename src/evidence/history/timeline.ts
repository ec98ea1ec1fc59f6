/**
 * The part of a run's history that fails, as a timeline: a lane for each client, the version that each saw, and the first read that cannot be.
 *
 * For whoever judges histories (inject, simulate): hand in the calls that cannot be explained, or none, and the first read that goes back is
 * looked for. Only calls about the nodes in question are told, with the faults, the changes of mode and the lost replies around them.
 */
import { type Call, type HistoryEvent, type Millis, ofKind, type Version } from "../../check/history.ts";
import { type PropertyId, properties } from "../../check/properties.ts";
import type { Timeline } from "../timeline.ts";
import { cutTimeline } from "../timeline-cut.ts";
import { contentsOf, HistoryTeller, nodesOf } from "./events.ts";

export interface HistoryFocus {
  readonly property: PropertyId;
  readonly title: string;
  /** What was found and what was allowed: a story's first line. */
  readonly found: string;
  readonly token: string;
  /** Ids of the calls that cannot be explained; none: the first read that goes back. */
  readonly calls: readonly number[];
  /** Events told at most, the last ones; `mostTold` where it is absent. */
  readonly most?: number;
}

/** A read that shows an older version than one that the same instance had answered before it was asked. */
export interface StepBack {
  readonly read: Call;
  readonly earlier: Call;
  readonly node: string;
}

const mostTold = 60;

/** @returns null where there is nothing that cannot be: no call of those named, and no read that goes back */
export function historyTimeline(history: readonly HistoryEvent[], focus: HistoryFocus): Timeline | null {
  const all = ofKind(history, "call");
  const back = focus.calls.length === 0 ? firstStepBack(all) : null;
  const impossible = back === null ? all.filter(({ id }) => focus.calls.includes(id)) : [back.earlier, back.read];
  const last = lastOf(impossible);
  if (last === undefined) return null;
  const nodes = new Set(back === null ? nodesInQuestion(impossible) : [back.node]);
  const end = last.to ?? Number.POSITIVE_INFINITY;
  const teller = new HistoryTeller(nodes);
  const told = history.filter((event) => timeOf(event) <= end).sort((a, b) => timeOf(a) - timeOf(b));
  for (const event of told) teller.take(event, end);
  return cutTimeline(
    {
      ...teller.tell(last.id),
      ...{ title: focus.title, property: focus.property, found: focus.found, token: focus.token },
      claim: properties[focus.property].claim,
      before: [],
      loop: null,
      doom: { kind: "not_computed", why: "a run that has been cannot be gone on with from its middle" },
      omitted: null,
    },
    focus.most ?? mostTold,
  );
}

/** Those that all of the calls are about, where there are any: a selection shows more than is in question. */
function nodesInQuestion(calls: readonly Call[]): readonly string[] {
  const common = calls.map(nodesOf).reduce((some, next) => some.filter((node) => next.includes(node)));
  return common.length > 0 ? common : calls.flatMap(nodesOf);
}

/** The one that ended first, of all reads that go back within an epoch. */
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

/** When it began; what has no time of its own is not told. */
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
