/** The messages and exit codes of commands that fail. */
import { exitCodes } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import type { Composed } from "../../report/document/compose.ts";
import type { Output } from "../printing/output.ts";
import type { Context } from "./context.ts";
import { reportToGitHub } from "./github.ts";

/** How a command has ended. */
export interface Ending {
  readonly code: number;
  /** False for `--help` and `--version`. */
  readonly isVerdict: boolean;
}

/**
 * Prints what was found, where and what to do, never a stack trace unless LOCKPROOF_DEBUG is set.
 * @param seed of the run that broke, where one was chosen already
 * @returns 64 for a UsageError, 3 for everything else: a run that broke is never a pass
 */
export function explainFailure(
  error: unknown,
  output: Output,
  env: Readonly<NodeJS.ProcessEnv>,
  seed: number | undefined,
): number {
  const usage = error instanceof UsageError;
  const message = messageOf(error);
  output.note(`${usage ? "usage" : "broken run"}: ${readable(message)}`);
  for (const [label, text] of details(error)) {
    if (!message.includes(text)) output.note(`  ${label.padEnd("where:".length)} ${readable(text)}`);
  }
  if (!usage && seed !== undefined) output.note(`  seed:  ${seed}`);
  showStack(error, output, env);
  return usage ? exitCodes.usage : exitCodes.broken;
}

/**
 * Ends a command after its verdict has been printed. A failure to save the report breaks the run, unless it was violated: the process keeps a
 * violation from the moment it is reported.
 * @throws whatever `save` throws
 */
export async function endWith(composed: Composed, context: Context, save: () => Promise<void>): Promise<void> {
  reportToGitHub(composed, context);
  context.exit(composed.report.exit_code);
  await save();
}

export function showStack(error: unknown, output: Output, env: Readonly<NodeJS.ProcessEnv>): void {
  if ((env["LOCKPROOF_DEBUG"] ?? "") === "") return;
  output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof Error && error.cause !== undefined) showStack(error.cause, output, env);
}

/** The errors of all modules have `where` and `fix`, although they share no class. */
function details(error: unknown): readonly (readonly [label: string, text: string])[] {
  if (!(error instanceof Error)) return [];
  const where = "where" in error && typeof error.where === "string" ? error.where : undefined;
  const fix = "fix" in error && typeof error.fix === "string" ? error.fix : adviceFor(error);
  return [...(where === undefined ? [] : [["where:", where] as const]), ["fix:", fix]];
}

const systemAdvice: Readonly<Record<string, string>> = {
  ENOSPC: "free space on that disk, and run it again",
  EACCES: "give this user access, or name another place",
  EPERM: "give this user access, or name another place",
  EROFS: "name a place that can be written to",
  EMFILE: "allow more open files (`ulimit -n`), and run it again",
  ENFILE: "allow more open files on this machine, and run it again",
  ENOMEM: "free memory, and run it again",
  EAGAIN: "allow more processes (`ulimit -u`), and run it again",
  ERR_MODULE_NOT_FOUND: "run `npm ci` in the checkout, or reinstall the package",
};

/** The advice for an error that has none: an error of the system, or a defect of ours. */
function adviceFor(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const isOurs = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  const where = "run it again with LOCKPROOF_DEBUG=1, which shows where it happened";
  return systemAdvice[code] ?? (isOurs ? `${where}, and report it: it is our bug` : where);
}

/**
 * A verdict that could not be printed is no pass: held and inconclusive become broken. A closed pipe (`| head`) needs no message, and is no
 * failure where nothing was judged.
 * @returns the exit code
 */
export function explainLostOutput(lost: NodeJS.ErrnoException, { code, isVerdict }: Ending, output: Output): number {
  const isReaderGone = lost.code === "EPIPE";
  if (isReaderGone && !isVerdict) return code;
  if (code === exitCodes.violated || code === exitCodes.usage) return code;
  output.note(`broken run: the result could not be printed: ${isReaderGone ? "the pipe is closed" : lost.message}`);
  output.note("  where: standard output");
  output.note(`  fix:   ${isReaderGone ? "read all of it, or write it into a file" : adviceFor(lost)}`);
  return exitCodes.broken;
}

/** Longer words are cut, except tokens, which have to be copied whole. */
const longWord = /(?<!\S)(?!lp\d+:[a-z0-9_-]+:\d+:[\w-]+(?!\S))\S{400,}/g;

/** Keeps line breaks, escapes other control characters, and cuts long words. */
function readable(text: string): string {
  return text
    .replace(longWord, (word) => `${word.slice(0, 200)}…`)
    .split("\n")
    .map(visible)
    .join("\n  ");
}
