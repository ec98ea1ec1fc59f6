/** The evidence of a judged pair, for the report. */
import type { Scenario } from "../../scenarios/declare/declare.ts";
import { faultWindows } from "../check/faults/windows.ts";
import { type Millis, phaseAt } from "../check/history.ts";
import type { Judgement, Trial } from "../check/judgement.ts";
import type { FaultWindow, Figure, LayerEvidence, PropertyEvidence, Violation } from "../evidence/evidence.ts";
import { historyTimeline } from "../evidence/history/timeline.ts";
import type { Timeline } from "../evidence/timeline.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { type JudgedPair, type JudgedProperty, type Pair, sidesOf, wholeVerdict } from "./pair.ts";
import { seriesOf } from "./series.ts";

export interface EvidenceOptions {
  readonly scenario: Scenario;
  readonly pair: Pair;
  readonly judged: JudgedPair;
  readonly token: string;
  readonly durationMs: Millis;
  /** Beside the report. */
  readonly files: readonly string[];
}

export function evidenceOf(options: EvidenceOptions): LayerEvidence {
  const { durationMs, judged, pair, scenario } = options;
  const { name } = scenario;
  return {
    name: "inject",
    verdict: wholeVerdict(judged),
    runs: sidesOf(pair).length,
    duration_ms: Math.round(durationMs),
    properties: judged.properties.map((property) => propertyEvidence(property, options)),
    violations: judged.properties.flatMap((property) => violationsOf(property, options)),
    mutants: [],
    series: sidesOf(pair).flatMap((trial) => seriesOf(name, trial)),
    faults: windowsOf(name, pair.fault),
    ...(judged.verdict === "held" && judged.withheld.length > 0 && { withheld: judged.withheld }),
    ...reasonOf(name, judged),
  };
}

function reasonOf(scenario: string, judged: JudgedPair): Pick<LayerEvidence, "reason" | "cause"> {
  const { excluded, properties, reasons, withheld } = judged;
  const hidden = withheld.map((id) => {
    const why = properties.find(({ fault }) => fault.property === id)?.reason ?? "it cannot be seen";
    return `${id} was withheld: ${why} (run without --processes, or leave it out with --exclude ${id})`;
  });
  const all = [...reasons, ...hidden, ...(excluded.length === 0 ? [] : [`excluded by name: ${excluded.join(", ")}`])];
  if (all.length === 0) return {};
  const cause = hidden.length > 0 ? "not_exercised" : judged.cause;
  return withoutUndefined({ reason: `${scenario}: ${all.join("; ")}`, cause });
}

function propertyEvidence(judged: JudgedProperty, { scenario, token }: EvidenceOptions): PropertyEvidence {
  const { cause, control, fault, verdict, reason } = judged;
  return {
    id: fault.property,
    verdict,
    exercised: fault.exercised,
    figures:
      control === null
        ? figuresOf(fault, scenario.name)
        : [...figuresOf(fault, `${scenario.name}, fault`), ...figuresOf(control, `${scenario.name}, control`)],
    tokens: [token],
    ...withoutUndefined({ reason: reason === undefined ? undefined : `${scenario.name}: ${reason}`, cause }),
  };
}

function figuresOf({ measures }: Judgement, of: string): readonly Figure[] {
  return measures
    .filter(({ value }) => Number.isFinite(value))
    .map(({ direction, name, value, threshold }) => ({
      name,
      value: Math.round(value * 100) / 100,
      of,
      // A direction without a threshold says which of several runs is the worst.
      ...withoutUndefined({ threshold, direction: direction ?? (threshold === undefined ? undefined : "at_most") }),
    }));
}

function violationsOf({ control, fault }: JudgedProperty, options: EvidenceOptions): readonly Violation[] {
  const { files, pair, scenario, token } = options;
  const place = { property: fault.property, scenario: scenario.name, layer: "inject", token, files } as const;
  const explained = (judged: Judgement, trial: Trial, remarks: readonly string[]): readonly Violation[] =>
    judged.violations.map((explanation, index) => {
      const timeline = timelineOf(judged, index, trial, options);
      return { ...place, story: [...explanation, ...remarks], ...(timeline !== null && { timeline }) };
    });
  const remark = "in the control run: fails without the fault too";
  return [...explained(fault, pair.fault, []), ...(control === null ? [] : explained(control, pair.control, [remark]))];
}

/** The part of the history that shows the violation; null where it does not concern calls. */
function timelineOf(
  { blamed, property, violations }: Judgement,
  index: number,
  { history, side }: Trial,
  { scenario, token }: EvidenceOptions,
): Timeline | null {
  const calls = blamed?.[index] ?? [];
  if (calls.length === 0) return null;
  const found = violations[index]?.[0] ?? "";
  return historyTimeline(history, { property, calls, found, token, title: `inject ${scenario.name}, ${side} run` });
}

function windowsOf(scenario: string, trial: Trial): readonly FaultWindow[] {
  const byFault = Map.groupBy(faultWindows(trial.history, trial.instances), ({ fault }) => fault);
  const end = phaseAt(trial.history, "end");
  return [...byFault.values()].map((windows) => ({
    scenario,
    kind: windows[0]?.name ?? "",
    from_ms: round(Math.min(...windows.map(({ asked }) => asked))),
    to_ms: round(Math.min(end, Math.max(...windows.map(({ healed }) => healed)))),
  }));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
