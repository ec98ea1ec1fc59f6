/** The published form of `report.json` (docs/reports.md), and of `evidence.json`, which stores the evidence so that reports can be merged. */
import { z } from "zod";
import { causes } from "../check/cause.ts";
import { propertyIds } from "../check/properties.ts";
import { verdicts } from "../check/verdict.ts";
import { type LayerEvidence, layerNames, mostPointsOfSeries, seriesKinds } from "../evidence/evidence.ts";
import { identitySchema } from "./document/identity.ts";

const verdict = z.enum(verdicts);
const property = z.enum(propertyIds);
const cause = z.enum(causes);
const layer = z.enum(layerNames);
const count = z.int().nonnegative();
const millis = z.number().nonnegative();
const percent = z.number().min(0).max(100);

const figure = z.strictObject({
  name: z.string(),
  value: z.number(),
  threshold: z.number().exactOptional(),
  direction: z.enum(["at_most", "at_least"]).exactOptional(),
  of: z.string().exactOptional(),
});

/** The name of a tool, never a path of the machine: a report may be committed. */
const tool = z.strictObject({
  name: z.string(),
  version: z.string().nullable(),
  /** How it was found: `PATH`, `cache`, … */
  how: z.string(),
  file: z.string().nullable(),
});

const source = z.strictObject({
  run: z.string(),
  seed: count,
  profile: z.string(),
  started_at: z.string(),
  /** Absent in a report of version 1. */
  identity: identitySchema.exactOptional(),
  finished: z.boolean().exactOptional(),
});

const environment = z.strictObject({
  node: z.string(),
  platform: z.string(),
  arch: z.string(),
  cores: count,
  /** The model of the processor; absent in reports of earlier versions, like the next. */
  cpu: z.string().exactOptional(),
  /** The load of the machine during the run, all processes together; null: this system does not report it. */
  load: z
    .strictObject({
      /** The average number of processes that ran or were ready to, over a minute. */
      average_before: z.number().nonnegative().nullable(),
      average_after: z.number().nonnegative().nullable(),
      /** Shares of the time of all processors: not idle, and withheld by the host of a virtual machine. */
      busy_percent: percent.nullable(),
      steal_percent: percent.nullable(),
    })
    .exactOptional(),
  tools: z.array(tool),
  /** The reports that were merged into this one. */
  merged_from: z.array(source).exactOptional(),
});

const mutant = z.strictObject({
  id: z.string(),
  origin: z.string(),
  layer,
  verdict: z.enum(["killed", "survived", "void"]),
  property,
  runs_to_kill: count.nullable(),
  token: z.string().nullable(),
});

const threshold = z.strictObject({
  direction: z.enum(["at_most", "at_least"]),
  value: z.number(),
  /** A value equal to the threshold does not meet it. */
  strict: z.boolean().exactOptional(),
});

const lineFigure = z.strictObject({ name: z.string(), value: z.number(), of: z.string().nullable() });

const lineV1 = {
  id: z.string(),
  title: z.strictObject({ en: z.string(), zh: z.string() }),
  verdict,
  figure: lineFigure.nullable(),
  threshold: threshold.nullable(),
  properties: z.array(property),
};

const checklistLine = z.strictObject({
  ...lineV1,
  /** One for each property of the line. */
  figures: z.array(z.strictObject({ property, ...lineFigure.shape })),
  /** Why its evidence was not asked for; null: the line counts. */
  not_asked: z.string().nullable(),
});

/** An item that leaves the report open. */
const openItem = z.strictObject({
  kind: z.enum(["run", "shard", "layer", "property", "line"]),
  id: z.string(),
  verdict,
  cause,
  reason: z.string(),
});

const layerV1 = { name: layer, verdict, runs: count, duration_ms: millis };
const propertyV1 = {
  id: property,
  verdict,
  exercised: count,
  figures: z.array(figure),
  tokens: z.array(z.string()),
  not_asked: z.string().exactOptional(),
};

