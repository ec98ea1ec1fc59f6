/** Composes the report of the evidence. Every property of the registry is listed, with or without evidence. */

import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { exitCodeOf, joinVerdicts } from "../../check/verdict.ts";
import { contentHash } from "../../evidence/content-hash.ts";
import type { LayerEvidence, PropertyEvidence } from "../../evidence/evidence.ts";
import { mergeLayers, mergeProperty } from "../../evidence/merge.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { judgeChecklist } from "../checklist/checklist.ts";
import { type Environment, type OpenItem, type Report, reportSchema, type StoredEvidence } from "../schema.ts";
import type { RunIdentity } from "./identity.ts";
import { isCounted, openItems } from "./open-items.ts";

export interface RunMeta {
  /** `quick`, `full`, `soak`, or the command for a run of one layer. */
  readonly profile: string;
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
  readonly environment: Environment;
  readonly identity: RunIdentity;
  /** Per cent of lines that the tests cover, where there is a coverage summary. */
  readonly line_coverage_percent?: number | undefined;
  /** Open items besides those of the layers, such as a missing shard. */
  readonly open?: readonly OpenItem[];
  /** Only while the run goes on. */
  readonly finished?: false;
}

/** A report with what its readers need beyond `report.json`: reasons, explanations and series. */
export interface Composed {
  readonly report: Report;
  /** The content of `evidence.json`, not yet validated. */
  readonly evidence: StoredEvidence;
  readonly layers: readonly LayerEvidence[];
  readonly properties: readonly PropertyEvidence[];
}

/**
 * @param evidence without timelines, which are drawn and not stored
 * @throws ZodError where the report does not have the published form: a bug of a layer
 */
export function composeReport(evidence: readonly LayerEvidence[], meta: RunMeta): Composed {
  const layers = mergeLayers(evidence);
  const properties = propertyIds.map((id) => withoutUnasked(mergeProperty(id, layers), meta.identity));
  const violations = layers.flatMap((layer) => layer.violations);
  const checklist = judgeChecklist({
    properties: new Map(properties.map((property) => [property.id, property])),
    violations: countById(violations.map(({ property }) => property)),
    coverage: meta.line_coverage_percent,
  });
  const open = [...(meta.open ?? []), ...nothingJudged(properties), ...openItems({ checklist, layers, properties })];
  const parts = [...properties.filter(isCounted), ...layers, ...checklist.filter(isCounted), ...open];
  // Held only if every property of the registry is, and no layer, checklist line or shard is worse.
  const verdict = joinVerdicts(parts.map((part) => part.verdict));
  const stored = storedEvidence(layers, meta);
  const content = {
    schema: "lockproof-report/2",
    verdict,
    exit_code: exitCodeOf(verdict),
    finished: meta.finished ?? true,
    profile: meta.profile,
    seed: meta.seed,
    started_at: meta.started_at,
    duration_ms: meta.duration_ms,
    identity: meta.identity,
    languages: ["en", "zh"],
    environment: meta.environment,
    layers: layers.map(layerOf),
    properties,
    checklist,
    open,
    violations: violations.map(({ property, scenario, layer, token, files }) => ({
      ...{ property, scenario, layer, token, files },
    })),
    mutants: layers.flatMap((layer) => layer.mutants),
    evidence_sha256: contentHash(stored),
  };
  const report = reportSchema.parse({ ...content, checksum: contentHash(content) });
  return { report, evidence: stored, layers, properties };
}

/** Layers that held prove nothing about a system of which no property was asked for. */
function nothingJudged(properties: readonly PropertyEvidence[]): readonly OpenItem[] {
  if (properties.some(isCounted)) return [];
  const reason = "no property was judged: the system claims none, or lacks the operations of the first level";
  return [{ kind: "run", id: "properties", verdict: "not_exercised", cause: "not_exercised", reason }];
}

/** A violation counts whether its property was asked for or not. */
function withoutUnasked(property: PropertyEvidence, { chosen: { system } }: RunIdentity): PropertyEvidence {
  if (system === undefined || system.asked.includes(property.id) || property.verdict === "violated") return property;
  return { ...property, not_asked: `it cannot be judged of ${system.name} ${system.version}, or is not claimed` };
}

/** It is validated only when it is written, so that an invalid part does not hide the verdict. */
function storedEvidence(layers: readonly LayerEvidence[], meta: RunMeta): StoredEvidence {
  const { identity, line_coverage_percent } = meta;
  return {
    schema: "lockproof-evidence/2",
    identity,
    layers: [...layers] as StoredEvidence["layers"],
    ...withoutUndefined({ line_coverage_percent }),
  };
}

function layerOf({ cause, duration_ms, name, repeats = [], runs, verdict }: LayerEvidence): Report["layers"][number] {
  const repeated_runs = repeats.reduce((sum, { attempts }) => sum + attempts.length - 1, 0);
  return withoutUndefined({ name, verdict, runs, duration_ms, repeated_runs, cause });
}

function countById(ids: readonly PropertyId[]): ReadonlyMap<PropertyId, number> {
  const groups = Map.groupBy(ids, (id) => id);
  return new Map([...groups].map(([id, { length }]) => [id, length]));
}
