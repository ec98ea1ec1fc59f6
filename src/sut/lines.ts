/** A stream of bytes, read line by line; a line that has no end is refused before it fills the memory. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { longestLine } from "./protocol.ts";

export interface LineReader {
  /** Without its end; empty lines are left out. */
  line(text: string): void;
  /** Once, and nothing after it. */
  tooLong(beginning: string): void;
}

export function readLines(stream: Readable, { line, tooLong }: LineReader): void {
  const decoder = new StringDecoder("utf8");
  let held = "";
  let isRefused = false;
  stream.on("data", (chunk: Buffer) => {
    if (isRefused) return;
    held += decoder.write(chunk);
    let from = 0;
    for (let end = held.indexOf("\n"); end >= 0; end = held.indexOf("\n", from)) {
      const text = held.slice(from, end).trim();
      from = end + 1;
      if (text !== "") line(text);
    }
    held = held.slice(from);
    if (held.length <= longestLine) return;
    isRefused = true;
    tooLong(held);
    held = "";
  });
}
