/** Removes old runs from the folder of reports. A run that was violated stays, and so does a folder with anything that lockproof did not write. */
import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { readOwn } from "../files/own-file.ts";
import { reportFiles } from "../files/write.ts";

/** Start and seed, as `openRunFolder` names it. */
const runName = /^\d{8}T\d{6}Z-\d{1,10}(?:-\d{1,3})?$/u;
/** Files of a run besides its report, while nothing was violated. */
const ownNames = [
  /^picture-\d+-[a-z]+-[A-Z]\d+\.html$/u,
  /^viewer-\d+-[\w.-]+\.html$/u,
  /^inject-[\w.-]+\.jsonl(?:\.gz)?$/u,
];
const headSchema = z.object({ verdict: z.string(), finished: z.boolean() });

/**
 * @param newest the folder of the run that has just ended, which stays
 * @param keep how many runs stay, at least 1; violated ones beyond them are not counted
 * @returns the names of the removed runs
 */
export async function pruneRuns(newest: string, keep: number): Promise<readonly string[]> {
  const reports = join(newest, "..");
  const names = (await readdir(reports, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && runName.test(entry.name) && entry.name !== basename(newest))
    .map(({ name }) => name)
    // The names begin with the start.
    .sort()
    .reverse();
  const removed: string[] = [];
  for (const name of names.slice(Math.max(0, keep - 1))) {
    if (!(await mayGo(join(reports, name)))) continue;
    await rm(join(reports, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/** A run that has not ended may be going on. */
async function mayGo(folder: string): Promise<boolean> {
  const isOwn = (name: string) => reportFiles.includes(name) || ownNames.some((own) => own.test(name));
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    if (entries.some((entry) => !entry.isFile() || !isOwn(entry.name))) return false;
    const detail = { where: folder, fix: "remove the folder by hand" };
    const head = headSchema.parse(JSON.parse(readOwn(folder, "report.json", detail)));
    return head.finished && head.verdict !== "violated";
  } catch {
    return false; // It is no report of this version.
  }
}
