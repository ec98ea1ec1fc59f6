/** The lines of a stored history, a part of the file at a time. */
import { closeSync, fstatSync, readSync } from "node:fs";
import { openRegular } from "../files/regular-file.ts";
import { BrokenRunError } from "../report/failure.ts";

const chunkBytes = 1 << 20;
/** No line of ours comes near it. */
const longestLine = 8 << 20;
const newline = 10;

const notAHistory = {
  where: "FILE",
  fix: "name a history: a file of JSON lines that inject wrote, or one for --model node-jobs",
};

export interface LineBatch {
  readonly lines: readonly string[];
  /** The number of the first of them, from 1. */
  readonly first: number;
  /** The last of them does not end in a newline: it is the last of the file, and may be cut. */
  readonly isOpen: boolean;
}

/** Whole lines, in order. @throws UsageError where there is no such file; BrokenRunError for a line longer than 8 MiB */
export function* readLines(file: string): Generator<LineBatch> {
  const descriptor = openRegular(file, notAHistory);
  try {
    let rest = Buffer.alloc(0);
    let first = 1;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const count = readSync(descriptor, chunk, 0, chunkBytes, null);
      if (count === 0) break;
      const data = rest.length === 0 ? chunk.subarray(0, count) : Buffer.concat([rest, chunk.subarray(0, count)]);
      const end = data.lastIndexOf(newline);
      rest = data.subarray(end + 1);
      if (rest.length > longestLine) throw tooLong(file, first + linesIn(data.subarray(0, end + 1)));
      if (end < 0) continue;
      const lines = data.toString("utf8", 0, end).split("\n");
      yield { lines, first, isOpen: false };
      first += lines.length;
    }
    if (rest.length > 0) yield { lines: [rest.toString("utf8")], first, isOpen: true };
  } finally {
    closeSync(descriptor);
  }
}

/** In bytes. @throws UsageError where there is no such file */
export function sizeOf(file: string): number {
  const descriptor = openRegular(file, notAHistory);
  try {
    return fstatSync(descriptor).size;
  } finally {
    closeSync(descriptor);
  }
}

function linesIn(data: Buffer): number {
  let count = 0;
  for (const byte of data) if (byte === newline) count += 1;
  return count;
}

function tooLong(file: string, line: number): BrokenRunError {
  return new BrokenRunError(`a line of more than ${longestLine >> 20} MiB, allowed less`, {
    where: `${file}: line ${line}`,
    fix: "give a history, which is JSON lines; this is something else",
  });
}

/** What is wrong with a line, for whoever has to find it. */
export function badLine(file: string, line: number, found: string, fix: string): BrokenRunError {
  return new BrokenRunError(found, { where: `${file}: line ${line}`, fix });
}
