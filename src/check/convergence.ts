/** V3: once faults heal and writes stop, every instance's view equals the store, in version and content, within the bound. */

import { type HistoryEvent, type Millis, ofKind, phaseAt, type Sample } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { coverageOf } from "./observed/coverage.ts";
import { FinalTruth, type Lack } from "./observed/final-truth.ts";
import { Modes } from "./observed/modes.ts";
import { properties } from "./properties.ts";
import { Noise } from "./timing/noise.ts";
import { type Blame, mildest } from "./timing/stall.ts";

export function judgeConvergence(trial: Trial): Judgement {
  const { convergence } = trial.bounds;
  const truth = new FinalTruth(trial.observations);
  const samples = ofKind(trial.history, "sample");
  const quiet = Math.max(phaseAt(trial.history, "quiet"), phaseAt(trial.history, "healed"));
  const violations: (readonly string[])[] = [];
  const times: Millis[] = [];
  let compared = 0;
  let unjudged = 0;
  let unclear = 0;
  let unseen = 0;
  const coverage = coverageOf(trial);
  // What came after the observer's last look cannot be held against it.
  const isUnseen = ({ at, views }: Sample): boolean =>
    views.some((view) => view !== null && coverage.standingShown(view, at) === "unseen");
  for (let instance = 0; instance < trial.instances; instance += 1) {
    const own = samples.filter((sample) => sample.instance === instance).sort((a, b) => a.at - b.at);
    const last = own.at(-1);
    if (last === undefined) continue;
    compared += truth.partitions;
    if (isUnseen(last)) {
      unseen += truth.partitions;
      continue;
    }
    const waits = waitsOf(own, truth, quiet);
    if (waits.every(({ isOver }) => isOver)) times.push(...waits.map(({ from, to }) => to - from), 0);
    const late = waits.filter((wait) => !isInTime(wait, convergence));
    const blamed = late.map((wait) => ({ wait, blame: blameFor(wait, own, trial) }));
    const ours = blamed.find(({ blame }) => blame === "instance");
    if (ours !== undefined) violations.push(storyOf(last, ours.wait, quiet, convergence));
    else if (blamed.some(({ blame }) => blame === "unclear")) unclear += 1;
    else if (blamed.length > 0) unjudged += 1;
  }
  const exercised = Number.isNaN(quiet) || truth.partitions === 0 ? 0 : compared;
  const measures =
    times.length === 0
      ? []
      : [
          {
            name: "time_to_convergence_ms_max",
            value: Math.max(...times),
            ...(unjudged + unclear === 0 ? { threshold: convergence } : {}),
          },
        ];
  const open =
    "the machine's own stalls took an instance the time that it had, or kept it from asking the store, or the store changed when the run was about to end";
  const counts = {
    unseen,
    exercised,
    unjudged,
    unclear,
    waits: new Noise(trial.history).worstWait,
    cause: "machine_load" as const,
  };
  return conclude({ property: "V3", premise: properties.V3.premise, ...counts, violations, measures, open });
}

/** For what the store held an instance was without it: from the end of the load, or when the store came to hold it, if that was later. */
interface Wait {
  readonly from: Millis;
  /** When it was first seen to have it, or last seen without. */
  readonly to: Millis;
  readonly isOver: boolean;
  readonly lack: Lack;
}

/** Of an instance, one for each moment since which it lacked something. */
function waitsOf(samples: readonly Sample[], truth: FinalTruth, quiet: Millis): readonly Wait[] {
  const looks = samples.map((sample) => ({ at: sample.at, lack: truth.lackOf(sample) }));
  const last = looks.at(-1);
  const waits = new Map<Millis, Wait>();
  for (const [index, { lack }] of looks.entries()) {
    if (lack === null || last === undefined) continue;
    const over = looks.find((look, at) => at > index && (look.lack === null || look.lack.since > lack.since));
    const [from, to] = [Math.max(quiet, lack.since), (over ?? last).at];
    if (to > from || over === undefined) waits.set(lack.since, { from, to, isOver: over !== undefined, lack });
  }
  return [...waits.values()];
}

function isInTime({ from, isOver, to }: Wait, convergence: Millis): boolean {
  return isOver && to - from <= convergence;
}

function blameFor({ from, isOver, lack, to }: Wait, own: readonly Sample[], { bounds, history }: Trial): Blame {
  const { convergence } = bounds;
  const late = to - from - convergence;
  const due = own.find(({ at }) => at > from + convergence) ?? own.at(-1);
  if (due === undefined) return "instance";
  // The store changed too late for who looks to see what becomes of it. What was there before they have looked at for as long as it takes; and who
  // shows something else at the same version shows it for good.
  if (late <= 0 && !isOver && !lack.isAsFar && from === lack.since) return "machine";
  return mildest([
    late > 0 ? new Noise(history).blameForLate(late, from, to, due.instance) : "instance",
    blameForItsMode(history, due, from, to),
  ]);
}

/**
 * Whose doing it is that it was degraded when the bound was over: the machine's where each of its calls that failed from the end of the load
 * until it was equal, one at least, failed because of it; or where it had left normal because of it, and each that failed since did so too: after
 * several departures it stays away for longer than the bound (`dwell`).
 */
function blameForItsMode(history: readonly HistoryEvent[], due: Sample, quiet: Millis, until: Millis): Blame {
  if (due.mode === "normal") return "instance";
  const failed = ofKind(history, "store_call").filter(
    ({ instance, outcome, to }) => instance === due.instance && outcome !== "answered" && to > quiet && to <= until,
  );
  const noise = new Noise(history);
  const left = new Modes(history).departures(due.instance, Number.NEGATIVE_INFINITY, due.at).at(-1);
  return mildest([
    noise.blameForAll(failed),
    left === undefined || left.at > quiet ? "instance" : noise.blameForAbsence(left, until),
  ]);
}

function storyOf(last: Sample, { from, isOver, lack, to }: Wait, quiet: Millis, bound: Millis): readonly string[] {
  const found = isOver ? `equalled the store ${inMs(to - from)} after` : "never equalled the store after";
  const when =
    from === quiet ? "healing and the end of the load" : `its change at ${inMs(from)}, when all else was at rest`;
  return [
    `the view of instance ${last.instance} ${found} ${when}, allowed ${inMs(bound)}`,
    `last looked at ${inMs(last.at)}, mode ${last.mode}: ${isOver ? "equal by then" : lack.text}`,
  ];
}
