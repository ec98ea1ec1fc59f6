/** Errors of runs that cannot begin or that prove nothing. The message says what was found and what was allowed. */

export interface FailureDetail {
  /** The flag, file or token at fault, and the position in it. */
  readonly where: string;
  /** The advice. */
  readonly fix: string;
}

/** Wrong usage: exit code 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly where: string;
  readonly fix: string;

  constructor(message: string, detail: FailureDetail, cause?: unknown) {
    super(message, { cause });
    this.where = detail.where;
    this.fix = detail.fix;
  }
}

/** The run itself failed, so it proves nothing: exit code 3. */
export class BrokenRunError extends Error {
  override readonly name = "BrokenRunError";
  readonly where: string;
  readonly fix: string;

  constructor(message: string, detail: FailureDetail, cause?: unknown) {
    super(message, { cause });
    this.where = detail.where;
    this.fix = detail.fix;
  }
}

/** A mutant that does not apply to its source. It proves nothing, neither about the mutant nor about the layer that should kill it. */
export class VoidMutantError extends BrokenRunError {}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
