/** Defects of a history, or of the system that it records. */
import type { FaultStep, HistoryEvent } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";

export type Spoil = (trial: Trial) => Trial;

/** Nothing at all was taken down. */
export const nothing: Spoil = (trial) => ({ ...trial, history: [], observations: [] });

/** The observer was not there. */
export const unobserved: Spoil = (trial) => ({ ...trial, observations: [] });

/** One in two of the lines about the store is missing, by chance. */
export const everyOther: Spoil = (trial) => {
  const random = seededRandom(1)("half");
  return { ...trial, observations: trial.observations.filter(() => random.nextUint32() % 2 === 0) };
};

const middleOf = ({ observations }: Trial): number => {
  const times = observations.map(({ at }) => at);
  return (Math.max(0, Math.min(...times)) + Math.max(...times)) / 2;
};

/** The observer went in the middle of the run. */
export const firstHalf: Spoil = (trial) => observedWhere(trial, ({ at }) => at < middleOf(trial));

/** The observer came in the middle of the run. */
export const secondHalf: Spoil = (trial) => observedWhere(trial, ({ at }) => at >= middleOf(trial));

/** One of the partitions was never looked at. */
export const withoutPartition: Spoil = (trial) => observedWhere(trial, ({ partition }) => partition !== 1);

function observedWhere(trial: Trial, isKept: (one: Observation) => boolean): Trial {
  return { ...trial, observations: trial.observations.filter(isKept) };
}

/** One in two calls is missing, by chance. */
export const halfOfTheCalls: Spoil = (trial) => {
  const random = seededRandom(1)("half");
  return changed(trial, (event) => (event.kind === "call" && random.nextUint32() % 2 === 0 ? [] : [event]));
};

/** Each fault was undone in the moment in which it was done. */
export const withoutForce: Spoil = (trial) =>
  changed(trial, (event) => (event.kind === "fault" ? [{ ...event, asked: 100, done: 100 }] : [event]), [
    ...(trial.history.some(({ kind }) => kind === "fault") ? [] : emptyFault),
  ]);

const place = {
  kind: "fault",
  fault: 0,
  name: "redis_blackhole",
  instance: 0,
  link: "commands",
  cuts_off: true,
} as const;
const emptyFault: readonly HistoryEvent[] = [
  { ...place, step: "inject", asked: 100, done: 100 },
  { ...place, step: "heal", asked: 100, done: 100 },
];

/** Each fault was in force for 2 % of the time for which it is declared. */
export const hardlyInForce: Spoil = (trial) => {
  const steps = trial.history.flatMap((event) => (event.kind === "fault" ? [event] : []));
  const partnerOf = (step: FaultStep): FaultStep | undefined =>
    steps.find(
      ({ fault, instance, link, step: does }) =>
        fault === step.fault && instance === step.instance && link === step.link && does !== step.step,
    );
  const more = steps.length === 0 ? emptyFault.map((step) => ({ ...step, lasts: 5_000 })) : [];
  const shorten = (event: HistoryEvent): readonly HistoryEvent[] => {
    if (event.kind !== "fault") return [event];
    const other = partnerOf(event);
    if (other === undefined) return [event];
    const lasts = Math.max(100, Math.abs(other.asked - event.done));
    if (event.step === "inject") return [{ ...event, due: event.asked, lasts }];
    return [{ ...event, asked: other.done + lasts / 50, done: other.done + lasts / 50 }];
  };
  return changed(trial, shorten, more);
};

/** @param more what is in it besides */
export function changed(
  trial: Trial,
  change: (event: HistoryEvent) => readonly HistoryEvent[],
  more: readonly HistoryEvent[] = [],
): Trial {
  return { ...trial, history: [...trial.history.flatMap(change), ...more] };
}
