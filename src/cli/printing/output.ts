/** The output of a command: results to stdout, everything about the run to stderr. */
import { randomUUID } from "node:crypto";
import { styleText } from "node:util";
import type { Verdict } from "../../check/verdict.ts";
import { noCommand, visible } from "../../evidence/escape.ts";
import { verdictWords } from "../../evidence/words.ts";
import { now as monotone } from "../../verify/clock.ts";

export interface TextStream {
  readonly isTTY?: boolean;
  /** The width of the terminal, which may change. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Control characters are escaped in every line: names, tokens and folders may hold escape sequences, which must not reach a terminal.
 * Only what `verdict` returned keeps its colour.
 */
export interface Output {
  /** Whether a person reads the result as it is printed. */
  readonly isTerminal: boolean;
  /** Whether a line of progress can be overwritten. */
  readonly isLive: boolean;
  /** A line of the result. */
  line(text?: string): void;
  /** The result as one object on one line. */
  json(value: object): void;
  /** A line about the run, for a human: to stderr. */
  note(text: string): void;
  /** Shows the current step: on a terminal in one line that is overwritten, in a pipe once a minute, so that a log shows that a long run is alive. */
  progress(text: string): void;
  /** A line of progress that stays; nothing where none can be overwritten. */
  settled(text: string): void;
  /** A workflow command of GitHub Actions, already escaped. Other lines cannot be taken for one. */
  annotation(text: string): void;
  /** The verdict in words, padded to `width` columns, with colours where the terminal has them. */
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

/** The width of a terminal that does not report one. */
const usualColumns = 80;
const eraseLine = "\r\u001b[2K";
/** Time between two lines of progress into a pipe, and before the first, in ms. */
const quietFor = 60_000;

/** @param now monotone milliseconds */
export function createOutput(
  stdout: TextStream,
  stderr: TextStream,
  env: Readonly<NodeJS.ProcessEnv>,
  now: () => number = monotone,
): Output {
  const coloured = hasColours(stdout, env);
  /** Delimits a coloured word; no text from outside can hold it. */
  const mark = `\u0000${randomUUID()}\u0000`;
  const guarded = env["GITHUB_ACTIONS"] === "true" ? noCommand : (line: string) => line;
  const readableLine = (line: string) => guarded(visibleBeside(mark, line));
  const readable = (text: string) => text.split("\n").map(readableLine).join("\n");
  const isLive = canOverwrite(stderr, env);
  let transient = false;
  let saidAt = now();
  const settle = () => {
    if (transient) stderr.write(eraseLine);
    transient = false;
  };
  return {
    isTerminal: stdout.isTTY === true,
    isLive,
    line(text = "") {
      settle();
      stdout.write(`${readable(text)}\n`);
    },
    json(value) {
      settle();
      stdout.write(`${asciiControls(JSON.stringify(value))}\n`);
    },
    note(text) {
      settle();
      stderr.write(`${readable(text)}\n`);
    },
    annotation(text) {
      settle();
      stderr.write(`${visible(text)}\n`);
    },
    progress(text) {
      const shown = cut(guarded(visible(text)), stderr);
      if (isLive) {
        stderr.write(`${eraseLine}${shown}`);
        transient = true;
      } else if (now() - saidAt >= quietFor) {
        saidAt = now();
        stderr.write(`… ${shown}\n`);
      }
    },
    settled(text) {
      settle();
      if (isLive) stderr.write(`${readable(text)}\n`);
    },
    verdict(verdict, width = 0) {
      const word = verdictWords[verdict].en.padEnd(width);
      return coloured ? mark + styleText(colours[verdict], word, { validateStream: false }) + mark : word;
    },
  };
}

/** A line as wide as the terminal would wrap, and a wrapped line cannot be erased. */
function cut(line: string, { columns = usualColumns }: TextStream): string {
  return line.slice(0, Math.max(1, columns - 1));
}

/** Every second part is a coloured word. */
function visibleBeside(mark: string, line: string): string {
  return line
    .split(mark)
    .map((part, at) => (at % 2 === 0 ? visible(part) : part))
    .join("");
}

/** The log of a CI server may be a terminal, and keeps every line that was overwritten. */
function canOverwrite({ isTTY }: TextStream, env: Readonly<NodeJS.ProcessEnv>): boolean {
  const isCi = !["", "0", "false"].includes(env["CI"] ?? "");
  return isTTY === true && env["TERM"] !== "dumb" && !isCi;
}

/** FORCE_COLOR wins over NO_COLOR, as in Node. */
function hasColours({ isTTY }: TextStream, env: Readonly<NodeJS.ProcessEnv>): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

/** JSON leaves some control characters as they are, of which U+009B begins an escape sequence; in JSON only strings can hold them. */
function asciiControls(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export interface GuardedStream extends TextStream {
  /** Waits until everything is written. @returns the error of the first write that failed */
  written(): Promise<NodeJS.ErrnoException | undefined>;
}

/** A stream that cannot be written to (a closed pipe, a full disk) does not stop the run; its text is dropped. */
export function guardStream(stream: NodeJS.WriteStream): GuardedStream {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    failure ??= error;
  });
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    write: (text) => {
      if (failure === undefined) stream.write(text);
    },
    async written() {
      if (failure !== undefined) return failure;
      // The callback comes before the event where the write fails.
      const error = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => stream.write("", resolve));
      return failure ?? error ?? undefined;
    },
  };
}
