/**
 * Opens only the regular ones of the files that a user names. Opening a FIFO blocks until there is a writer, and no
 * signal ends that; reading a device or a file of the kernel may never end. So the kind of a path is checked, links
 * followed, before it is opened.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { type FailureDetail, UsageError } from "../evidence/failure.ts";
import { kindOf, notFolder, notRegular, wordsFor } from "./file-kind.ts";

/** The largest file that is read whole. */
const mostBytes = 64 * 1024 * 1024;

/** @returns a descriptor to read from @throws UsageError for any other kind of file */
export function openRegular(path: string, detail: FailureDetail): number {
  const found = notRegular(path);
  if (found !== null) throw refused(path, found, detail);
  let descriptor: number;
  try {
    // O_NONBLOCK, in case a FIFO has replaced the file since.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw refused(path, wordsFor(error), detail, error);
  }
  const opened = fstatSync(descriptor);
  if (opened.isFile()) return descriptor;
  closeSync(descriptor);
  throw refused(path, kindOf(opened), detail);
}

/** The whole text. @throws UsageError for what is no regular file, or is larger than `most` bytes */
export function readRegular(path: string, detail: FailureDetail, most = mostBytes): string {
  const descriptor = openRegular(path, detail);
  try {
    const { size } = fstatSync(descriptor);
    if (size > most) throw refused(path, `${size} bytes, more than ${most}`, detail);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** @throws UsageError for what is no folder */
export function requireFolder(path: string, detail: FailureDetail): void {
  const found = notFolder(path);
  if (found !== null) throw new UsageError(`found ${found} at ${path}; allowed is a folder`, detail);
}

function refused(path: string, found: string, detail: FailureDetail, cause?: unknown): UsageError {
  return new UsageError(`found ${found} at ${path}; allowed is a regular file`, detail, cause);
}
