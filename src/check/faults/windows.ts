/** When each fault was in force for whom, from what was asked of the world and when it was done. */
import { type FaultStep, type HistoryEvent, type InForce, type Millis, ofKind } from "../history.ts";
import { inMs, type Trial } from "../judgement.ts";

/** One fault as one instance met it. */
export interface FaultWindow {
  readonly fault: number;
  readonly name: string;
  readonly instance: number;
  /** The first request to inject it: it may have begun here. */
  readonly asked: Millis;
  /** It was certainly in force from here, as far as commands are concerned … */
  readonly from: Millis;
  /** … until here, when healing was asked for, or when its effect was last seen … */
  readonly to: Millis;
  /** … and certainly healed from here. Infinity: never healed. */
  readonly healed: Millis;
  readonly cutsOff: boolean;
  /** Why it was not the fault that is declared, so that nothing was exercised by it; null: it was. */
  readonly lack: string | null;
}

/** A fault that is in force for so much less than declared is another fault: timers and the calls to Toxiproxy take a few milliseconds. */
const missing = { least: 20, share: 0.1 } as const;
/** A beginning or a healing may be late by so much: a busy machine delays both, which shortens nothing. */
const late = { least: 250, share: 0.1 } as const;

/** Timers may be due a little before their time, and looks and steps are timed one after another. */
const early: Millis = 20;

function tolerance({ least, share }: typeof missing | typeof late, lasts: Millis): Millis {
  return Math.max(least, share * lasts);
}

export function faultWindows(history: readonly HistoryEvent[], instances: number): readonly FaultWindow[] {
  const steps = ofKind(history, "fault");
  const seen = ofKind(history, "in_force");
  const windows: FaultWindow[] = [];
  for (const fault of new Set(steps.map((step) => step.fault))) {
    for (let instance = 0; instance < instances; instance += 1) {
      const met = (one: FaultStep | InForce): boolean => one.instance === null || one.instance === instance;
      const isOwn = (one: FaultStep | InForce): boolean => one.fault === fault && met(one);
      const others = steps.filter((step) => step.fault !== fault && met(step));
      const ownSteps = steps.filter(isOwn);
      const own = seen.filter(isOwn).map((one) => withoutOthers(one, ownSteps, others));
      const window = windowOf(ownSteps, own, instance);
      if (window !== null) windows.push(window);
    }
  }
  return windows;
}

function windowOf(steps: readonly FaultStep[], seen: readonly InForce[], instance: number): FaultWindow | null {
  const injected = steps.filter(({ step }) => step === "inject");
  const healed = steps.filter(({ step }) => step === "heal");
  const [first] = injected;
  if (first === undefined) return null;
  // Degradation is about commands; where only the feed was cut, it is about that.
  const commands = injected.filter(({ link }) => link !== "feed");
  const decisive = commands.length > 0 ? commands : injected;
  const reported = {
    from: Math.max(...decisive.map(({ done }) => done)),
    to: Math.min(Number.POSITIVE_INFINITY, ...healed.map(({ asked }) => asked)),
    healed: healed.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...healed.map(({ done }) => done)),
  };
  const actual = asSeen(reported, seen, decisive);
  return {
    fault: first.fault,
    name: first.name,
    instance,
    asked: askedAt(injected),
    ...actual,
    cutsOff: injected.some(({ cuts_off }) => cuts_off),
    lack: lackOf(reported, actual, injected, seen),
  };
}

/**
 * The effect of one fault cannot be told from that of another that is in force for the same instance: then its own steps say when it began and healed. A
 * fault that begins long after this one should have healed hides nothing.
 */
function withoutOthers(seen: InForce, own: readonly FaultStep[], others: readonly FaultStep[]): InForce {
  const { from, healed, to, ...rest } = seen;
  if (from === null || to === null) return seen;
  const asked = askedAt(own);
  const begun = from < asked && isInForce(others, from, asked) ? asked : from;
  const until = Math.min(healed ?? Number.POSITIVE_INFINITY, to + tolerance(late, to - from));
  if (healed === undefined) return { ...rest, from: begun, to };
  return isInForce(others, to, until) ? { ...rest, from: begun, to } : { ...rest, from: begun, to, healed };
}

/** Whether one of the faults with these steps was in force at some moment of this time. */
function isInForce(steps: readonly FaultStep[], from: Millis, to: Millis): boolean {
  return [...Map.groupBy(steps, ({ fault }) => fault).values()].some((own) => {
    const ended = Math.max(...own.map(({ done, step }) => (step === "heal" ? done : Number.NEGATIVE_INFINITY)));
    return askedAt(own) <= to && !(ended <= from);
  });
}

