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

/** L1 reports no late requests; a lost request can explain a change that no client observed. */
const excusedByRequests: readonly PropertyId[] = ["L1"];

/** @returns the part of the history for each property: a violation in it is a violation of the run */
export function withoutOpenEnd(trial: Trial): (property: PropertyId) => Trial {
  const reached = reachedBy(trial.observations);
  const until = lastTime(trial) - unjudgedEnd;
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

function keepCall(call: Call, until: Millis, isSeen: IsSeen): readonly Call[] {
  if (readOps.some((op) => op === call.op)) return call.to !== null && call.to <= until ? [call] : [];
  if (call.version === undefined || isSeen(call.version)) return [call];
  // The call was made, but its answer is not confirmed.
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
