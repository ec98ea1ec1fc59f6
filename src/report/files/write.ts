/** Puts a report into its folder: `<reports>/<run>/` with `<reports>/latest` pointing at it. */
import { access, constants, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { checklistMarkdown } from "../checklist/markdown.ts";
import { type Composed, composeReport, type RunMeta } from "../document/compose.ts";
import { renderPage } from "../page/page.ts";
import { drawPictures } from "../pictures/pictures.ts";
import { evidenceSchema } from "../schema.ts";
import { junitXml } from "./junit.ts";

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

/** A report with the files that it is written to. */
export interface Prepared {
  readonly composed: Composed;
  /** Pictures of its violations, `evidence.json` and what people and CI read. `report.json` comes last: who finds it finds the rest. */
  files(): readonly (readonly [name: string, content: string])[];
}

/** What was measured is judged here, before anything is drawn or written: what fails then takes nothing from the verdict. */
export function prepareReport(evidence: readonly LayerEvidence[], meta: RunMeta): Prepared {
  const pictures = drawPictures(evidence);
  const composed = composeReport(pictures.evidence, meta);
  return {
    composed,
    files: () => [
      ...pictures.files,
      ["evidence.json", `${JSON.stringify(evidenceSchema.parse(composed.evidence))}\n`],
      ["junit.xml", junitXml(composed)],
      ["checklist.md", checklistMarkdown(composed)],
      ["index.html", renderPage(composed)],
      ["report.json", `${JSON.stringify(composed.report, null, 2)}\n`],
    ],
  };
}

/**
 * Writes all forms of the report into `folder`, then points `latest` beside it at it. A file is replaced when its new content is complete.
 * @throws BrokenRunError when something cannot be written; ZodError when the evidence is not of the published form: a bug of its layer
 */
export async function saveReport(prepared: Prepared, folder: string): Promise<void> {
  const files = prepared.files();
  try {
    for (const [name, content] of files) {
      const part = join(folder, `.${name}.part`);
      await writeFile(part, content);
      await rename(part, join(folder, name));
    }
    await pointLatest(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

export async function writeReport(
  evidence: readonly LayerEvidence[],
  meta: RunMeta,
  folder: string,
): Promise<Composed> {
  const prepared = prepareReport(evidence, meta);
  await saveReport(prepared, folder);
  return prepared.composed;
}

/**
 * Leaves a report that says that the run has not ended, and points `latest` at it, before the run starts: where the run is killed, an older
 * one must not look like it.
 */
export async function announceRun(meta: Omit<RunMeta, "open" | "finished">, folder: string): Promise<void> {
  const reason = "the run has not ended; where none is going on any more, it was killed";
  const open = [{ kind: "run", id: basename(folder), verdict: "broken", cause: "interrupted", reason }] as const;
  await writeReport([], { ...meta, open, finished: false }, folder);
}

const announced = ["evidence.json", "junit.xml", "checklist.md", "index.html", "report.json"];

/** Takes the folder away again, and `latest` where it points at it: for a run that broke before it had anything to say. What else it holds stays. */
export async function dropRunFolder(folder: string): Promise<void> {
  const found = await readdir(folder);
  if (found.some((name) => !announced.includes(name.replace(/^\.(.*)\.part$/, "$1")))) return;
  const latest = join(folder, "..", "latest");
  if ((await readlink(latest).catch(() => "")) === basename(folder)) await rm(latest);
  await rm(folder, { recursive: true });
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
  const isFull = hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT");
  const remedy = isFull ? "free space there" : "make it a folder that this user may write to";
  const fix = `${remedy}, or choose another with --reports DIR`;
  return new BrokenRunError(`the reports folder cannot be written: ${messageOf(error)}`, { where: folder, fix }, error);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
