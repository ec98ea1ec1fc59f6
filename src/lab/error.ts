/** Errors of the environment: a server that is missing or too old, a port that is taken, a folder that cannot be written. */

export interface LabProblem {
  readonly found: string;
  readonly allowed: string;
  /** A path, a port, the name of an option or of an environment variable. */
  readonly where: string;
  /** The remedy, as a command where there is one. */
  readonly fix: string;
  readonly cause?: unknown;
}

export class LabError extends Error {
  override readonly name = "LabError";
  readonly found: string;
  readonly allowed: string;
  readonly where: string;
  readonly fix: string;

  constructor(problem: LabProblem) {
    super(
      `${problem.where}: found ${problem.found}; allowed: ${problem.allowed}. ${problem.fix}`,
      problem.cause === undefined ? undefined : { cause: problem.cause },
    );
    this.found = problem.found;
    this.allowed = problem.allowed;
    this.where = problem.where;
    this.fix = problem.fix;
  }
}

/** The first line of an error's message: enough for a list of reasons. */
export function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.split("\n", 1)[0] ?? message;
}

/** `EADDRINUSE`, `ENOENT`, … of a system error. */
export function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
