/** Where a command's words go: results to stdout, everything about the run to stderr. */
import { styleText } from "node:util";
import type { Verdict } from "../check/verdict.ts";
import { verdictWords } from "../report/words.ts";
import { now as monotone } from "./clock.ts";

export interface TextStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Output {
  /** A line of the result. */
  line(text?: string): void;
  /** The result as one object on one line. */
  json(value: object): void;
  /** A line about the run, for a human: to stderr. */
  note(text: string): void;
  /** What is being done: on a terminal one line that is overwritten; into a pipe a line now and then, so that a log shows a long run alive. */
  progress(text: string): void;
  /** The verdict in words, padded to `width` columns, coloured where colours are wanted. */
  verdict(verdict: Verdict, width?: number): string;
}

const colours = {
  held: "green",
  violated: "red",
  broken: "magenta",
  unknown: "yellow",
  not_exercised: "yellow",
  stale: "yellow",
} as const satisfies Record<Verdict, string>;

const eraseLine = "\r\u001b[2K";
/** Between two lines of progress into a pipe, in ms, and before the first: what takes less time than that has none. */
const quietFor = 60_000;

/** @param now monotone milliseconds */
export function createOutput(
  stdout: TextStream,
  stderr: TextStream,
  env: Readonly<NodeJS.ProcessEnv>,
  now: () => number = monotone,
): Output {
  const coloured = stdout.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  let transient = false;
  let saidAt = now();
  const settle = () => {
    if (transient) stderr.write(eraseLine);
    transient = false;
  };
  return {
    line(text = "") {
      settle();
      stdout.write(`${text}\n`);
    },
    json(value) {
      settle();
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    note(text) {
      settle();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      const shown = text.slice(0, 100);
      if (stderr.isTTY === true) {
        stderr.write(`${eraseLine}${shown}`);
        transient = true;
      } else if (now() - saidAt >= quietFor) {
        saidAt = now();
        stderr.write(`… ${shown}\n`);
      }
    },
    verdict(verdict, width = 0) {
      const word = verdictWords[verdict].en.padEnd(width);
      return coloured ? styleText(colours[verdict], word, { validateStream: false }) : word;
    },
  };
}

/**
 * A reader that has gone away (`| head`) is no reason to stop a run, nor to change its exit code: what it would have read is dropped.
 * Any other error of the stream is thrown.
 */
export function surviveClosedPipe(stream: NodeJS.WriteStream): TextStream {
  let open = true;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    open = false;
  });
  return {
    isTTY: stream.isTTY === true,
    write: (text) => {
      if (open) stream.write(text);
    },
  };
}
