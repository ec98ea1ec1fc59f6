/** When each fault was in force for whom, from what was asked of the world and when it was done. */
import { type FaultStep, type HistoryEvent, type Millis, ofKind } from "./history.ts";

/** One fault as one instance met it. */
export interface FaultWindow {
  readonly fault: number;
  readonly name: string;
  readonly instance: number;
  /** The first request to inject it: it may have begun here. */
  readonly asked: Millis;
  /** It was certainly in force from here, as far as commands are concerned … */
  readonly from: Millis;
  /** … until here, when healing was asked for … */
  readonly to: Millis;
  /** … and certainly healed from here. Infinity: never healed. */
  readonly healed: Millis;
  readonly cutsOff: boolean;
}

export function faultWindows(history: readonly HistoryEvent[], instances: number): readonly FaultWindow[] {
  const steps = ofKind(history, "fault");
  const windows: FaultWindow[] = [];
  for (const fault of new Set(steps.map((step) => step.fault))) {
    for (let instance = 0; instance < instances; instance += 1) {
      const own = steps.filter(
        (step) => step.fault === fault && (step.instance === null || step.instance === instance),
      );
      const window = windowOf(own, instance);
      if (window !== null) windows.push(window);
    }
  }
  return windows;
}

function windowOf(steps: readonly FaultStep[], instance: number): FaultWindow | null {
  const injected = steps.filter(({ step }) => step === "inject");
  const healed = steps.filter(({ step }) => step === "heal");
  const [first] = injected;
  if (first === undefined) return null;
  // Degradation is about commands; where only the feed was cut, it is about that.
  const commands = injected.filter(({ link }) => link !== "feed");
  const decisive = commands.length > 0 ? commands : injected;
  return {
    fault: first.fault,
    name: first.name,
    instance,
    asked: Math.min(...injected.map(({ asked }) => asked)),
    from: Math.max(...decisive.map(({ done }) => done)),
    to: Math.min(Number.POSITIVE_INFINITY, ...healed.map(({ asked }) => asked)),
    healed: healed.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...healed.map(({ done }) => done)),
    cutsOff: injected.some(({ cuts_off }) => cuts_off),
  };
}

/** Faults of one instance that follow each other without a pause heal once, at the end of the last. */
export interface Episode {
  readonly instance: number;
  readonly names: readonly string[];
  readonly asked: Millis;
  readonly from: Millis;
  readonly healed: Millis;
  readonly cutsOff: boolean;
}

/** @param pause time between two faults that counts as none */
export function episodesOf(windows: readonly FaultWindow[], pause: Millis): readonly Episode[] {
  const episodes: Episode[] = [];
  const sorted = [...windows].sort((a, b) => a.instance - b.instance || a.asked - b.asked);
  for (const window of sorted) {
    const last = episodes.at(-1);
    if (last !== undefined && last.instance === window.instance && window.asked - last.healed <= pause) {
      episodes[episodes.length - 1] = {
        ...last,
        names: [...last.names, window.name],
        healed: Math.max(last.healed, window.healed),
        cutsOff: last.cutsOff || window.cutsOff,
      };
    } else {
      const { instance, name, asked, from, healed, cutsOff } = window;
      episodes.push({ instance, names: [name], asked, from, healed, cutsOff });
    }
  }
  return episodes;
}

export function overlaps(window: FaultWindow, from: Millis, to: Millis): boolean {
  return from < window.healed && to > window.asked;
}
