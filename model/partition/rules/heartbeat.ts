/** A node says that it lives, how it is, and what it runs. */

import { changed, unchanged, withIncarnation } from "../answer.ts";
import type { CommandOf, Instant, Reply, Version } from "../command.ts";
import { type Begun, jobsOf, type Partition, type PartitionStep, versionOf, withJobs, withNode } from "../state.ts";
import { sameVersion } from "../version.ts";

type Heartbeat = CommandOf<"heartbeat">;

/** A health score that moves by less, in thousandths, is not worth a version. */
const materialHealthMilli = 50;

/** A node that is past its time but not yet expired by a sweep is online, and lives on. */
export function heartbeat(partition: Begun<Partition>, command: Heartbeat): PartitionStep {
  const { node, seq, healthMilli, metrics } = command;
  const record = partition.nodes.get(node);
  if (record === undefined) return unchanged(partition, "unknown_node");
  if (!sameVersion(record.incarnation, command.incarnation)) return withIncarnation(partition, "superseded", record);
  if (record.status !== "online") return unchanged(partition, "not_online");
  if (seq === record.heartbeatSeq) return unchanged(partition, "already");
  if (seq < record.heartbeatSeq) return unchanged(partition, "stale");

  const unknownJobs = command.running.filter((job) => !jobsOf(partition, node).has(job));
  const renewed = (version: Version): Reply => ({ kind: "renewed", version, unknownJobs });
  const alive = { ...record, heartbeatSeq: seq, metrics, expiresAt: command.at + command.ttl };
  const leased = withJobs(withNode(partition, node, alive), node, renewedLeases(partition, command));
  if (Math.abs(healthMilli - record.healthMilli) < materialHealthMilli) {
    return { state: leased, reply: renewed(versionOf(leased.meta)), changes: [] };
  }
  const better = withNode(leased, node, { ...alive, healthMilli });
  return changed(better, { kind: "health", node, healthMilli }, command, renewed);
}

/** A lease is only ever lengthened: the clock may have gone back, or the caller asked for less than before. */
function renewedLeases(partition: Partition, command: Heartbeat): ReadonlyMap<string, Instant> {
  const until = command.at + command.lease;
  const jobs = [...jobsOf(partition, command.node)];
  return new Map(
    jobs.map(([job, deadline]) => [job, command.running.includes(job) ? Math.max(deadline, until) : deadline]),
  );
}
