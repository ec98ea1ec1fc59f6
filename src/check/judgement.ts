/** The input and the answer of a judge. Judges are pure: the same trial always gets the same judgement. */
import type { Cause } from "./cause.ts";
import type { HistoryEvent, Millis } from "./history.ts";
import type { Observation } from "./observed/observation.ts";
import type { PropertyId } from "./properties.ts";
import type { Verdict } from "./verdict.ts";

/** One run of one side of a pair. */
export interface Trial {
  readonly side: "fault" | "control";
  readonly history: readonly HistoryEvent[];
  readonly observations: readonly Observation[];
  readonly instances: number;
  readonly bounds: Bounds;
  readonly terms: Terms;
}

/** Settings of the run that claims are about. */
export interface Terms {
  readonly missTtl: Millis;
  readonly l1Ttl: Millis;
  readonly heartbeatTtl: Millis;
  /** TTLs are drawn from base ± this share of it. */
  readonly ttlSpread: number;
  /** Changes that the feed of a partition keeps. */
  readonly feedMax: number;
  /** Nodes that an instance asks for at a time as it loads a partition. Absent: not known. */
  readonly page?: number;
  /** How long a place is kept from a reservation or a renewal on. Absent in histories from before it was taken down. */
  readonly lease?: Millis;
  /** How many finished jobs of a node the store remembers. Absent: it is not known, and none is known to be forgotten. */
  readonly doneMax?: number;
  /** How long it remembers one, until the next of the node is completed. Absent: it is not known, and none is known to be forgotten. */
  readonly doneFor?: Millis;
  /** How long a node that has gone is known. Absent: it is not known. */
  readonly retention?: Millis;
  /** How long after a sweep of expired places the next one begins, give or take the spread. Absent: it is not known. */
  readonly sweepInterval?: Millis;
  /** How long one write to the store may take. Absent in histories from before it was taken down. */
  readonly writeLimit?: Millis;
  /** How long one write may wait for the store, and one read. Absent: not known. */
  readonly writeTimeout?: Millis;
  readonly readLimit?: Millis;
  /** Calls of clients that may be in flight at once. Absent: not known. */
  readonly maxCalls?: number;
  /** Answers, and marks of missing nodes, that an instance may keep. Absent: not known. */
  readonly maxEntries?: number;
  /** How long after its last answer from the store a degraded instance is `local_only`, at the latest. Absent: not known. */
  readonly localOnlyBy?: Millis;
  /** How long after the store last answered an instance may send writes that are not a repeated reserve. Absent: not known. */
  readonly writesStopBy?: Millis;
  /** How long an instance in `normal` may go without asking what has changed in a partition. Absent: not known. */
  readonly following?: Millis;
  /** How many writes a dispatch may make at most. Absent: nothing holds a dispatch to it. */
  readonly dispatchWrites?: number;
  /** How long an instance may take by its settings to notice that the store is gone. Absent: nothing but the budget says. */
  readonly noticing?: Millis;
  /** Absent: nothing holds the modes of an instance to its settings. */
  readonly modes?: ModeTerms;
  /** How long a gap in the feed may last, by the settings. Absent: by nothing but the bound. */
  readonly repair?: Millis;
}

/** By which an instance leaves `normal` and comes back. */
export interface ModeTerms {
  /** A fault may make it leave so long after it has healed: by a connection that has been silent for too long, and a deadline. */
  readonly aftermath: Millis;
  readonly probesInARow: number;
  /** How long it stays away after the first relapse, and at most; twice as long after each. */
  readonly dwell: Millis;
  readonly dwellMax: Millis;
  /** A stay in `normal` that is shorter is a relapse. */
  readonly calmAfter: Millis;
  /** How long a degraded instance waits between two probes. */
  readonly probeInterval: Millis;
  /** When it becomes `local_only`: what it holds was confirmed so long before, give or take the spread; or nothing has answered for so long. */
  readonly l2Ttl: Millis;
  readonly localOnlyAfter: Millis;
}

export interface Bounds {
  /** How long a read may take, and how long degradation may take to be in force. */
  readonly budget: Millis;
  /** From healing to `normal`. */
  readonly recovery: Millis;
  /** From the later of healing and the end of the load to views that equal the store. */
  readonly convergence: Millis;
  /** How far behind the store an instance in `normal` may be. */
  readonly staleness: Millis;
}

interface Measure {
  readonly name: string;
  readonly value: number;
  readonly threshold?: number;
  /** Where more is better; absent: less is. */
  readonly direction?: "at_least";
}

export interface Judgement {
  readonly property: PropertyId;
  readonly verdict: Verdict;
  /** How often the premise was met. */
  readonly exercised: number;
  readonly measures: readonly Measure[];
  /** One message a violation; its first line says what was found and what was allowed. */
  readonly violations: readonly (readonly string[])[];
  /** The smallest part of the history that shows each of those, in turn: ids of calls, none where it is not about calls. */
  readonly blamed?: readonly (readonly number[])[];
  /** Every violation is of a bound of time that was missed by so little that one run does not show the cause (`Stalls.isMarginal`). */
  readonly isMarginal?: true;
  readonly reason?: string;
  /** Why it is open, where it is. */
  readonly cause?: Cause;
}

/** The largest share of all that was to be judged that may go unjudged because the machine paused. */
const unjudgedShare = 0.005;

/** How to get a verdict where the machine's noise allowed none. */
export const quieter =
  "run again with less beside it on the machine: no builds or tests, one run at a time, a processor for each of harness, Redis and proxy";

/** The reason why those that are unclear are open. */
const unclearText =
  "the instance's thread itself did not wait for a processor for so long, but a processor paused, or something else that it may have waited for had none: the machine may have made them, and so may the scheduler";

