/** A run as its harness would have recorded it if the harness's own thread had had no processor now and then, and nothing else had been late. */
import type { HistoryEvent, Millis } from "../../../src/check/history.ts";
import { ofKind, phaseAt } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import { type Observation, partitionsOf } from "../../../src/check/observed/observation.ts";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";

/** From `from` on the thread was ready and had no processor, until `to`. */
export interface Pause {
  readonly from: Millis;
  readonly to: Millis;
}

type Look = Extract<HistoryEvent, { kind: "observer_read" }>;

const every: Millis = 20;
const took: Millis = 0.01;

/** The same run, observed as on an idle machine: a look at each partition every 20 ms, and one for each dump. All instances are hosted ones. */
export function timely(trial: Trial): Trial {
  const { instances, observations } = trial;
  const last = Math.max(0, ...trial.history.flatMap((event) => ("at" in event ? [event.at] : []))) + every;
  const partitions = partitionsOf(observations);
  const looks: Look[] = partitions.flatMap((partition) => {
    const dumped = observations.flatMap((one) => (one.kind === "dump" && one.partition === partition ? [one.at] : []));
    const first = Math.floor(Math.min(0, ...dumped) / every);
    const regular = Array.from({ length: Math.ceil(last / every) - first }, (_, index) => (first + index) * every);
    const times = [...new Set([...regular, ...dumped])].toSorted((a, b) => a - b);
    // One partition is answered after the other.
    const wait = (partition + 1) * took;
    return times.map((at): Look => ({ kind: "observer_read", at: at + wait, took: 2 * wait, partition }));
  });
  const hosted = Array.from({ length: instances }, (_, instance): HistoryEvent => {
    return { kind: "hosted", at: 0, instance, life: 1, reports: true };
  });
  return { ...trial, history: [...hosted, ...trial.history, ...looks], observations: seenBy(looks, observations) };
}

/** Moves each observation to the first look after it. */
function seenBy(looks: readonly Look[], observations: readonly Observation[]): readonly Observation[] {
  const times = Map.groupBy(looks, ({ partition }) => partition);
  const seen = observations.map((one): Observation => {
    const look = times.get(one.partition)?.find(({ at }) => at >= one.at);
    return look === undefined ? one : { ...one, at: look.at };
  });
  return seen.toSorted((a, b) => a.at - b.at);
}

/**
 * Draws pauses of 0.2 to 1.5 s during the load, in which the harness changed nothing: it cannot have done so without its thread.
 */
export function drawnPauses(trial: Trial, seed: number): readonly Pause[] {
  const random = seededRandom(seed)("pauses");
  const below = (limit: number): number => random.nextUint32() % limit;
  const end = phaseAt(trial.history, "quiet");
  const drawn: Pause[] = [];
  for (let at = below(1_500); at < end; ) {
    const one = { from: at, to: at + 200 + below(1_300) };
    if (one.to < end && !acts(trial, one)) drawn.push(one);
    at = one.to + 50 + below(1_500);
  }
  return drawn;
}

/** Whether the harness did something meanwhile, or an epoch began: what it began with was looked at then. */
function acts({ history, observations }: Trial, { from, to }: Pause): boolean {
  const isWithin = (at: Millis): boolean => at >= from - 1 && at <= to + every;
  const faults = ofKind(history, "fault");
  const wasAsked = faults.some(({ asked, done }) => isWithin(asked) || (asked < from && done > to));
  const split = faults.filter(({ name }) => name === "redis_split_brain").map(({ done }) => done);
  const wasSplit = Math.min(...split) < to && Math.max(...split) > from;
  return wasAsked || wasSplit || beginnings(observations).some(isWithin);
}

function beginnings(observations: readonly Observation[]): readonly Millis[] {
  const current = new Map<number, string | null>();
  return observations.flatMap(({ at, partition, ...one }) => {
    const epoch = one.kind === "entry" ? one.epoch : (one.version?.epoch ?? null);
    const isSame = current.get(partition) === epoch;
    current.set(partition, epoch);
    return isSame ? [] : [at];
  });
}

/** The harness's thread times when it goes on all that it would have timed meanwhile. */
export function late(trial: Trial, pauses: readonly Pause[]): Trial {
  return pauses.reduce(lateOnce, trial);
}

