/** Why a run cannot be begun or cannot be believed. The message says what was found and what was allowed. */

export interface FailureDetail {
  /** The flag, file or token at fault, and the position in it. */
  readonly where: string;
  /** What to do about it. */
  readonly fix: string;
}

/** What was asked for cannot be asked for: exit code 64. */
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

/** The run itself failed, so it says nothing about what it was to check: exit code 3. */
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

/** A planted bug that cannot be planted: it says nothing, neither of the bug nor of who should have caught it. */
export class VoidMutantError extends BrokenRunError {}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
