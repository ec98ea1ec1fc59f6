/** Errors of the caller's making. What the world does is never an error but a `Failure` (ports.ts). */

export interface Complaint {
  readonly found: string;
  readonly allowed: string;
  /** The setting or the field: `settings.readDeadline`, `metrics.cpu`. */
  readonly where: string;
  readonly fix: string;
}

function inWords({ where, found, allowed, fix }: Complaint): string {
  return `${where}: found ${found}, allowed ${allowed}; ${fix}`;
}

/** Settings that are out of range or contradict each other; thrown before anything is started. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(inWords(complaint));
    this.complaint = complaint;
  }
}

/** An argument that the protocol does not allow; thrown before anything is sent. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(inWords(complaint));
    this.complaint = complaint;
  }
}

/** The store was set up for another number of partitions: this instance would look for nodes in the wrong places, so it refuses to start. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/** The scheduler was closed while it was being waited for. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
}