export interface Tally {
  readonly property: PropertyId;
  readonly exercised: number;
  /** How many were looked at, met under a fault or not; as many as were exercised where it is absent. */
  readonly judged?: number;
  /** How many of those the machine's own slowness leaves open. */
  readonly unjudged?: number;
  /** How many besides it may have made, and so may the instance: a single one leaves the whole open. */
  readonly unclear?: number;
  /** Another possible cause of those: the longest wait of a server or proxy, in words. null: none waited. */
  readonly waits?: string | null;
  /** How many of those could not be held against the store, since the observer did not see it: a single one leaves the whole open. */
  readonly unseen?: number;
  /** Whether those that are unjudged leave the whole open; where it is absent, more of them than a small share do. */
  readonly isOpen?: boolean;
  readonly measures?: readonly Measure[];
  readonly violations: readonly (readonly string[])[];
  readonly blamed?: Judgement["blamed"];
  /** Whether all violations are marginal. */
  readonly isMarginal?: boolean;
  /** Text for the reason: which part was open, and why. */
  readonly open?: string;
  /** Why that is open. Where it is absent nothing is claimed about the machine. */
  readonly cause?: Cause;
  readonly premise: string;
}

/** The one way from counts to a verdict: violated, then not exercised, then unknown, then held. */
export function conclude(tally: Tally): Judgement {
  const {
    property,
    exercised,
    judged = exercised,
    violations,
    unclear = 0,
    unjudged: machines = 0,
    unseen = 0,
    waits = null,
  } = tally;
  const unjudged = machines + unclear;
  const reported = unjudged === 0 ? [] : unjudgedMeasures(unjudged, judged);
  const hidden = unseen === 0 ? [] : [unseenMeasure(unseen, judged)];
  const stated = { property, exercised, measures: [...(tally.measures ?? []), ...reported, ...hidden], violations };
  if (violations.length > 0) return { ...stated, ...violated(tally), verdict: "violated" };
  if (exercised === 0) return { ...stated, verdict: "not_exercised", ...never(tally) };
  if (unseen > 0) {
    const reason = `${shareText(unseen, judged)} could not be held against the store, which the observer did not see then`;
    return { ...stated, verdict: "unknown", reason, cause: "unobserved" };
  }
  if (unclear > 0) {
    const open = `${unclear} of ${judged} could not be judged: ${unclearText}${waits === null ? "" : ` (${waits})`}`;
    return { ...stated, verdict: "unknown", reason: `${open}; ${quieter}`, cause: tally.cause ?? "machine_load" };
  }
  if (tally.isOpen ?? unjudged > judged * unjudgedShare) {
    const open = `${unjudged} of ${judged} could not be judged: ${tally.open ?? "the machine paused"}`;
    const cause = tally.cause ?? (tally.open === undefined ? "machine_load" : "unspecified");
    return { ...stated, verdict: "unknown", reason: `${open}; ${quieter}`, cause };
  }
  return { ...stated, verdict: "held" };
}

function never({ premise }: Tally): Pick<Judgement, "reason" | "cause"> {
  return { reason: `never happened: ${premise}`, cause: "not_exercised" };
}

/** "37 of 1204 (3.1 %)" */
export function shareText(part: number, whole: number): string {
  return `${part} of ${whole} (${percentOf(part, whole).toFixed(1)} %)`;
}

/** How much of what was to be judged the machine kept from being judged, whatever the verdict. */
function unjudgedMeasures(part: number, whole: number): readonly Measure[] {
  return [
    { name: "unjudged", value: part },
    { name: "unjudged_percent", value: percentOf(part, whole) },
  ];
}

/** How much of what was to be judged the observer did not see. */
export function unseenMeasure(part: number, whole: number): Measure {
  return { name: "unseen_percent", value: percentOf(part, whole) };
}

function percentOf(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.min(100, (part / whole) * 100);
}

function violated({ blamed, isMarginal = false }: Tally): Pick<Judgement, "blamed" | "isMarginal"> {
  return {
    ...(blamed === undefined ? {} : { blamed }),
    ...(isMarginal ? { isMarginal } : {}),
  };
}

/** Returns `unknown` for the marginal violations of a single run, with the first message as the reason. */
export function openIfMarginal(judgement: Judgement): Judgement {
  if (judgement.isMarginal !== true) return judgement;
  const { isMarginal: _isMarginal, blamed: _blamed, violations, ...rest } = judgement;
  const found = violations[0]?.join("; ") ?? "";
  const reason = `missed by little (${found}): one run does not tell whether the machine made that; ${quieter}`;
  return { ...rest, verdict: "unknown", violations: [], reason, cause: "machine_load" };
}

/** A violation in words, with the calls that show it. */
export interface Finding {
  readonly story: readonly string[];
  readonly calls: readonly number[];
}

/** As a judgement tells them: few, each with its calls. */
export function fewFindings(findings: readonly Finding[]): Pick<Required<Tally>, "violations"> & Pick<Tally, "blamed"> {
  return {
    violations: fewExplanations(findings.map(({ story }) => story)),
    blamed: findings.slice(0, mostExplanations).map(({ calls }) => calls),
  };
}

/** ms with at most one decimal, for stories. */
export function inMs(value: Millis): string {
  return `${Math.round(value * 10) / 10} ms`;
}

/** Messages beyond this many are counted, not printed. */
const mostExplanations = 5;

export function fewExplanations(explanations: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const rest = explanations.length - mostExplanations;
  return rest <= 0 ? explanations : [...explanations.slice(0, mostExplanations), [`and ${rest} more like these`]];
}
