/** `reports/history.jsonl`: one line for each run of verify, oldest first, so that a figure can be followed over many runs. */
import {
  appendFileSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { notRegular } from "../../files/file-kind.ts";
import type { Report } from "../schema.ts";

const historyFile = "history.jsonl";
/** The size at which the file is halved, in bytes; a line has 2 to 3 kB, so that at least 700 runs are kept. */
const mostBytes = 4 * 1024 * 1024;

/** @returns one JSON object: the run, its verdict, and the figure and the margin of each checklist line */
function historyLine(report: Report, folder: string): string {
  const { duration_ms, exit_code, identity, profile, seed, started_at, verdict } = report;
  const { commit, dirty, shard, version } = identity;
  const lines = report.checklist.map(({ figure, id, threshold, verdict: of }) => {
    const value = figure?.value ?? null;
    const room = value === null || threshold === null ? null : threshold.value - value;
    const margin = room === null ? null : threshold?.direction === "at_least" ? -room : room;
    return [id, { verdict: of, figure: figure?.name ?? null, of: figure?.of ?? null, value, margin }];
  });
  return JSON.stringify({
    ...{ schema: "lockproof-run/1", run: basename(folder), started_at, duration_ms, profile, seed, version },
    ...{ commit, dirty, shard: `${shard.index}/${shard.of}`, verdict, exit_code },
    violated: report.properties.filter((part) => part.verdict === "violated").map(({ id }) => id),
    open: report.open.length,
    lines: Object.fromEntries(lines),
  });
}

/** @param folder of the run @throws Error where the file cannot be written, or is no regular file */
export function appendToHistory(report: Report, folder: string): void {
  const path = join(folder, "..", historyFile);
  const kind = notRegular(path);
  if (kind !== null && kind !== "no such file") throw new Error(`found ${kind} at ${path}`);
  shorten(path);
  appendFileSync(path, `${historyLine(report, folder)}\n`);
}

/** Keeps the newest half of a file that is too large, in whole lines. A smaller one is not read. */
function shorten(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return; // There is none yet.
  }
  try {
    if (fstatSync(descriptor).size < mostBytes) return;
    const bytes = readFileSync(descriptor);
    const from = bytes.indexOf("\n", bytes.length - mostBytes / 2) + 1;
    const beside = `${path}.part`;
    writeFileSync(beside, bytes.subarray(from));
    renameSync(beside, path);
  } finally {
    closeSync(descriptor);
  }
}
