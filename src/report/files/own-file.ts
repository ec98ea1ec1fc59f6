/**
 * Files of a report that may be foreign. A file that it names has to be a regular file inside its folder, and no step of its path may be a
 * link. Otherwise a foreign folder could copy any file of this machine into the merged report.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FailureDetail, messageOf, UsageError } from "../../evidence/failure.ts";

/** Larger than any history that a run stores. */
const mostBytes = 512 * 1024 * 1024;

/** @throws UsageError */
export function readOwn(folder: string, file: string, detail: FailureDetail): string {
  return readOwnBytes(folder, file, detail).toString("utf8");
}

/**
 * @param folder may be a link, because the command line names it
 * @param file the name in the report
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

/** @returns its path @throws UsageError where a step is a link or leads out of the folder */
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
