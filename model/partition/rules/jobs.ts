/** Jobs: a place on a node is taken for a time, and given back. */

import { changed, unchanged } from "../answer.ts";
import type { CommandOf } from "../command.ts";
import { byScore } from "../order.ts";
import { type Begun, doneOf, jobsOf, type Partition, type PartitionStep, withDone, withJobs } from "../state.ts";

type Complete = CommandOf<"complete_job">;

export function reserveJob(partition: Begun<Partition>, command: CommandOf<"reserve_job">): PartitionStep {
  const { node, job } = command;
  const jobs = jobsOf(partition, node);
  const record = partition.nodes.get(node);
  if (doneOf(partition, node).has(job)) return unchanged(partition, "finished");
  if (jobs.has(job)) return unchanged(partition, "already");
  if (record?.status !== "online") return unchanged(partition, "not_online");
  if (jobs.size >= record.maxJobs) return unchanged(partition, "full");
  const leaseUntil = command.at + command.lease;
  const taken = new Map(jobs).set(job, leaseUntil);
  return changed(
    withJobs(partition, node, taken),
    { kind: "reserved", node, job, currentJobs: taken.size, leaseUntil },
    command,
    (version) => ({ kind: "reserved", version }),
  );
}

export function completeJob(partition: Begun<Partition>, command: Complete): PartitionStep {
  const { node, job } = command;
  if (!jobsOf(partition, node).has(job)) {
    return unchanged(partition, doneOf(partition, node).has(job) ? "completed" : "unknown");
  }
  return giveBack(withDone(partition, node, remembered(partition, command)), command, "completed");
}

/** Unlike a finished job, a released one may be reserved again. */
export function releaseJob(partition: Begun<Partition>, command: CommandOf<"release_job">): PartitionStep {
  if (!jobsOf(partition, command.node).has(command.job)) return unchanged(partition, "unknown");
  return giveBack(partition, command, "released");
}

function giveBack(
  partition: Begun<Partition>,
  command: CommandOf<"complete_job" | "release_job">,
  kind: "completed" | "released",
): PartitionStep {
  const { node, job } = command;
  const left = new Map(jobsOf(partition, node));
  left.delete(job);
  return changed(withJobs(partition, node, left), { kind, node, job, currentJobs: left.size }, command, (version) => ({
    kind: "completed",
    version,
  }));
}

/** The finished jobs with this one. Its score is above all others even if the clock went back; the oldest go, by age and by number. */
function remembered(partition: Partition, { node, job, at, doneFor, doneMax }: Complete): ReadonlyMap<string, number> {
  const before = doneOf(partition, node);
  const after = new Map(before).set(job, Math.max(at, ...[...before.values()].map((score) => score + 1)));
  const young = new Map([...after].filter(([, score]) => score > at - doneFor));
  const newest = new Set(byScore(young).slice(-doneMax));
  return new Map([...young].filter(([name]) => newest.has(name)));
}
