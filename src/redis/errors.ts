/** Errors of a Redis that cannot be used as declared. Thrown when a scheduler is made or started; later on, calls fail with the same message. */

interface Complaint {
  /** The option: `redis.url`, `redis.sentinels`. */
  readonly where: string;
  readonly found: string;
  readonly allowed: string;
  readonly fix: string;
}

function inWords({ where, found, allowed, fix }: Complaint): string {
  return `${where}: found ${found}, allowed ${allowed}; ${fix}`;
}

/** An address that cannot be used: thrown before anything is connected. Its message never shows a password. */
export class AddressError extends Error {
  override readonly name = "AddressError";
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(inWords(complaint));
    this.complaint = complaint;
  }
}

/** The server is not what it was declared to be: one of a Cluster instead of a single one, or the other way round. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
  readonly complaint: Complaint;

  constructor(complaint: Complaint) {
    super(inWords(complaint));
    this.complaint = complaint;
  }
}

/** The Redis user is not let in, or lacks a right that the scripts need (docs/acl.md). */
export class AccessError extends Error {
  override readonly name = "AccessError";
  /** ACL rules to add, `+evalsha`; empty where the server did not say which. */
  readonly lacking: readonly string[];

  constructor(message: string, lacking: readonly string[] = []) {
    super(message);
    this.lacking = lacking;
  }
}

/** Known only once a server has answered. */
export type Refusal = TopologyError | AccessError;
