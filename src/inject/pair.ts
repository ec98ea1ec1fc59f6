/** Judges a pair of runs: the run with faults, compared with the control without faults on the same seed. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import type { Cause } from "../check/cause.ts";
import { lackingFaults } from "../check/faults/windows.ts";
import { ofKind } from "../check/history.ts";
import type { Judgement, Trial } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import { isCrowded } from "../check/timing/crowding.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { judge, propertiesOfEveryRun, whyNotJudged } from "../judges/recorded/judges.ts";
import { hasOwnKeys } from "../judges/recorded/own-keys.ts";
import { lateLoad, unmetAssumptions } from "./assumptions.ts";
import { type FaultSource, unmetFaults } from "./declared/met-faults.ts";

/** For a scenario without faults both are the same run. */
export interface Pair {
  readonly control: Trial;
  readonly fault: Trial;
}

/** Each run once, the one with the faults first. */
export function sidesOf({ control, fault }: Pair): readonly Trial[] {
  return [...new Set([fault, control])];
}

export interface JudgedPair {
  /** Without the withheld properties; another run on the seed may change it. */
  readonly verdict: Verdict;
  /** One for each property, with the control's judgement. */
  readonly properties: readonly JudgedProperty[];
  /** Why the run as a whole proves less than its properties do. */
  readonly reasons: readonly string[];
  /** The cause of these reasons; undefined where there are none. */
  readonly cause?: Cause | undefined;
  /** Properties that the scenario claims, that are not excluded by name, and that cannot be observed over the line protocol. */
  readonly withheld: readonly PropertyId[];
  /** Claimed, and excluded by name: they need not be exercised, but a violation of one counts. */
  readonly excluded: readonly PropertyId[];
}

/** The verdict of the pair on its own: a property that cannot be observed was not exercised. */
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

function namedProperties({ always, eventually }: Scenario): readonly PropertyId[] {
  return [...new Set([...always, ...(["V3", "D3"] as const).filter((id) => eventually[id] !== undefined)])];
}

/** The properties by which a run of the scenario is judged. */
export function judgedProperties(scenario: Scenario): readonly PropertyId[] {
  return namedProperties(scenario).filter((id) => whyNotJudged(id, scenario) === undefined);
}

/** The properties that the scenario names and no run on real servers decides, with the reasons. */
export function notJudged(scenario: Scenario): { readonly [property: string]: string } {
  return Object.fromEntries(
    namedProperties(scenario).flatMap((id) => {
      const reason = whyNotJudged(id, scenario);
      return reason === undefined ? [] : [[id, `not judged here: ${reason}`]];
    }),
  );
}

interface Terms {
  readonly faults?: FaultSource;
  /** The instances are a scheduler written elsewhere: what is not seen from outside is not expected of a single run. */
  readonly isFromOutside?: boolean;
  /** Properties that the caller has excluded by name. */
  readonly exclude?: readonly PropertyId[];
}

export function judgePair(scenario: Scenario, pair: Pair, terms: Terms = {}): JudgedPair {
  const { exclude = [], faults = "declared", isFromOutside = false } = terms;
  const ids = judgedProperties(scenario);
  const excluded = ids.filter((id) => exclude.includes(id));
  const properties = [...ids.map((id) => judgeProperty(id, pair)), ...unnamedProperties(ids, pair)];
  const reasons = [
    ...unmetPreconditions(scenario, pair),
    ...unmetFaults(scenario, pair.fault, { faults, isFromOutside }),
  ];
  const proved: Verdict = reasons.length > 0 ? "not_exercised" : "held";
  const hidden = new Set(ofKind(pair.fault.history, "system").flatMap(({ withheld }) => Object.keys(withheld)));
  const withheld = isFromOutside ? [] : ids.filter((id) => hidden.has(id) && !excluded.includes(id));
  const visible = properties.filter(({ fault: { property }, verdict }) =>
    excluded.includes(property) ? verdict === "violated" : !hidden.has(property),
  );
  const owed = visible
    .map(({ verdict }) => verdict)
    .filter((verdict) => (faults === "declared" && !isFromOutside) || verdict !== "not_exercised");
  const isAnythingSeen = !isFromOutside || owed.length > 0;
  const verdict = joinVerdicts([isAnythingSeen ? proved : "not_exercised", ...owed]);
  const cause = reasons.length === 0 ? undefined : causeOf(reasons, pair);
  const open = cause === "machine_load" ? properties.map(notMadeByMachine) : properties;
  return { verdict, properties: open, reasons, cause, withheld, excluded };
}

/** At its rate, the load may have exercised what it did not. */
function notMadeByMachine(property: JudgedProperty): JudgedProperty {
  return property.verdict === "not_exercised" ? { ...property, cause: "machine_load" } : property;
}

/** Properties that the scenario does not name, and a violation of which counts all the same. What they leave open was not asked for. */
function unnamedProperties(named: readonly PropertyId[], pair: Pair): readonly JudgedProperty[] {
  const counts: readonly Verdict[] = hasOwnKeys(pair.fault) ? ["violated", "held"] : ["violated"];
  return propertiesOfEveryRun(pair.fault)
    .filter((id) => !named.includes(id))
    .map((id) => judgeProperty(id, pair))
    .filter(({ verdict }) => counts.includes(verdict));
}

/** `machine_load` where every reason is a delay of the harness: the load came late, or a fault was not in force as declared. */
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
 * A control that violates the property does so without any fault: that is a violation too, and is marked as such. A control that is `unknown` leaves
 * the pair open even where the run with faults held. A control that was not exercised does not: the premise may be about faults.
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

function unmetPreconditions(scenario: Scenario, { control, fault }: Pair): readonly string[] {
  const unmet = unmetAssumptions(scenario, fault);
  if (control === fault) return unmet;
  return [...unmet, ...unmetAssumptions(scenario, control).map(inControl)];
}
