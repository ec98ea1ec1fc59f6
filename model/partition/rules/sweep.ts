/** The sweep: nodes expire and are removed, leases lapse; a call changes a limited number. */

import { expiryOf, leasesOf } from "../checks/indexes.ts";
import type { CommandOf, NodeChange, NodeRecord, Reply } from "../command.ts";
import { announce } from "../feed.ts";
import { byScore, dueBy } from "../order.ts";
import {
  type Begun,
  jobsOf,
  type LastSweep,
  type Partition,
  type PartitionStep,
  versionOf,
  withJobs,
  withoutNode,
} from "../state.ts";
import { leave } from "./offline.ts";

type Sweep = CommandOf<"sweep">;

/** The result for one candidate; null: nothing of it is due. `state` is without the change's version. */
type Outcome = { readonly state: Begun<Partition>; readonly change: NodeChange } | null;

export function sweep(before: Begun<Partition>, command: Sweep): PartitionStep {
  const swept = sweptBy(before.meta.swept, command);
  let state: Begun<Partition> = { ...before, meta: { ...before.meta, swept } };
  if (command.at < swept.heldUntil) return { state, reply: nothingDue(state), changes: [] };
  const changes: NodeChange[] = [];
  for (const candidate of command.candidates) {
    const outcome = sweepOne(state, candidate, command);
    if (outcome === null) continue;
    state = announce(outcome.state, outcome.change, command.feedMax);
    changes.push(outcome.change);
  }
  return {
    state,
    reply: {
      kind: "swept",
      version: versionOf(state.meta),
      expired: changes.filter(({ kind }) => kind === "expired").map(({ node }) => node),
      removed: changes.filter(({ kind }) => kind === "removed").map(({ node }) => node),
      lapsed: changes.filter((change) => change.kind === "lapsed").map(({ node, jobs }) => ({ node, jobs })),
      due: stillDue(state, command),
    },
    changes,
  };
}

/** Deadlines count for nothing where no sweep has watched them pass: the store was away, or goes by another clock. */
function sweptBy(last: LastSweep | null, { at, gap, grace }: Sweep): LastSweep {
  const isWatched = last !== null && last.at <= at && at - last.at <= gap;
  return { at, heldUntil: isWatched ? last.heldUntil : at + grace };
}

function nothingDue({ meta }: Begun<Partition>): Reply {
  return { kind: "swept", version: versionOf(meta), expired: [], removed: [], lapsed: [], due: [] };
}

function sweepOne(partition: Begun<Partition>, node: string, command: Sweep): Outcome {
  const record = partition.nodes.get(node);
  if (record === undefined) return null;
  if (record.expiresAt > command.at) return lapse(partition, node, command);
  if (record.status === "online") return expire(partition, node, record, command);
  return { state: withoutNode(partition, node), change: { kind: "removed", node } };
}

function expire(partition: Begun<Partition>, node: string, record: NodeRecord, command: Sweep): Outcome {
  const orphaned = byScore(jobsOf(partition, node));
  return {
    state: leave(partition, node, { ...record, status: "expired" }, command),
    change: { kind: "expired", node, orphaned },
  };
}

function lapse(partition: Begun<Partition>, node: string, command: Sweep): Outcome {
  const before = jobsOf(partition, node);
  const jobs = dueBy(before, command.at).slice(0, command.limit);
  if (jobs.length === 0) return null;
  const left = new Map([...before].filter(([job]) => !jobs.includes(job)));
  return {
    state: withJobs(partition, node, left),
    change: { kind: "lapsed", node, jobs, currentJobs: left.size },
  };
}

/** The first `limit` by expiry, then those of the first `limit` by lease that are not among them. */
function stillDue(partition: Partition, { at, limit }: Sweep): readonly string[] {
  const byExpiry = dueBy(expiryOf(partition), at).slice(0, limit);
  const byLease = dueBy(leasesOf(partition), at).slice(0, limit);
  return [...byExpiry, ...byLease.filter((node) => !byExpiry.includes(node))];
}
