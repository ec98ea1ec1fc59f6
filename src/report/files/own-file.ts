/**
 * Files of a report that may come from elsewhere: what it names has to be a regular file inside its own folder, and no step of the way to it a
 * link. Otherwise a foreign folder could have any file of this machine copied into the merged report.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FailureDetail, messageOf, UsageError } from "../../evidence/failure.ts";

/** More than any history that a run keeps. */
const mostBytes = 512 * 1024 * 1024;

/** @throws UsageError */
export function readOwn(folder: string, file: string, detail: FailureDetail): string {
  return readOwnBytes(folder, file, detail).toString("utf8");
}

/**
 * @param folder may be a link itself: it was named by whoever runs the command
 * @param file as the report names it
 * @throws UsageError
 */
export function readOwnBytes(folder: string, file: string, detail: FailureDetail): Buffer {
  const path = requireOwn(folder, file);
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw new UsageError(`a file of the report cannot be read: ${messageOf(error)}`, detail, error);
  }
  try {
    const there = fstatSync(descriptor);
    if (!there.isFile()) throw new UsageError(`found no regular file at ${path}; allowed is a regular file`, detail);
    if (there.size > mostBytes)
      throw new UsageError(`found ${there.size} bytes at ${path}; allowed ${mostBytes}`, detail);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** @returns its path @throws UsageError where a step leads out, or is a link */
export function requireOwn(folder: string, file: string): string {
  const steps = file.split(/[/\\]/);
  if (steps.some((step) => step === ".." || step === "." || step === "" || step.includes("\0"))) {
    throw new UsageError(`the report names a file outside its folder: ${file}`, foreign(folder));
  }
  let path = folder;
  for (const step of steps) {
    path = join(path, step);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there?.isSymbolicLink() === true) {
      throw new UsageError(
        `the report has a link where its file ${file} should be, which may lead anywhere`,
        foreign(folder),
      );
    }
  }
  return path;
}

function foreign(folder: string): FailureDetail {
  return { where: folder, fix: "leave this report out: lockproof did not write it" };
}
