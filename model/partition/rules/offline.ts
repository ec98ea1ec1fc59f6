/** A node leaves: at its own request, or because its time is up. */

import { changed, unchanged, withIncarnation } from "../answer.ts";
import type { Call, CommandOf, Millis, NodeRecord, Status } from "../command.ts";
import { byScore } from "../order.ts";
import { type Begun, jobsOf, type Partition, type PartitionStep, withJobs, withNode } from "../state.ts";
import { sameVersion } from "../version.ts";

export function offlineNode(partition: Begun<Partition>, command: CommandOf<"offline_node">): PartitionStep {
  const { node } = command;
  const record = partition.nodes.get(node);
  if (record === undefined) return unchanged(partition, "unknown_node");
  if (!sameVersion(record.incarnation, command.incarnation)) return withIncarnation(partition, "superseded", record);
  if (record.status !== "online") return unchanged(partition, "already");
  const orphaned = byScore(jobsOf(partition, node));
  const left = leave(partition, node, { ...record, status: "offline" }, command);
  return changed(left, { kind: "offline", node, orphaned }, command, (version) => ({
    kind: "offline",
    version,
    orphaned,
  }));
}

/**
 * All of a node's leaving but its version: its jobs are orphaned, and its record is kept for `retention`.
 * @param record with the status that it has from now on
 */
export function leave(
  partition: Begun<Partition>,
  node: string,
  record: NodeRecord & { readonly status: Exclude<Status, "online"> },
  { at, retention }: Pick<Call, "at"> & { readonly retention: Millis },
): Begun<Partition> {
  const gone = withNode(partition, node, { ...record, expiresAt: at + retention });
  return withJobs(gone, node, new Map());
}
