/**
 * Removes from an incomplete history what cannot be judged: what happened so late that its excuse (a stall, a fault that was being injected) or its reason may
 * come after the end, and answers that the observer had not yet confirmed.
 */
import { type Call, type HistoryEvent, type Millis, ofKind, readOps, type Version } from "../../check/history.ts";
import type { Judgement, Trial } from "../../check/judgement.ts";
import type { Observation } from "../../check/observed/observation.ts";
import type { PropertyId } from "../../check/properties.ts";

/** Longer than the delay between an event and the line that excuses it: a machine's freezes are noted every 500 ms. */
const unjudgedEnd: Millis = 750;
/** Longer than the observer takes to see what the store has acknowledged. */
const observed: Millis = 250;

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
  const until = reportedUntil(trial) - unjudgedEnd;
  const toTheEnd = cutAt(trial, { until, callsUntil: Number.POSITIVE_INFINITY });
  const observations = trial.observations.filter(({ at }) => at <= until + observed);
  const cut = cutAt({ ...trial, observations }, { until, callsUntil: until });
  return (property) => (judgedToTheEnd.includes(property) ? toTheEnd : cut);
}

/** Until when all that still runs has reported: an instance reports its own pauses, and nothing meanwhile. */
function reportedUntil({ history, observations }: Trial): Millis {
  let last = 0;
  for (const { at } of observations) last = Math.max(last, at);
  const reports = new Map<number, Millis>();
  for (const event of history) {
    const at = timeOf(event);
    last = Math.max(last, at);
    const instance = "instance" in event && ownReports.has(event.kind) ? event.instance : null;
    if (typeof instance === "number") reports.set(instance, Math.max(at, reports.get(instance) ?? 0));
  }
  const crashes = ofKind(history, "fault").filter(({ name, step }) => name === "instance_crash" && step === "inject");
  const isGone = (instance: number, at: Millis): boolean =>
    crashes.some((crash) => crash.instance === instance && crash.done >= at);
  return Math.min(last, ...[...reports].flatMap(([instance, at]) => (isGone(instance, at) ? [] : [at])));
}

/** Lines that show that an instance runs: its own, and answers to what it was asked. */
const ownReports: ReadonlySet<HistoryEvent["kind"]> = new Set([
  ...(["call", "store_call", "request", "node_full", "overdue", "stall"] as const),
  ...(["view", "sample", "mode", "note"] as const),
]);

interface End {
  readonly until: Millis;
  /** The end of the writes of clients, and of calls to the store. */
  readonly callsUntil: Millis;
}

function cutAt(trial: Trial, end: End): Trial {
  const reached = reachedBy(trial.observations);
  const isSeen = ({ epoch, sequence }: Version): boolean => sequence <= (reached.get(epoch) ?? -1);
  return { ...trial, history: trial.history.flatMap((event) => keep(event, end, isSeen)) };
}

type IsSeen = (version: Version) => boolean;

function keep(event: HistoryEvent, end: End, isSeen: IsSeen): readonly HistoryEvent[] {
  switch (event.kind) {
    case "call":
      return keepCall(event, end, isSeen);
    case "store_call":
      return event.to <= end.callsUntil ? [event] : [];
    case "node_full":
      return event.to <= end.until && isSeen(event.version) ? [event] : [];
    case "view":
    case "sample":
      return event.at <= end.until && event.views.every((view) => view === null || isSeen(view)) ? [event] : [];
    case "request":
    case "overdue":
    case "mode":
    case "phase":
    case "note":
    case "served":
    case "lost_wake_up":
      return timeOf(event) <= end.until ? [event] : [];
    default:
      return [event];
  }
}

function keepCall(call: Call, { callsUntil, until }: End, isSeen: IsSeen): readonly Call[] {
  const { to } = call;
  if (readOps.some((op) => op === call.op)) return to !== null && to <= until ? [call] : [];
  const isLate = to !== null && to > callsUntil;
  // No observer follows the configuration.
  if (!isLate && (call.version === undefined || call.op === "put_config" || isSeen(call.version))) return [call];
  // The call was made, but its answer is not judged.
  const { version: _version, ...made } = call;
  return [{ ...made, to: isLate ? null : to, outcome: "info", reply: "not checked any more" }];
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
