/** Jobs that a change has left without a node, for the callers that dispatched them. */

import type { FeedChange } from "../../protocol/feed.ts";
import type { Version } from "../../protocol/version.ts";
import type { Orphans } from "../events.ts";

export function orphansOf(partition: number, change: FeedChange, lostAt: Version): Orphans | null {
  const { node } = change;
  switch (change.kind) {
    case "lapsed":
      return { partition, node, jobs: change.jobs, because: "lapsed", lostAt };
    case "registered":
    case "offline":
    case "expired":
      if (change.orphaned.length === 0) return null;
      return { partition, node, jobs: change.orphaned, because: change.kind, lostAt };
    default:
      return null;
  }
}
