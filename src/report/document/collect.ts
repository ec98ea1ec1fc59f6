/** Merges several reports: shards of one run, or layers that ran separately. */

import { mkdir, realpath, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { z } from "zod";
import { contentHash } from "../../evidence/content-hash.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { BrokenRunError, messageOf, UsageError } from "../../evidence/failure.ts";
import type { Timeline } from "../../evidence/timeline.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { requireFolder } from "../../files/regular-file.ts";
import { readOwn, readOwnBytes, requireOwn } from "../files/own-file.ts";
import type { Timelines } from "../page/violation-section.ts";
import {
  evidenceSchema,
  evidenceSchemaV1,
  type Report,
  reportSchema,
  reportSchemaV1,
  type StoredEvidence,
} from "../schema.ts";
import { readStoredTimeline } from "../timeline/stored-timeline.ts";
import type { RunMeta } from "./compose.ts";
import type { RunIdentity } from "./identity.ts";
import { type Leaf, missingParts } from "./shards.ts";

export interface StoredReport {
  readonly folder: string;
  /** The name of the run, also where the folder was named through `latest`. */
  readonly run: string;
  readonly report: Pick<
    Report,
    "profile" | "seed" | "started_at" | "duration_ms" | "environment" | "verdict" | "properties" | "violations"
  >;
  readonly evidence: Omit<StoredEvidence, "schema" | "identity">;
  /** null: the report is of version 1. */
  readonly identity: RunIdentity | null;
  readonly finished: boolean;
}

/** @throws UsageError where `folder` has no report that this version reads, or one that was changed after it was written */
export async function readReport(folder: string): Promise<StoredReport> {
  requireFolder(folder, { where: folder, fix });
  const run = basename(await realpath(folder));
  const raw = readJson(folder, "report.json");
  const isFirstVersion = typeof raw === "object" && raw !== null && "schema" in raw && raw.schema === version1;
  if (isFirstVersion) {
    const report = readAs(folder, "report.json", reportSchemaV1);
    return {
      ...{ folder, run, report, identity: null, finished: true },
      evidence: readAs(folder, "evidence.json", evidenceSchemaV1),
    };
  }
  const report = readAs(folder, "report.json", reportSchema);
  const { checksum, ...content } = report;
  if (contentHash(content) !== checksum) throw changed(folder, "report.json", "checksum");
  // Other files of a killed run are not its evidence.
  if (!report.finished)
    return { folder, run, report, evidence: { layers: [] }, identity: report.identity, finished: false };
  const evidence = readAs(folder, "evidence.json", evidenceSchema);
  if (contentHash(evidence) !== report.evidence_sha256) throw changed(folder, "evidence.json", "evidence_sha256");
  return { folder, run, report, evidence, identity: report.identity, finished: true };
}

const version1 = "lockproof-report/1";
const fix = "name a folder that `lockproof verify` wrote, such as reports/latest";

function changed(folder: string, file: string, field: string): UsageError {
  return new UsageError(`${file} was changed after it was written: it does not fit ${field} of report.json`, {
    where: join(folder, file),
    fix: "bring the folder as the run left it, or run it again",
  });
}

function readJson(folder: string, file: string): unknown {
  const detail = { where: join(folder, file), fix };
  const text = readOwn(folder, file, detail);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`not a report of this version: ${messageOf(error)}`, detail, error);
  }
}

function readAs<Content>(folder: string, file: string, schema: z.ZodType<Content>): Content {
  const content = schema.safeParse(readJson(folder, file));
  if (content.success) return content.data;
  const found = z.prettifyError(content.error).replaceAll("\n", " ");
  throw new UsageError(`not a report of this version: ${found}`, { where: join(folder, file), fix }, content.error);
}

/** The runs of the parts; of a merged report, those that it was merged from. */
export function leavesOf(parts: readonly StoredReport[]): readonly Leaf[] {
  return parts.flatMap(({ finished, folder, identity, report, run }) => {
    const { environment, profile, seed, started_at } = report;
    const merged = environment.merged_from?.map((leaf) => ({
      ...leaf,
      folder,
      identity: leaf.identity ?? null,
      finished: leaf.finished ?? true,
    }));
    return merged ?? [{ folder, run, seed, profile, started_at, identity, finished }];
  });
}

/** The metadata of the merged report: the first part's seed, all profiles, the sum of durations, all runs, and what is missing. */
export function mergedMeta(parts: readonly [StoredReport, ...StoredReport[]]): RunMeta {
  const [first, ...others] = parts;
  const leaves = leavesOf(parts);
  const reports = [first.report, ...others.map((part) => part.report)] as const;
  const coverages = parts.flatMap((part) => part.evidence.line_coverage_percent ?? []);
  return {
    profile: [...new Set(leaves.map(({ profile }) => profile))].join("+"),
    seed: first.report.seed,
    started_at: reports.map((report) => report.started_at).sort()[0] ?? first.report.started_at,
    duration_ms: reports.reduce((total, report) => total + report.duration_ms, 0),
    identity: mergedIdentity(leaves),
    environment: { ...commonEnvironment(reports), merged_from: leaves.map(sourceOf) },
    open: missingParts(leaves),
    line_coverage_percent: coverages.length === 0 ? undefined : Math.min(...coverages),
  };
}

function sourceOf({ finished, identity, profile, run, seed, started_at }: Leaf) {
  return withoutUndefined({ run, seed, profile, started_at, finished, identity: identity ?? undefined });
}

