/** From what the layers said to the report: every property of the registry is listed, whether anybody spoke of it or not. */
import { type PropertyId, propertyIds } from "../check/properties.ts";
import { exitCodeOf, joinVerdicts, type Verdict } from "../check/verdict.ts";
import { judgeChecklist } from "./checklist.ts";
import type { LayerEvidence, PropertyEvidence } from "./evidence.ts";
import { mergeLayers, mergeProperty } from "./merge.ts";
import { type Environment, type Report, reportSchema } from "./schema.ts";

export interface RunMeta {
  /** `quick`, `full`, `soak`, or the command for a run of one layer. */
  readonly profile: string;
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
  readonly environment: Environment;
  /** Per cent of lines covered by the tests, where a coverage summary was handed in. */
  readonly line_coverage_percent?: number;
}

/** A report with what its readers need beyond `report.json`: reasons, stories, series. */
export interface Composed {
  readonly report: Report;
  readonly layers: readonly LayerEvidence[];
  readonly properties: readonly PropertyEvidence[];
  readonly line_coverage_percent?: number;
}

/** @throws ZodError when the evidence is not of the published form: a bug of the layer that made it */
export function composeReport(evidence: readonly LayerEvidence[], meta: RunMeta): Composed {
  const layers = mergeLayers(evidence);
  const properties = propertyIds.map((id) => mergeProperty(id, layers));
  const verdict = verdictOf(layers, properties);
  const report = reportSchema.parse({
    schema: "lockproof-report/1",
    verdict,
    exit_code: exitCodeOf(verdict),
    profile: meta.profile,
    seed: meta.seed,
    started_at: meta.started_at,
    duration_ms: meta.duration_ms,
    environment: meta.environment,
    layers: layers.map(({ name, verdict, runs, duration_ms }) => ({ name, verdict, runs, duration_ms })),
    properties: properties.map(({ id, verdict, exercised, figures, tokens }) => ({
      id,
      verdict,
      exercised,
      figures,
      tokens,
    })),
    checklist: judgeChecklist(byId(properties), meta.line_coverage_percent),
    violations: layers
      .flatMap((layer) => layer.violations)
      .map(({ property, scenario, layer, token, files }) => ({ property, scenario, layer, token, files })),
    mutants: layers.flatMap((layer) => layer.mutants),
  });
  const { line_coverage_percent } = meta;
  return { report, layers, properties, ...(line_coverage_percent === undefined ? {} : { line_coverage_percent }) };
}

/** Held only when every property of the registry is, and no layer says otherwise. */
function verdictOf(layers: readonly LayerEvidence[], properties: readonly PropertyEvidence[]): Verdict {
  return joinVerdicts([...properties, ...layers].map((part) => part.verdict));
}

function byId(properties: readonly PropertyEvidence[]): ReadonlyMap<PropertyId, PropertyEvidence> {
  return new Map(properties.map((property) => [property.id, property]));
}