/** Infinity: none of the steps begins a fault. */
function askedAt(steps: readonly FaultStep[]): Millis {
  return Math.min(...steps.flatMap(({ asked, step }) => (step === "inject" ? [asked] : [])));
}

type Interval = Pick<FaultWindow, "from" | "to" | "healed">;

/**
 * Observations at the wire take precedence where they differ from the answers of the world. Looks are some
 * milliseconds apart, so within the tolerance the answers are the more exact.
 */
function asSeen(reported: Interval, seen: readonly InForce[], decisive: readonly FaultStep[]): Interval {
  if (seen.length === 0) return reported;
  const allowed = tolerance(missing, decisive[0]?.lasts ?? 0);
  const looked = seen.filter(({ link }) => decisive.some((step) => step.link === link));
  const from = Math.max(reported.from, ...looked.map((one) => one.from ?? Number.POSITIVE_INFINITY));
  const to = Math.min(reported.to, ...looked.map((one) => one.to ?? Number.NEGATIVE_INFINITY));
  const healedAt = seen.flatMap(({ healed }) => (healed === undefined ? [] : [healed ?? Number.POSITIVE_INFINITY]));
  const begun = from - reported.from <= allowed ? reported.from : from;
  const ended = reported.to - to <= allowed ? reported.to : to;
  return {
    from: Number.isFinite(begun) ? begun : reported.from,
    to: Number.isFinite(begun) ? Math.max(begun, ended) : reported.from,
    healed: Math.max(reported.healed, ...healedAt.filter((healed) => healed - reported.healed > allowed)),
  };
}

/** A clock that has jumped stays where it is. */
const lasting = "clock_jump";
/** Its probe has to be connected before it begins, and a busy machine lets the first replies wait. */
const probedBefore = "redis_half_open";

/** @param injected on each link */
function lackOf(
  reported: Interval,
  { from, healed, to }: Interval,
  injected: readonly FaultStep[],
  seen: readonly InForce[],
): string | null {
  const { due, lasts, link, name } = injected.find((step) => step.link !== "feed") ?? injected[0] ?? {};
  const begun = askedAt(injected);
  if (seen.some((one) => one.from === null || one.met === 0)) return "nothing of it was seen where it has its effect";
  if (seen.length === 0 && healed <= begun && name !== lasting)
    return `it was undone in the moment in which it was done, at ${inMs(begun)}`;
  const declared = `declared are ${inMs(lasts ?? 0)}${due === undefined ? "" : ` from ${inMs(due)} on`}`;
  if (lasts !== undefined && lasts - (to - from) > tolerance(missing, lasts)) {
    return `it was in force for ${inMs(to - from)}, from ${inMs(from)} to ${inMs(to)}; ${declared}`;
  }
  const allowed = tolerance(late, lasts ?? 0);
  const first = Math.min(...seen.map((one) => one.from ?? begun));
  if (begun - first > early && name !== probedBefore)
    return `it was seen at ${inMs(first)} already, and was asked for at ${inMs(begun)}`;
  if (due !== undefined && (begun - due > allowed || due - begun > early))
    return `it began at ${inMs(begun)}; ${declared}`;
  if (seen.some((one) => one.healed === null)) return `it was not seen to have healed; ${declared}`;
  const isOfLink = link === "commands" || link === "feed";
  if (isOfLink && lasts !== undefined && Number.isFinite(healed) && healed - reported.to > allowed) {
    return `it healed ${inMs(healed - reported.to)} after that had been asked for; ${declared}`;
  }
  return null;
}

/** Returns the faults that were not as declared, in words, for the side with the faults. */
export function lackingFaults({ history, instances }: Pick<Trial, "history" | "instances">): readonly string[] {
  const texts = faultWindows(history, instances).flatMap(({ fault, instance, lack, name }) =>
    lack === null ? [] : [`${name} (faults[${fault}]) on instance ${instance}: ${lack}`],
  );
  return [...new Set(texts)];
}

/** Whether there were faults and none of them was what is declared: then the run shows what a run without faults shows. */
export function lacksAllFaults({ history, instances }: Pick<Trial, "history" | "instances">): boolean {
  const windows = faultWindows(history, instances);
  return windows.length > 0 && windows.every(({ lack }) => lack !== null);
}

/** Whether a fault that was what is declared was in force for the instance at some moment of this time. */
export function isExercisedBy(
  windows: readonly FaultWindow[],
  instance: number,
  [from, to]: readonly [from: Millis, to: Millis],
): boolean {
  return windows.some((one) => one.instance === instance && one.lack === null && overlaps(one, from, to));
}

export function overlaps(window: FaultWindow, from: Millis, to: Millis): boolean {
  return from < window.healed && to > window.asked;
}
