/**
 * A history that ends before its run did, without what nobody can judge in it: answers that the observer had not got to check, and what was
 * taken down so late that what would excuse it (a stall, a fault that was just being put in) may be missing.
 */
import { type Call, type HistoryEvent, type Millis, readOps, type Version } from "../../check/history.ts";
import type { Judgement, Trial } from "../../check/judgement.ts";
import type { Observation } from "../../check/observation.ts";
import type { PropertyId } from "../../check/properties.ts";

/** Far longer than from anything that happened to the line of what excuses it. */
const tail: Millis = 250;

/**
 * What they ask for, or what would excuse a breach, may come later: it is only known to be missing when the run is over. In a split the
 * observer tells of the new primary's epoch when the split is over.
 */
const decidedAtTheEnd: readonly PropertyId[] = ["D2", "D3", "D4", "P1", "V3"];

/** @returns null where the property can be judged without the end */
export function openAtTheCut(property: PropertyId): Judgement | null {
  if (!decidedAtTheEnd.includes(property)) return null;
  const reason = "it is decided by the end of a run, which is not there";
  return { property, verdict: "not_exercised", exercised: 0, measures: [], violations: [], reason };
}

/** L1 accuses no request of being late: to it one that was lost is what excuses a change that nobody was told of. */
const excusedByRequests: readonly PropertyId[] = ["L1"];

/** @returns what each property is judged by: what is violated in it was violated in the run */
export function withoutOpenEnd(trial: Trial): (property: PropertyId) => Trial {
  const reached = reachedBy(trial.observations);
  const until = lastTime(trial) - tail;
  const isSeen = ({ epoch, sequence }: Version): boolean => sequence <= (reached.get(epoch) ?? -1);
  const left = trial.history.flatMap((event) => keep(event, until, isSeen));
  const late = trial.history.filter((event) => event.kind === "store_call" && event.to > until);
  const cut = { ...trial, history: left };
  const withRequests = { ...trial, history: [...left, ...late] };
  return (property) => (excusedByRequests.includes(property) ? withRequests : cut);
}

type IsSeen = (version: Version) => boolean;

function keep(event: HistoryEvent, until: Millis, isSeen: IsSeen): readonly HistoryEvent[] {
  switch (event.kind) {
    case "call":
      return keepCall(event, until, isSeen);
    case "store_call":
    case "request":
      return event.to <= until ? [event] : [];
    case "overdue":
      return event.at <= until ? [event] : [];
    case "view":
    case "sample":
      return event.at <= until && event.views.every((view) => view === null || isSeen(view)) ? [event] : [];
    default:
      return [event];
  }
}

function keepCall(call: Call, until: Millis, isSeen: IsSeen): readonly Call[] {
  if (readOps.some((op) => op === call.op)) return call.to !== null && call.to <= until ? [call] : [];
  if (call.version === undefined || isSeen(call.version)) return [call];
  // It was made, and what it says of itself is not known to be so.
  const { version: _version, ...made } = call;
  return [{ ...made, to: null, outcome: "info", reply: "not checked any more" }];
}

/** How far the observer had seen each epoch to come: all of it, where it looked at all of it, else by the feed. */
function reachedBy(observations: readonly Observation[]): ReadonlyMap<string, number> {
  const [dumped, told] = [new Map<string, number>(), new Map<string, number>()];
  for (const one of observations) {
    if (one.kind === "entry") told.set(one.epoch, Math.max(one.sequence, told.get(one.epoch) ?? -1));
    else if (one.version !== null) dumped.set(one.version.epoch, one.version.sequence);
  }
  return new Map([...told, ...dumped]);
}

function lastTime({ history, observations }: Trial): Millis {
  let last = 0;
  for (const event of history) last = Math.max(last, timeOf(event));
  for (const { at } of observations) last = Math.max(last, at);
  return last;
}

function timeOf(event: HistoryEvent): Millis {
  switch (event.kind) {
    case "call":
      return event.to ?? event.from;
    case "fault":
      return event.done;
    case "store_call":
    case "request":
      return event.to;
    case "commands":
    case "lock_search":
      return 0;
    default:
      return event.at;
  }
}
