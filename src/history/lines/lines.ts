/** Reads the lines of a stored history in batches. */
import { isUtf8 } from "node:buffer";
import { closeSync, fstatSync, readSync } from "node:fs";
import { UsageError } from "../../evidence/failure.ts";
import { openRegular } from "../../files/regular-file.ts";
import { isPacked, unpack } from "./unpack.ts";

const chunkBytes = 1 << 20;
/** Far longer than any line of ours. */
const longestLine = 8 << 20;
const newline = 10;
const closingBrace = 125;

const notAHistory = {
  where: "FILE",
  fix: "name a history: a file of JSON lines that inject wrote, or one of a model (--model)",
};

/** Successive lines as one text, because splitting it would be slower. */
export interface LineBatch {
  /** The text without its last newline. */
  readonly text: string;
  /** The number of its first line, counted from 1. */
  readonly first: number;
  /** The last line of the file has no newline, so it may be cut. */
  readonly isOpen: boolean;
}

/** Calls `take` with the start, the end and the number of each line that is not empty. */
export function eachLine({ first, text }: LineBatch, take: (start: number, end: number, line: number) => void): void {
  let start = 0;
  for (let line = first; start <= text.length; line += 1) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    if (end > start) take(start, end, line);
    start = end + 1;
  }
}

/** Whole lines, in order. @throws UsageError for a missing file, damaged gzip, a line longer than 8 MiB, and a line that is not UTF-8 */
export function* readLines(file: string): Generator<LineBatch> {
  const descriptor = openRegular(file, notAHistory);
  try {
    let rest: Buffer = Buffer.alloc(0);
    let first = 1;
    for (const chunk of isPacked(descriptor) ? chunksOf(unpack(descriptor, file)) : chunksIn(descriptor)) {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = data.lastIndexOf(newline);
      rest = data.subarray(end + 1);
      if (rest.length > longestLine) throw tooLong(file, first + linesIn(data.subarray(0, end + 1)));
      if (end < 0) continue;
      if (!isUtf8(data.subarray(0, end))) throw notText(file, first, data.subarray(0, end));
      yield { text: data.toString("utf8", 0, end), first, isOpen: false };
      first += linesIn(data.subarray(0, end + 1));
    }
    // A cut line may end within a character.
    if (rest.length > 0 && !isUtf8(rest) && rest.at(-1) === closingBrace) throw notText(file, first, rest);
    if (rest.length > 0) yield { text: rest.toString("utf8"), first, isOpen: true };
  } finally {
    closeSync(descriptor);
  }
}

function* chunksIn(descriptor: number): Generator<Buffer> {
  const most = Math.min(chunkBytes, fstatSync(descriptor).size + 1);
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(most);
    const count = readSync(descriptor, chunk, 0, most, at);
    if (count === 0) return;
    at += count;
    yield chunk.subarray(0, count);
  }
}

function* chunksOf(whole: Buffer): Generator<Buffer> {
  for (let at = 0; at < whole.length; at += chunkBytes) yield whole.subarray(at, at + chunkBytes);
}

/** In bytes, as stored. @throws UsageError for a missing file */
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
  for (let at = data.indexOf(newline); at >= 0; at = data.indexOf(newline, at + 1)) count += 1;
  return count;
}

function tooLong(file: string, line: number): UsageError {
  return new UsageError(`a line of more than ${longestLine >> 20} MiB, allowed less`, {
    where: `${file}: line ${line}`,
    fix: "give a history, which is JSON lines; this is something else",
  });
}

function notText(file: string, first: number, data: Buffer): UsageError {
  let start = 0;
  let line = first;
  for (;;) {
    const end = data.indexOf(newline, start);
    if (end < 0 || !isUtf8(data.subarray(start, end))) break;
    start = end + 1;
    line += 1;
  }
  const found = "bytes that are no UTF-8; allowed is JSON in UTF-8";
  return badLine(file, line, { found, fix: "give a history, which is text" });
}

interface Problem {
  readonly found: string;
  readonly fix: string;
  readonly cause?: unknown;
}

export function badLine(file: string, line: number, { found, fix, cause }: Problem): UsageError {
  return new UsageError(found, { where: `${file}: line ${line}`, fix }, cause);
}
