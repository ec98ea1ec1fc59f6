/** Writes a report into its folder, `<reports>/<run>/`; `<reports>/latest` points at it. */
import { access, constants, mkdir, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { canonicalJson } from "../../evidence/content-hash.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { checklistMarkdown } from "../checklist/markdown.ts";
import { type Composed, composeReport, type RunMeta } from "../document/compose.ts";
import { renderPage } from "../page/page.ts";
import type { Viewers } from "../page/viewer-link.ts";
import type { Timelines } from "../page/violation-section.ts";
import { drawPictures } from "../pictures/pictures.ts";
import { evidenceSchema } from "../schema.ts";
import type { Language } from "../texts/words.ts";
import { junitXml } from "./junit.ts";
import { sarifLog } from "./sarif.ts";
import { noPlaces, type Places } from "./site.ts";

const namesTried = 100;

/**
 * Makes the folder before the run starts, so that a folder that cannot be written costs no run.
 * @returns its path; the name has the start time (UTC, seconds) and the seed
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
 * Makes a folder and its missing parents. `mkdir` with `recursive` is not used, because in Node 24 it never returns where the system answers
 * ENOENT, as below /proc.
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

/** Two runs may start in the same second on the same seed: the second gets `-2`. */
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

/** A report with its files. */
export interface Prepared {
  readonly composed: Composed;
  /** `report.json` is last: where it exists, all other files do. */
  files(places?: Places): readonly (readonly [name: string, content: string])[];
  /** The page anew, with links to trace viewers that were written after it. */
  page(viewers?: Viewers): string;
}

/**
 * Judges the evidence before anything is drawn or written, so that an error there cannot hide the verdict.
 * @param languages of checklist.md, all where none is named; the page has all
 * @param drawn diagrams of merged reports, by the names of their pictures
 */
export function prepareReport(
  evidence: readonly LayerEvidence[],
  meta: RunMeta,
  languages?: readonly Language[],
  drawn: Timelines = new Map(),
): Prepared {
  const pictures = drawPictures(evidence);
  const composed = composeReport(pictures.evidence, meta);
  const timelines = new Map([...drawn, ...pictures.timelines]);
  const page: Prepared["page"] = (viewers) => renderPage(composed, withoutUndefined({ timelines, viewers }));
  return {
    composed,
    page,
    files: (places = noPlaces) => [
      ...pictures.files,
      ["evidence.json", canonicalJson(evidenceSchema.parse(composed.evidence))],
      ["junit.xml", junitXml(composed)],
      ["sarif.json", `${JSON.stringify(sarifLog(composed, places), null, 2)}\n`],
      ["checklist.md", checklistMarkdown(composed, languages)],
      ["index.html", page()],
      ["report.json", `${JSON.stringify(composed.report, null, 2)}\n`],
    ],
  };
}

/**
 * Writes all forms of the report into `folder`, then lets `latest` point at it. Files are replaced atomically.
 * @throws BrokenRunError where a file cannot be written; ZodError where the evidence does not have the published form: a bug of its layer
 */
export async function saveReport(prepared: Prepared, folder: string, places: Places = noPlaces): Promise<void> {
  const files = prepared.files(places);
  try {
    for (const [name, content] of files) await writeReportFile(folder, name, content);
    await pointLatest(folder);
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/** A reader sees the former content or the new one, and no part of either. */
export async function writeReportFile(folder: string, name: string, content: string): Promise<void> {
  const part = join(folder, `.${name}.part`);
  await writeFile(part, content);
  await rename(part, join(folder, name));
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
 * Writes a report of an unfinished run, and lets `latest` point at it, before the run starts: if the run is killed, an older report must not be
 * taken for its report.
 */
export async function announceRun(meta: Omit<RunMeta, "open" | "finished">, folder: string): Promise<void> {
  const reason = "the run has not ended; where none is going on any more, it was killed";
  const open = [{ kind: "run", id: basename(folder), verdict: "broken", cause: "interrupted", reason }] as const;
  await writeReport([], { ...meta, open, finished: false }, folder);
}

/** The names of all files of a report but its pictures. */
export const reportFiles: readonly string[] = [
  "evidence.json",
  "junit.xml",
  "sarif.json",
  "checklist.md",
  "index.html",
  "report.json",
];

/** Removes the files of a run that broke without evidence, the folder if it is empty, and `latest` if it points there. */
export async function dropRunFolder(folder: string): Promise<void> {
  const found = await readdir(folder);
  if (found.some((name) => !reportFiles.includes(name.replace(/^\.(.*)\.part$/, "$1")))) return;
  const latest = join(folder, "..", "latest");
  if ((await readlink(latest).catch(() => "")) === basename(folder)) await rm(latest);
  await rm(folder, { recursive: true });
}

/** The new link replaces the old one by renaming, so that `latest` always points at a folder. */
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
