/** Keeps the message of an error that a process printed before it ended. */
import type { Readable } from "node:stream";

const mostKept = 4_000;

export class LineTail {
  #kept = "";

  constructor(stream: Readable | null) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      this.#kept = (this.#kept + text).slice(-mostKept);
    });
  }

  /** The line that names the error, else the last line; empty where nothing was printed. */
  get text(): string {
    const lines = this.#kept.split("\n").filter((line) => line.trim() !== "");
    return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  }
}
