/** A judged pair as the report wants it. */
import type { Scenario } from "../../scenarios/declare.ts";
import { faultWindows } from "../check/fault-window.ts";
import { type Millis, ofKind, phaseAt } from "../check/history.ts";
import type { Judgement, Trial } from "../check/judgement.ts";
import { readsOf, tookOf } from "../check/read-latency.ts";
import type { FaultWindow, Figure, LayerEvidence, PropertyEvidence, Series, Violation } from "../report/evidence.ts";
import { type JudgedPair, type JudgedProperty, type Pair, sidesOf } from "./pair.ts";

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
    verdict: judged.verdict,
    runs: sidesOf(pair).length,
    duration_ms: Math.round(durationMs),
    properties: judged.properties.map((property) => propertyEvidence(property, options)),
    violations: judged.properties.flatMap((property) => violationsOf(property, options)),
    mutants: [],
    series: sidesOf(pair).flatMap((trial) => [latencySeries(name, trial), ...modeSeries(name, trial)]),
    faults: windowsOf(name, pair.fault),
    ...(judged.reasons.length === 0 ? {} : { reason: `${name}: ${judged.reasons.join("; ")}` }),
  };
}

function propertyEvidence(judged: JudgedProperty, { scenario, token }: EvidenceOptions): PropertyEvidence {
  const { control, fault, verdict, reason } = judged;
  return {
    id: fault.property,
    verdict,
    exercised: fault.exercised,
    figures:
      control === null
        ? figuresOf(fault, scenario.name)
        : [...figuresOf(fault, `${scenario.name}, fault`), ...figuresOf(control, `${scenario.name}, control`)],
    tokens: [token],
    ...(reason === undefined ? {} : { reason: `${scenario.name}: ${reason}` }),
  };
}

function figuresOf({ measures }: Judgement, of: string): readonly Figure[] {
  return measures
    .filter(({ value }) => Number.isFinite(value))
    .map(({ name, value, threshold }) => ({
      name,
      value: Math.round(value * 100) / 100,
      of,
      ...(threshold === undefined ? {} : { threshold, direction: "at_most" as const }),
    }));
}

function violationsOf({ control, fault }: JudgedProperty, options: EvidenceOptions): readonly Violation[] {
  const { files, scenario, token } = options;
  const place = { property: fault.property, scenario: scenario.name, layer: "inject", token, files } as const;
  return [
    ...fault.violations.map((story) => ({ ...place, story })),
    ...(control?.violations ?? []).map((story) => ({
      ...place,
      story: [...story, "in the control run: fails without the fault too"],
    })),
  ];
}

const mostPoints = 2_000;

/** Thinned to slices of time of which each keeps its slowest read: a peak is never lost. */
function latencySeries(scenario: string, trial: Trial): Series {
  const slice = Math.max(phaseAt(trial.history, "end"), 1) / mostPoints;
  const slowest = new Map<number, readonly [number, number]>();
  for (const read of readsOf(trial)) {
    const point = [round(read.from), round(tookOf(read, trial))] as const;
    const key = Math.floor(read.from / slice);
    if (point[1] >= (slowest.get(key)?.[1] ?? 0)) slowest.set(key, point);
  }
  const points = [...slowest.values()].sort((a, b) => a[0] - b[0]);
  return { name: "read latency", scenario, kind: "latency_ms", side: trial.side, points };
}

const modeLevels: Readonly<Record<string, number>> = { normal: 0, l2_only: 1, local_only: 2 };

/** One an instance: 0 normal, 1 l2_only, 2 local_only. */
function modeSeries(scenario: string, trial: Trial): readonly Series[] {
  const end = phaseAt(trial.history, "end");
  const changes = ofKind(trial.history, "mode");
  return Array.from({ length: trial.instances }, (_, instance) => {
    const own = changes.filter((change) => change.instance === instance);
    const first = modeLevels[own[0]?.from ?? "normal"] ?? 0;
    const points = own.map(({ at, to }) => [round(at), modeLevels[to] ?? 0] as const);
    const last = points.at(-1)?.[1] ?? first;
    const line = [[0, first] as const, ...points, [round(end), last] as const];
    return { name: `instance ${instance}`, scenario, kind: "mode", side: trial.side, points: line };
  });
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
