/** A node says that it lives, how it is, and what it runs. */

import { changed, unchanged, withIncarnation } from "../answer.ts";
import type { CommandOf, Instant, Reply, Version } from "../command.ts";
import { type Begun, jobsOf, type Partition, type PartitionStep, versionOf, withJobs, withNode } from "../state.ts";
import { sameVersion } from "../version.ts";

type Heartbeat = CommandOf<"heartbeat">;

/** A health score that moves by less, in thousandths, is not worth a version. */
const materialHealthMilli = 50;

/** The first chunk of a number to arrive is the heartbeat; the others only renew leases. A node past its time that no sweep has expired lives on. */
export function heartbeat(partition: Begun<Partition>, command: Heartbeat): PartitionStep {
  const { chunk, node, seq, healthMilli, metrics } = command;
  const record = partition.nodes.get(node);
  if (record === undefined) return unchanged(partition, "unknown_node");
  if (!sameVersion(record.incarnation, command.incarnation)) return withIncarnation(partition, "superseded", record);
  if (record.status !== "online") return unchanged(partition, "not_online");
  const ahead = seq - record.heartbeatSeq || chunk - record.heartbeatChunk;
  if (ahead === 0) return unchanged(partition, "already");
  if (ahead < 0) return unchanged(partition, "stale");

  const unknownJobs = command.running.filter((job) => !jobsOf(partition, node).has(job));
  const renewed = (version: Version): Reply => ({ kind: "renewed", version, unknownJobs });
  const isFurther = seq === record.heartbeatSeq;
  const vital = isFurther ? {} : { metrics, expiresAt: command.at + command.ttl };
  const alive = { ...record, ...vital, heartbeatSeq: seq, heartbeatChunk: chunk };
  const leased = withJobs(withNode(partition, node, alive), node, renewedLeases(partition, command));
  if (isFurther || Math.abs(healthMilli - record.healthMilli) < materialHealthMilli) {
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
