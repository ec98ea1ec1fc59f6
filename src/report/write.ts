/** Puts a report into its folder: `<reports>/<run>/` with `<reports>/latest` pointing at it. */
import { access, constants, mkdir, rename, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Composed, composeReport, type RunMeta } from "./compose.ts";
import type { LayerEvidence } from "./evidence.ts";
import { BrokenRunError, messageOf } from "./failure.ts";
import { junitXml } from "./junit.ts";
import { checklistMarkdown } from "./markdown.ts";
import { renderPage } from "./page.ts";
import { drawPictures } from "./pictures.ts";
import { evidenceSchema } from "./schema.ts";

const namesTried = 100;

/**
 * Makes the folder of a run before the run starts, so that a place that cannot be written costs no run.
 * @returns its path; its name is the start, UTC to the second, and the seed
 * @throws BrokenRunError
 */
export async function openRunFolder(reports: string, startedAt: string, seed: number): Promise<string> {
  const name = `${startedAt.replace(/\.\d+/, "").replaceAll(/[-:]/g, "")}-${seed}`;
  try {
    await makeFolder(reports);
    await access(reports, constants.W_OK);
    return await firstFree(reports, name);
  } catch (error) {
    throw cannotWrite(reports, error);
  }
}

/**
 * Makes a folder and those above it that are missing.
 * Not `mkdir` with `recursive`: Node 24 never returns from it where the system refuses with ENOENT, as below /proc.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
  }
}

/** Two runs may start in one second on one seed: the second gets `-2`. */
async function firstFree(reports: string, name: string): Promise<string> {
  for (let copy = 1; ; copy += 1) {
    const folder = join(reports, copy === 1 ? name : `${name}-${copy}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (!hasCode(error, "EEXIST") || copy === namesTried) throw error;
    }
  }
}

/** Takes the folder away again if nothing was put into it: for a run that broke before it had anything to say. */
export async function dropEmptyFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!hasCode(error, "ENOTEMPTY") && !hasCode(error, "ENOENT")) throw error;
  }
}

/**
 * Writes all forms of the report and the pictures of its violations into `folder`, then points `latest` beside it at it.
 * @throws BrokenRunError when something cannot be written
 */
export async function writeReport(
  evidence: readonly LayerEvidence[],
  meta: RunMeta,
  folder: string,
): Promise<Composed> {
  const pictures = drawPictures(evidence);
  const composed = composeReport(pictures.evidence, meta);
  const { layers, line_coverage_percent } = composed;
  const stored = evidenceSchema.parse({
    schema: "lockproof-evidence/1",
    layers,
    ...(line_coverage_percent === undefined ? {} : { line_coverage_percent }),
  });
  const files: readonly (readonly [name: string, content: string])[] = [
    ...pictures.files,
    ["evidence.json", `${JSON.stringify(stored)}\n`],
    ["junit.xml", junitXml(composed)],
    ["checklist.md", checklistMarkdown(composed)],
    ["index.html", renderPage(composed)],
    // Last: who finds a report.json finds the rest.
    ["report.json", `${JSON.stringify(composed.report, null, 2)}\n`],
  ];
  try {
    for (const [name, content] of files) await writeFile(join(folder, name), content);
    await pointLatest(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  return composed;
}

/** A link is made beside and renamed over the old one, so that `latest` never points nowhere. */
async function pointLatest(folder: string): Promise<void> {
  const reports = join(folder, "..");
  const beside = join(reports, `.latest-${basename(folder)}`);
  await rm(beside, { force: true });
  await symlink(basename(folder), beside, "dir");
  try {
    await rename(beside, join(reports, "latest"));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function cannotWrite(folder: string, error: unknown): BrokenRunError {
  return new BrokenRunError(
    `the reports folder cannot be written: ${messageOf(error)}`,
    { where: folder, fix: "make it a folder that this user may write to, or choose another with --reports DIR" },
    error,
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
