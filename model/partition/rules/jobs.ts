/** Jobs: a place on a node is taken for a time, and given back. */

import { changed, finishedUnknown, unchanged } from "../answer.ts";
import type { CommandOf } from "../command.ts";
import { byScore } from "../order.ts";
import {
  type Begun,
  doneOf,
  jobsOf,
  type Partition,
  type PartitionStep,
  withDone,
  withJobs,
  withNode,
} from "../state.ts";

type Complete = CommandOf<"complete_job">;

export function reserveJob(partition: Begun<Partition>, command: CommandOf<"reserve_job">): PartitionStep {
  const { node, job } = command;
  const jobs = jobsOf(partition, node);
  const record = partition.nodes.get(node);
  if (doneOf(partition, node).has(job)) return unchanged(partition, "finished");
  if (jobs.has(job)) return unchanged(partition, "already");
  const finished = record?.finished ?? 0;
  if (command.seen < finished - doneOf(partition, node).size) return finishedUnknown(partition, finished);
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
  const done = withDone(partition, node, remembered(partition, command));
  const record = partition.nodes.get(node);
  const finished = (record?.finished ?? 0) + 1;
  const counted = record === undefined ? done : withNode(done, node, { ...record, finished });
  const { left, currentJobs } = without(counted, node, job);
  return changed(left, { kind: "completed", node, job, currentJobs, finished }, command, (version) => ({
    kind: "completed",
    version,
  }));
}

/** Unlike a finished job, a released one may be reserved again. */
export function releaseJob(partition: Begun<Partition>, command: CommandOf<"release_job">): PartitionStep {
  const { node, job } = command;
  if (!jobsOf(partition, node).has(job)) return unchanged(partition, "unknown");
  const { left, currentJobs } = without(partition, node, job);
  return changed(left, { kind: "released", node, job, currentJobs }, command, (version) => ({
    kind: "completed",
    version,
  }));
}

/** The job has no place on the node any longer. */
function without(partition: Begun<Partition>, node: string, job: string) {
  const jobs = new Map(jobsOf(partition, node));
  jobs.delete(job);
  return { left: withJobs(partition, node, jobs), currentJobs: jobs.size };
}

/** The finished jobs with this one. Its score is above all others even if the clock went back; the oldest go, by age and by number. */
function remembered(partition: Partition, { node, job, at, doneFor, doneMax }: Complete): ReadonlyMap<string, number> {
  const before = doneOf(partition, node);
  const after = new Map(before).set(job, Math.max(at, ...[...before.values()].map((score) => score + 1)));
  const young = new Map([...after].filter(([, score]) => score > at - doneFor));
  const newest = new Set(byScore(young).slice(-doneMax));
  return new Map([...young].filter(([name]) => newest.has(name)));
}