/** The thread paused after the load, when all that it does is to wait, look and ask instances: it does that later. */
export function lateAfterwards(trial: Trial, { from, to }: Pause): Trial {
  const changes = [...ofKind(trial.history, "mode"), ...ofKind(trial.history, "view")];
  if (changes.some(({ at }) => at > from)) return trial;
  const waited = to - from;
  const later = <Each extends { readonly at: Millis }>(one: Each): Each =>
    one.at > from ? { ...one, at: one.at + waited } : one;
  const history = trial.history.map((event): HistoryEvent => {
    const isOurs = ["sample", "phase", "observer_read"].includes(event.kind);
    return isOurs && "at" in event ? later(event) : event;
  });
  const stall = { kind: "stall", since: from, at: to, lasted: waited - 2, ran: 0, waited } as const;
  return { ...trial, history: [...history, stall], observations: trial.observations.map(later) };
}

function lateOnce(trial: Trial, pause: Pause): Trial {
  const { from, to } = pause;
  const during = (at: Millis): boolean => at > from && at <= to;
  const { looks, observations } = lookedLate(trial, pause);
  const later = (at: Millis): Millis => (during(at) ? to : at);
  const isOutside = ofKind(trial.history, "system").length > 0;
  const others = trial.history.flatMap((event): readonly HistoryEvent[] => {
    if (isOutside && isReported(event)) return [reportedLate(event, later)];
    switch (event.kind) {
      case "observer_read":
        return [];
      case "fault":
        return [{ ...event, asked: later(event.asked), done: later(event.done) }];
      case "in_force": {
        const { at, from: seen, healed, to: lastSeen, ...rest } = event;
        const moved = { from: seen === null ? null : later(seen), to: lastSeen === null ? null : later(lastSeen) };
        const over = healed === undefined || healed === null ? { healed } : { healed: later(healed) };
        return [{ ...rest, ...moved, ...(healed === undefined ? {} : over), at: later(at) } as HistoryEvent];
      }
      case "proxy_call":
        return [{ ...event, at: later(event.at), until: later(event.until) }];
      case "stall":
        return event.instance === undefined && during(event.at) ? [] : [event];
      case "starved":
      case "phase":
      case "pace":
      case "lost_reply":
      case "lost_wake_up":
      case "refused":
      case "closed":
      case "overlooked":
        return [{ ...event, at: later(event.at) }];
      default:
        return [event];
    }
  });
  const waited = to - from;
  const stall = { kind: "stall", since: from, at: to, lasted: waited - 2, ran: 0, waited } as const;
  return { ...trial, history: [...others, ...looks, stall], observations };
}

type Reported = Extract<HistoryEvent, { kind: "call" | "view" | "sample" | "mode" | "pipe" }>;

/** Whether the harness itself times it where instances speak the line protocol. */
function isReported({ kind }: HistoryEvent): boolean {
  return ["call", "view", "sample", "mode", "pipe"].includes(kind);
}

/** The harness reads later what an instance had sent. */
function reportedLate(event: HistoryEvent, later: (at: Millis) => Millis): HistoryEvent {
  const one = event as Reported;
  if (one.kind === "call") return { ...one, to: one.to === null ? null : later(one.to) };
  if (one.kind === "pipe") return { ...one, at: later(one.at), took: one.took + later(one.at) - one.at };
  return one.kind === "mode"
    ? { ...one, since: one.since ?? one.at, at: later(one.at) }
    : { ...one, at: later(one.at) };
}

/** The look that was on its way ends when the thread goes on. What later ones would have seen, the first one after that sees. */
function lookedLate({ history, observations }: Trial, { from, to }: Pause) {
  const looks = ofKind(history, "observer_read");
  const isKept = (look: Look): boolean => look.at <= from || look.at - look.took >= to;
  const ofIt = Map.groupBy(looks, ({ partition }) => partition);
  const lookOf = ({ at, partition }: Observation): Look | undefined =>
    ofIt.get(partition)?.find((look) => look.at >= at && look.at - look.took <= at);
  const onItsWay = new Set(looks.filter((look) => !isKept(look) && look.at - look.took <= from));
  const next = new Map(
    [...ofIt].map(([partition, own]) => {
      const look = own.find((one) => one.at - one.took >= to);
      return [partition, look === undefined ? to : look.at - 0.9 * look.took] as const;
    }),
  );
  const moved = observations.flatMap((one): readonly Observation[] => {
    const look = lookOf(one);
    if (look === undefined || isKept(look)) return [one];
    if (onItsWay.has(look)) return [{ ...one, at: to }];
    // Whole contents of then are not to be had any more.
    return one.kind === "entry" ? [{ ...one, at: next.get(one.partition) ?? to }] : [];
  });
  const seen = looks.flatMap((look) => {
    if (isKept(look)) return [look];
    return onItsWay.has(look) ? [{ ...look, at: to, took: to - look.at + look.took }] : [];
  });
  return { looks: seen.toSorted((a, b) => a.at - b.at), observations: moved };
}