const reportV1 = {
  verdict,
  exit_code: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  profile: z.string(),
  seed: count,
  started_at: z.iso.datetime(),
  duration_ms: millis,
  environment,
  layers: z.array(z.strictObject(layerV1)),
  properties: z.array(z.strictObject(propertyV1)),
  violations: z.array(
    z.strictObject({ property, scenario: z.string(), layer, token: z.string(), files: z.array(z.string()) }),
  ),
  mutants: z.array(mutant),
};

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const reportSchema = z.strictObject({
  schema: z.literal("lockproof-report/2"),
  ...reportV1,
  /** false: the run has not ended or was killed. */
  finished: z.boolean(),
  identity: identitySchema,
  /** The languages of its texts. */
  languages: z.array(z.string()),
  layers: z.array(
    z.strictObject({
      ...layerV1,
      cause: cause.exactOptional(),
      /** Runs that repeated an earlier one on the same seed, because it had left something open. */
      repeated_runs: count,
    }),
  ),
  properties: z.array(
    z.strictObject({ ...propertyV1, reason: z.string().exactOptional(), cause: cause.exactOptional() }),
  ),
  checklist: z.array(checklistLine),
  open: z.array(openItem),
  /** The SHA-256 of `evidence.json`, as `sha256sum` prints it while the file is as it was written. */
  evidence_sha256: sha256,
  /** The hash of the content of this report without this field. */
  checksum: sha256,
});

/** Version 1, without shards, commits and checksums: `lockproof report` still reads it. */
export const reportSchemaV1 = z.strictObject({
  schema: z.literal("lockproof-report/1"),
  ...reportV1,
  checklist: z.array(z.strictObject(lineV1)),
});

export type OpenItem = z.infer<typeof openItem>;
export type Report = z.infer<typeof reportSchema>;
export type ChecklistLine = z.infer<typeof checklistLine>;
export type Environment = z.infer<typeof environment>;

const attempt = z.strictObject({
  run: z.int().positive(),
  verdict,
  again: z.string().exactOptional(),
  properties: z.array(z.strictObject({ id: property, verdict, found: z.string().exactOptional() })),
});

const evidenceLayer = z.strictObject({
  name: layer,
  verdict,
  runs: count,
  duration_ms: millis,
  properties: z.array(
    z.strictObject({
      id: property,
      verdict,
      exercised: count,
      figures: z.array(figure),
      tokens: z.array(z.string()),
      reason: z.string().exactOptional(),
      cause: cause.exactOptional(),
    }),
  ),
  violations: z.array(
    z.strictObject({
      property,
      scenario: z.string(),
      layer,
      token: z.string(),
      story: z.array(z.string()),
      files: z.array(z.string()),
    }),
  ),
  mutants: z.array(mutant),
  series: z.array(
    z.strictObject({
      name: z.string(),
      scenario: z.string(),
      kind: z.enum(seriesKinds),
      side: z.enum(["fault", "control"]),
      points: z.array(z.tuple([z.number(), z.number()])).max(mostPointsOfSeries),
    }),
  ),
  faults: z.array(z.strictObject({ scenario: z.string(), kind: z.string(), from_ms: z.number(), to_ms: z.number() })),
  repeats: z
    .array(z.strictObject({ scenario: z.string(), token: z.string(), attempts: z.array(attempt) }))
    .exactOptional(),
  steps: z
    .array(
      z.strictObject({
        name: z.string(),
        seed: count,
        from_ms: millis,
        to_ms: millis,
        verdict,
        properties: z.array(z.strictObject({ id: property, verdict, exercised: count })),
      }),
    )
    .exactOptional(),
  explored: z
    .array(z.strictObject({ model: z.string(), scope: z.string(), levels: z.array(count), complete: z.boolean() }))
    .exactOptional(),
  reason: z.string().exactOptional(),
  cause: cause.exactOptional(),
}) satisfies z.ZodType<LayerEvidence>;

const evidenceV1 = {
  layers: z.array(evidenceLayer),
  /** Per cent of lines that the tests cover, where there is a coverage summary. */
  line_coverage_percent: percent.exactOptional(),
};

export const evidenceSchema = z.strictObject({
  schema: z.literal("lockproof-evidence/2"),
  identity: identitySchema,
  ...evidenceV1,
});

export const evidenceSchemaV1 = z.strictObject({ schema: z.literal("lockproof-evidence/1"), ...evidenceV1 });

export type StoredEvidence = z.infer<typeof evidenceSchema>;
