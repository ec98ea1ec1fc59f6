/** Events about the jobs of a node. */
import type { Millis, Version } from "../../check/history.ts";

/** An instance has called back for jobs that lost their places. */
export interface OrphansReported {
  readonly kind: "orphans_reported";
  readonly at: Millis;
  readonly instance: number;
  readonly partition: number;
  readonly node: string;
  readonly jobs: readonly string[];
  /** The kind of the change. */
  readonly because: string;
  /** The version of the change; absent: it was not taken down. */
  readonly lostAt?: Version | undefined;
  readonly dispatchedHere: readonly string[];
}

/** The store has taken a heartbeat of a node that has places: when each of them ends, by the server's clock, before it and after it. */
export interface LeasesServed {
  readonly kind: "leases_served";
  readonly at: Millis;
  readonly node: string;
  readonly incarnation: string;
  readonly seq: number;
  /** The server's clock. */
  readonly now: Millis;
  readonly before: ReadonlyMap<string, Millis>;
  readonly after: ReadonlyMap<string, Millis>;
}