/** The first part's, without the load of its machine, which says nothing about the other runs. */
function commonEnvironment([first, ...others]: readonly [StoredReport["report"], ...StoredReport["report"][]]) {
  const { load, ...environment } = first.environment;
  return withoutUndefined({ ...environment, load: others.length === 0 ? load : undefined });
}

/** The values that all parts have in common; null where they differ. */
function mergedIdentity(leaves: readonly Leaf[]): RunIdentity {
  const identities = leaves.map(({ identity }) => identity);
  const common = <Value>(of: (identity: RunIdentity) => Value): Value | null => {
    const [value, ...others] = [
      ...new Map(identities.map((one) => [JSON.stringify(one && of(one)), one && of(one)])).values(),
    ];
    return others.length > 0 ? null : (value ?? null);
  };
  return withoutUndefined({
    version: common(({ version }) => version) ?? "mixed",
    commit: common(({ commit }) => commit),
    dirty: common(({ dirty }) => dirty),
    shard: { index: 1, of: 1 },
    rounds: identities.reduce((sum, identity) => sum + (identity?.rounds ?? 0), 0),
    chosen: common(({ chosen }) => chosen) ?? { layers: null, scenarios: null, redis: null, scripts: null },
    script_set: common(({ script_set }) => script_set ?? null),
    system_under_test: common(({ system_under_test }) => system_under_test ?? null) ?? undefined,
  });
}

interface ForeignFile {
  readonly folder: string;
  /** Its name in its own report. */
  readonly file: string;
  /** Its name in the merged report. */
  readonly name: string;
}

/**
 * The evidence of all parts. The files of each part get a subfolder of their own.
 * @throws UsageError for a file outside its report's folder
 */
export function gatherEvidence(parts: readonly StoredReport[]): {
  readonly evidence: readonly LayerEvidence[];
  readonly files: readonly ForeignFile[];
  readonly timelines: Timelines;
} {
  const files: ForeignFile[] = [];
  const renamed = ({ folder }: StoredReport, file: string, prefix: string): string => {
    requireOwn(folder, file);
    const name = `${prefix}/${file}${knownKinds.includes(kindOf(file)) ? "" : ".txt"}`;
    files.push({ folder, file, name });
    return name;
  };
  const common = commonScenarios(parts);
  const evidence = parts.flatMap((part, index) =>
    part.evidence.layers.map((layer) => ({
      ...withParts(layer, common, `part-${index + 1}`),
      violations: layer.violations.map((violation) => ({
        ...violation,
        files: violation.files.map((file) => renamed(part, file, `part-${index + 1}`)),
      })),
    })),
  );
  return { evidence, files, timelines: timelinesIn(files) };
}

/** The scenarios that several parts have pictures of. */
function commonScenarios(parts: readonly StoredReport[]): ReadonlySet<string> {
  const drawn = parts.flatMap(({ evidence: { layers } }) => [
    ...new Set(layers.flatMap(({ series }) => series.map(({ scenario }) => scenario))),
  ]);
  return new Set(drawn.filter((scenario, index) => drawn.indexOf(scenario) < index));
}

/** Each part has pictures of its own: their runs have no common clock. */
function withParts(layer: LayerEvidence, common: ReadonlySet<string>, part: string): LayerEvidence {
  const named = <Drawn extends { readonly scenario: string }>(one: Drawn): Drawn =>
    common.has(one.scenario) ? { ...one, scenario: `${one.scenario}, ${part}` } : one;
  return { ...layer, series: layer.series.map(named), faults: layer.faults.map(named) };
}

/** The diagrams whose data are in the files of their pictures, by the names of these in the merged report. */
function timelinesIn(files: readonly ForeignFile[]): Timelines {
  const drawn = new Map<string, Timeline>();
  for (const { file, folder, name } of files) {
    if (drawn.size === mostTimelines || drawn.has(name) || kindOf(file) !== ".html") continue;
    const timeline = timelineIn(folder, file);
    if (timeline !== null) drawn.set(name, timeline);
  }
  return drawn;
}

/** null also for a file that cannot be read, which is reported where it is copied, after the verdict. */
function timelineIn(folder: string, file: string): Timeline | null {
  try {
    return readStoredTimeline(readOwnBytes(folder, file, { where: folder, fix: bringAll }).toString("utf8"));
  } catch {
    return null;
  }
}

/** A page has room for about so many diagrams. */
const mostTimelines = 100;
const bringAll = "bring the whole folder, with its files";

/** The kinds of files that a browser shows or lockproof reads; all others are copied as plain text. */
const knownKinds = [".json", ".jsonl", ".jsonl.gz", ".html", ".txt", ".log"];
/** Precedes a page of a foreign report, so that nothing in it runs or loads anything. */
const noScripts = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n`;

/** @throws UsageError for a file that cannot be read, BrokenRunError for one that cannot be written */
export async function copyFiles(files: readonly ForeignFile[], target: string): Promise<void> {
  for (const { file, folder, name } of files) {
    const content = readOwnBytes(folder, file, {
      where: join(folder, file),
      fix: bringAll,
    });
    const to = join(target, name);
    try {
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, kindOf(file) === ".html" ? Buffer.concat([Buffer.from(noScripts), content]) : content);
    } catch (error) {
      const detail = { where: to, fix: "make room there, or choose another folder with --reports DIR" };
      throw new BrokenRunError(`a file of a report cannot be copied: ${messageOf(error)}`, detail, error);
    }
  }
}

function kindOf(file: string): string {
  const name = file.toLowerCase();
  return name.endsWith(".jsonl.gz") ? ".jsonl.gz" : extname(name);
}
