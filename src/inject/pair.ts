/** What a pair of runs comes to: the faulty side's judgements, read against the fault-free control on the same seed. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { Cause } from "../check/cause.ts";
import { lackingFaults } from "../check/fault-window.ts";
import { ofKind } from "../check/history.ts";
import type { Judgement, Trial } from "../check/judgement.ts";
import { countMarks, idleFaults, metFaults } from "../check/marks.ts";
import type { PropertyId } from "../check/properties.ts";
import { isCrowded } from "../check/timing/crowding.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { judge } from "../judges/recorded/judges.ts";
import { lateLoad, unmetAssumptions } from "./assumptions.ts";

/** Of a scenario without faults both are the one run that was made. */
export interface Pair {
  readonly control: Trial;
  readonly fault: Trial;
}

/** Each run once, the one with the faults first. */
export function sidesOf({ control, fault }: Pair): readonly Trial[] {
  return [...new Set([fault, control])];
}

export interface JudgedPair {
  /** Of what could be seen: another run on the seed may change it. */
  readonly verdict: Verdict;
  /** One a property, with what the control says of it. */
  readonly properties: readonly JudgedProperty[];
  /** Why the run as a whole proves less than its properties say. */
  readonly reasons: readonly string[];
  /** The cause of these reasons; undefined where there are none. */
  readonly cause?: Cause | undefined;
  /** Properties that the scenario claims and that nobody could see in instances that are processes, none of them excluded by name. */
  readonly withheld: readonly PropertyId[];
  /** Claimed, and excluded by name: not owed, but a violation of one counts. */
  readonly excluded: readonly PropertyId[];
}

/** What the pair proves on its own: a property that was not seen was not exercised. */
export function wholeVerdict({ verdict, withheld }: JudgedPair): Verdict {
  return joinVerdicts([verdict, ...withheld.map((): Verdict => "not_exercised")]);
}

export interface JudgedProperty {
  readonly fault: Judgement;
  /** null: the run was its own control. */
  readonly control: Judgement | null;
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
  readonly cause?: Cause | undefined;
}

/** What a run of it is judged by. */
export function judgedProperties({ always, eventually }: Scenario): readonly PropertyId[] {
  return [...new Set([...always, ...(["V3", "D3"] as const).filter((id) => eventually[id] !== undefined)])];
}

/**
 * @param faults `drawn`: by chance, so one of them has to be met, and what no fault gave occasion for takes nothing from what was held
 * @param exclude properties that the caller has excluded by name
 */
export function judgePair(
  scenario: Scenario,
  pair: Pair,
  faults: "declared" | "drawn" = "declared",
  exclude: readonly PropertyId[] = [],
): JudgedPair {
  const ids = judgedProperties(scenario);
  const excluded = ids.filter((id) => exclude.includes(id));
  const properties = ids.map((id) => judgeProperty(id, pair));
  const reasons = [
    ...takenForGranted(scenario, pair),
    ...(faults === "drawn"
      ? noFaultMet(scenario, pair.fault)
      : [...unseenMarks(scenario, pair.fault), ...unmetFaults(scenario, pair.fault), ...lackingFaults(pair.fault)]),
  ];
  const proved: Verdict = reasons.length > 0 ? "not_exercised" : "held";
  const hidden = new Set(ofKind(pair.fault.history, "system").flatMap(({ withheld }) => Object.keys(withheld)));
  const withheld = ids.filter((id) => hidden.has(id) && !excluded.includes(id));
  const said = properties.filter(({ fault: { property }, verdict }) =>
    excluded.includes(property) ? verdict === "violated" : !hidden.has(property),
  );
  const owed = said
    .map(({ verdict }) => verdict)
    .filter((verdict) => faults === "declared" || verdict !== "not_exercised");
  const verdict = joinVerdicts([proved, ...owed]);
  const cause = reasons.length === 0 ? undefined : causeOf(reasons, pair);
  return { verdict, properties, reasons, cause, withheld, excluded };
}

/** The machine's load where it kept the harness from its work and nothing else is missing: the load came late, or a fault was not in force as declared. */
function causeOf(reasons: readonly string[], pair: Pair): Cause {
  const { control, fault } = pair;
  const delayed = new Set([...lateLoad(fault), ...lateLoad(control).map(inControl), ...lackingFaults(fault)]);
  const isDelay = reasons.every((reason) => delayed.has(reason));
  return isDelay && sidesOf(pair).some(isCrowded) ? "machine_load" : "not_exercised";
}

function inControl(reason: string): string {
  return `in the control run: ${reason}`;
}

/**
 * A control that breaks the property breaks it without any help: that is a violation too, and the reader has to know. One of which nothing can be
 * said leaves open what the faulty side seems to have kept; that it never met the premise, which may be about faults, does not.
 */
function judgeProperty(id: PropertyId, { control, fault }: Pair): JudgedProperty {
  const ours = judge(id, fault);
  const theirs = control === fault ? null : judge(id, control);
  if (theirs?.verdict === "violated") {
    return { fault: ours, control: theirs, verdict: "violated", reason: "fails without the fault too" };
  }
  if (theirs?.verdict === "unknown" && ours.verdict === "held") {
    return {
      fault: ours,
      control: theirs,
      verdict: "unknown",
      reason: `in the control run: ${theirs.reason ?? "unknown"}`,
      cause: theirs.cause,
    };
  }
  const { verdict, reason, cause } = ours;
  return { fault: ours, control: theirs, verdict, reason, cause };
}

function takenForGranted(scenario: Scenario, { control, fault }: Pair): readonly string[] {
  const unmet = unmetAssumptions(scenario, fault);
  if (control === fault) return unmet;
  return [...unmet, ...unmetAssumptions(scenario, control).map(inControl)];
}

function unseenMarks({ sometimes }: Scenario, trial: Trial): readonly string[] {
  const seen = countMarks(trial);
  const unseen = sometimes.filter((mark) => seen[mark] === 0);
  return unseen.length === 0 ? [] : [`never seen: ${unseen.join(", ")}`];
}

/** Of faults that came by chance. */
function noFaultMet({ faults }: Scenario, trial: Trial): readonly string[] {
  if (metFaults(trial).size > 0) return [];
  return [faults.length === 0 ? "the seed drew no fault that can be done here" : "nobody met any of the faults drawn"];
}

/** Faults that were never injected, and faults that met nobody. */
function unmetFaults({ faults }: Scenario, trial: Trial): readonly string[] {
  const injected = new Set(
    trial.history.flatMap((event) => (event.kind === "fault" && event.step === "inject" ? [event.fault] : [])),
  );
  const missing = faults.flatMap((fault, index) => (injected.has(index) ? [] : [`${fault.kind} (faults[${index}])`]));
  const idle = idleFaults(trial);
  return [
    ...(missing.length === 0 ? [] : [`never took effect: ${missing.join(", ")}`]),
    ...(idle.length === 0 ? [] : [`no call was under way during ${idle.join(", ")}`]),
  ];
}
