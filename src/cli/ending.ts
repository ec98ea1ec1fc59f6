/** How a command that failed says so, and with which exit code. */
import { exitCodes } from "../check/verdict.ts";
import { messageOf, UsageError } from "../report/failure.ts";
import { visible } from "../report/words.ts";
import type { Output } from "./output.ts";

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

export function showStack(error: unknown, output: Output, env: Readonly<NodeJS.ProcessEnv>): void {
  if ((env["LOCKPROOF_DEBUG"] ?? "") === "") return;
  output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof Error && error.cause !== undefined) showStack(error.cause, output, env);
}

/** Errors of every room say `where` and `fix` under these names; they need not share a class. */
function details(error: unknown): readonly (readonly [label: string, text: string])[] {
  if (!(error instanceof Error)) return [];
  const where = "where" in error && typeof error.where === "string" ? error.where : undefined;
  const fix = "fix" in error && typeof error.fix === "string" ? error.fix : undefined;
  return [
    ...(where === undefined ? [] : [["where:", where] as const]),
    ...(fix === undefined ? [] : [["fix:", fix] as const]),
  ];
}

/** Lines stay lines; nothing else that could drive a terminal gets through. */
function readable(text: string): string {
  return text.split("\n").map(visible).join("\n  ");
}
