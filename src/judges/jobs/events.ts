/** Events about the jobs of a node. */
import type { Millis } from "../../check/history.ts";

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
  readonly dispatchedHere: readonly string[];
}
