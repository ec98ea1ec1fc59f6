/**
 * Removes from an incomplete history what cannot be judged: answers that the observer had not yet confirmed, and late events that may lack
 * their excuse (a stall, a fault that was being injected).
 */
import { type Call, type HistoryEvent, type Millis, readOps, type Version } from "../../check/history.ts";
import type { Judgement, Trial } from "../../check/judgement.ts";
import type { Observation } from "../../check/observed/observation.ts";
import type { PropertyId } from "../../check/properties.ts";

/** Far longer than the delay between an event and the line that excuses it. */
const unjudgedEnd: Millis = 250;

/**
 * Properties whose required event, or the excuse for a breach, may come later: only a complete run shows that it is
 * missing. In a split brain the observer reports the epoch of the new primary after the split.
 */
const decidedAtTheEnd: readonly PropertyId[] = ["D2", "D3", "D4", "P1", "V3"];

/** @returns null where the property can be judged without the end of the run */
export function openAtTheCut(property: PropertyId): Judgement | null {
  if (!decidedAtTheEnd.includes(property)) return null;
  const reason = "it is decided by the end of a run, which is not there";
  return { property, verdict: "not_exercised", exercised: 0, measures: [], violations: [], reason };
}

/**
 * L1 reports nothing for being late, and compares each answer with what the observer confirmed: it keeps the late ones, and the requests that explain what no
 * client asked for. To any other property a late answer may lack what it answers to, such as the failed request before a refusal.
 */
const judgedToTheEnd: readonly PropertyId[] = ["L1"];

/** @returns the part of the history for each property: a violation in it is a violation of the run */
export function withoutOpenEnd(trial: Trial): (property: PropertyId) => Trial {
  const reached = reachedBy(trial.observations);
  const until = lastTime(trial) - unjudgedEnd;
  const isSeen = ({ epoch, sequence }: Version): boolean => sequence <= (reached.get(epoch) ?? -1);
  const cutAt = (callsUntil: Millis): Trial => {
    const end = { until, callsUntil, isSeen };
    return { ...trial, history: trial.history.flatMap((event) => keep(event, end)) };
  };
  const [toTheEnd, cut] = [cutAt(Number.POSITIVE_INFINITY), cutAt(until)];
  return (property) => (judgedToTheEnd.includes(property) ? toTheEnd : cut);
}

interface End {
  readonly until: Millis;
  /** The end of the writes of clients, and of calls to the store. */
  readonly callsUntil: Millis;
  readonly isSeen: (version: Version) => boolean;
}

function keep(event: HistoryEvent, end: End): readonly HistoryEvent[] {
  const { callsUntil, isSeen, until } = end;
  switch (event.kind) {
    case "call":
      return keepCall(event, end);
    case "store_call":
      return event.to <= callsUntil ? [event] : [];
    case "request":
      return event.to <= until ? [event] : [];
    case "node_full":
      return event.to <= until && isSeen(event.version) ? [event] : [];
    case "overdue":
      return event.at <= until ? [event] : [];
    case "view":
    case "sample":
      return event.at <= until && event.views.every((view) => view === null || isSeen(view)) ? [event] : [];
    default:
      return [event];
  }
}

function keepCall(call: Call, { callsUntil, isSeen, until }: End): readonly Call[] {
  if (readOps.some((op) => op === call.op)) return call.to !== null && call.to <= until ? [call] : [];
  const isLate = call.to !== null && call.to > callsUntil;
  if (!isLate && (call.version === undefined || isSeen(call.version))) return [call];
  // The call was made, but its answer is not judged.
  const { version: _version, ...made } = call;
  return [{ ...made, to: null, outcome: "info", reply: "not checked any more" }];
}

/** The last sequence of each epoch that the observer has seen, in a dump or else in the feed. */
function reachedBy(observations: readonly Observation[]): ReadonlyMap<string, number> {
  const [dumped, fed] = [new Map<string, number>(), new Map<string, number>()];
  for (const one of observations) {
    if (one.kind === "entry") fed.set(one.epoch, Math.max(one.sequence, fed.get(one.epoch) ?? -1));
    else if (one.version !== null) dumped.set(one.version.epoch, one.version.sequence);
  }
  return new Map([...fed, ...dumped]);
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
    case "node_full":
      return event.to;
    case "commands":
    case "lock_search":
      return 0;
    default:
      return event.at;
  }
}
