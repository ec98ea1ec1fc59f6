/** Several reports become one: shards of a night, or layers run apart. */
import { copyFile, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { z } from "zod";
import { notRegular } from "../files/file-kind.ts";
import { readRegular, requireFolder } from "../files/regular-file.ts";
import type { RunMeta } from "./compose.ts";
import type { LayerEvidence } from "./evidence.ts";
import { messageOf, UsageError } from "./failure.ts";
import { evidenceSchema, type Report, reportSchema, type StoredEvidence } from "./schema.ts";

export interface StoredReport {
  readonly folder: string;
  /** The run's own name, also where the folder was named through `latest`. */
  readonly run: string;
  readonly report: Report;
  readonly evidence: StoredEvidence;
}

/** @throws UsageError when `folder` has no report that this version can read */
export async function readReport(folder: string): Promise<StoredReport> {
  requireFolder(folder, { where: folder, fix });
  const report = readAs(folder, "report.json", reportSchema);
  const evidence = readAs(folder, "evidence.json", evidenceSchema);
  return { folder, run: basename(await realpath(folder)), report, evidence };
}

const fix = "name a folder that `lockproof verify` wrote, such as reports/latest";

function readAs<Content>(folder: string, file: string, schema: z.ZodType<Content>): Content {
  const detail = { where: join(folder, file), fix };
  const text = readRegular(detail.where, detail);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new UsageError(`not a report of this version: ${found}`, detail, error);
  }
}

/** What the merged report says of itself: the first part's seed and profile, the sum of durations, every part named. */
export function mergedMeta(parts: readonly [StoredReport, ...StoredReport[]]): RunMeta {
  const [first] = parts;
  const reports = parts.map((part) => part.report);
  const profiles = [...new Set(reports.map((report) => report.profile))];
  const coverages = parts.flatMap((part) => part.evidence.line_coverage_percent ?? []);
  return {
    profile: profiles.join("+"),
    seed: first.report.seed,
    started_at: reports.map((report) => report.started_at).sort()[0] ?? first.report.started_at,
    duration_ms: reports.reduce((total, report) => total + report.duration_ms, 0),
    environment: {
      ...first.report.environment,
      merged_from: parts.map(({ run, report }) => ({
        run,
        seed: report.seed,
        profile: report.profile,
        started_at: report.started_at,
      })),
    },
    ...(coverages.length === 0 ? {} : { line_coverage_percent: Math.min(...coverages) }),
  };
}

/** Copies the files that violations name into `target`, one subfolder a part, and names them anew. */
export async function gatherEvidence(
  parts: readonly StoredReport[],
  target: string,
): Promise<readonly LayerEvidence[]> {
  const gathered: LayerEvidence[] = [];
  for (const [index, part] of parts.entries()) {
    const prefix = `part-${index + 1}`;
    for (const layer of part.evidence.layers) {
      for (const file of layer.violations.flatMap((violation) => violation.files)) {
        await copyInto(part, file, join(target, prefix, file));
      }
      const violations = layer.violations.map((violation) => ({
        ...violation,
        files: violation.files.map((file) => `${prefix}/${file}`),
      }));
      gathered.push({ ...layer, violations });
    }
  }
  return gathered;
}

/** A report may come from elsewhere: what it names stays inside its folder. */
async function copyInto(part: StoredReport, file: string, target: string): Promise<void> {
  const inside = normalize(file);
  if (inside.startsWith("..") || inside.startsWith("/")) {
    throw new UsageError(`the report names a file outside its folder: ${file}`, {
      where: join(part.folder, "evidence.json"),
      fix: "leave this report out: lockproof did not write it",
    });
  }
  const found = notRegular(join(part.folder, inside));
  if (found !== null) {
    throw new UsageError(`a file that the report names is ${found}; allowed is a regular file`, {
      where: join(part.folder, file),
      fix: "bring the whole folder, with its files",
    });
  }
  try {
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(part.folder, inside), target);
  } catch (error) {
    throw new UsageError(
      `a file that the report names cannot be copied: ${messageOf(error)}`,
      { where: join(part.folder, file), fix: "bring the whole folder, with its files" },
      error,
    );
  }
}
