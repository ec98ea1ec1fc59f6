/** The sweep: nodes expire and are removed, leases lapse; a call changes a limited number, each candidate for itself. */

import { expiryOf, leasesOf } from "../checks/indexes.ts";
import type { CommandOf, NodeChange, NodeRecord, Reply } from "../command.ts";
import { announce } from "../feed.ts";
import { byScore, dueBy } from "../order.ts";
import {
  type Begun,
  jobsOf,
  type KeyName,
  type LastSweep,
  type Partition,
  type PartitionStep,
  versionOf,
  type WrongKeys,
  withJobs,
  withoutNode,
} from "../state.ts";
import { leave } from "./offline.ts";

type Sweep = CommandOf<"sweep">;
type Swept = Extract<Reply, { readonly kind: "swept" }>;

/** The rule that applies to one candidate. */
interface Rule {
  /** The keys that it reads, in order. */
  readonly reads: readonly KeyName[];
  /** The state with the change, but without its version; null: nothing is due. */
  readonly done: { readonly state: Begun<Partition>; readonly change: NodeChange } | null;
}

export interface SweepStep extends PartitionStep {
  /** Those of the keys of another type that are left. */
  readonly wrong: WrongKeys;
  /** A change met the feed, which is one of them, and was not made. */
  readonly isFeedMet: boolean;
}

export function sweep(before: Begun<Partition>, command: Sweep): PartitionStep {
  const { changes, reply, state } = sweepPast(before, command, new Set());
  return { changes, reply, state };
}

/** @param wrong keys that hold another type than ours: a candidate whose rule reads one fails alone */
export function sweepPast(before: Begun<Partition>, command: Sweep, wrong: WrongKeys): SweepStep {
  const swept = sweptBy(before.meta.swept, command);
  let state: Begun<Partition> = { ...before, meta: { ...before.meta, swept } };
  let left = wrong;
  const changes: NodeChange[] = [];
  const failed: Swept["failed"][number][] = [];
  const replied = (due: readonly string[], isFeedMet = false): SweepStep => ({
    ...{ state, changes, wrong: left, isFeedMet },
    reply: replyOf(state, changes, failed, due),
  });
  if (command.at < swept.heldUntil) return replied([]);
  for (const node of command.candidates) {
    const jobsLeft = command.jobLimit - lostBy(changes);
    if (jobsLeft <= 0) break;
    const { done, reads } = ruleFor(state, node, command, jobsLeft);
    const key = reads.find((name) => left.has(name));
    if (key !== undefined) failed.push({ node, key });
    else if (done !== null) {
      if (left.has("feed")) return replied([], true);
      state = announce(done.state, done.change, command.feedMax);
      changes.push(done.change);
      if (done.change.kind === "removed") left = new Set([...left].filter((name) => !isOf(node, name)));
    }
  }
  return replied(stillDue(state, command, failed.length));
}

/** Deadlines count for nothing where no sweep has watched them pass: the store was away, or goes by another clock. */
function sweptBy(last: LastSweep | null, { at, gap, grace }: Sweep): LastSweep {
  const isWatched = last !== null && last.at <= at && at - last.at <= gap;
  return { at, heldUntil: isWatched ? last.heldUntil : at + grace };
}

function replyOf(
  { meta }: Begun<Partition>,
  changes: readonly NodeChange[],
  failed: Swept["failed"],
  due: readonly string[],
): Reply {
  return {
    kind: "swept",
    version: versionOf(meta),
    expired: changes.filter(({ kind }) => kind === "expired").map(({ node }) => node),
    removed: changes.filter(({ kind }) => kind === "removed").map(({ node }) => node),
    lapsed: changes.filter((change) => change.kind === "lapsed").map(({ node, jobs }) => ({ node, jobs })),
    failed,
    due,
  };
}

/** How many jobs lost their places. */
function lostBy(changes: readonly NodeChange[]): number {
  return changes.reduce((count, change) => {
    if (change.kind === "lapsed") return count + change.jobs.length;
    return change.kind === "expired" ? count + change.orphaned.length : count;
  }, 0);
}

/** Whether the key is deleted when its node is removed, whatever it holds. */
function isOf(node: string, key: KeyName): boolean {
  return key === `jobs:${node}` || key === `done:${node}`;
}

function ruleFor(partition: Begun<Partition>, node: string, command: Sweep, jobsLeft: number): Rule {
  const record = partition.nodes.get(node);
  const [own, jobs] = [`node:${node}`, `jobs:${node}`];
  const expiresAt = record?.expiresAt ?? partition.lost?.get(node) ?? Number.POSITIVE_INFINITY;
  if (expiresAt > command.at) {
    if (record === undefined) return { reads: [own], done: null };
    return { reads: [own, jobs], done: lapse(partition, node, command.at, jobsLeft) };
  }
  if (record?.status === "online") return { reads: [own, jobs], done: expire(partition, node, record, command) };
  const done = { state: withoutNode(partition, node), change: { kind: "removed", node } } as const;
  return { reads: [own, "nodes"], done };
}

function expire(partition: Begun<Partition>, node: string, record: NodeRecord, command: Sweep): Rule["done"] {
  const orphaned = byScore(jobsOf(partition, node));
  return {
    state: leave(partition, node, { ...record, status: "expired" }, command),
    change: { kind: "expired", node, orphaned },
  };
}

function lapse(partition: Begun<Partition>, node: string, at: number, most: number): Rule["done"] {
  const before = jobsOf(partition, node);
  const jobs = dueBy(before, at).slice(0, most);
  if (jobs.length === 0) return null;
  const left = new Map([...before].filter(([job]) => !jobs.includes(job)));
  return {
    state: withJobs(partition, node, left),
    change: { kind: "lapsed", node, jobs, currentJobs: left.size },
  };
}

/** Returns the nodes of `limit` due entries, expiries before leases, after those to be passed over; each node once. */
function stillDue(partition: Partition, { at, limit, offset }: Sweep, failed: number): readonly string[] {
  const due = [...dueBy(expiryOf(partition), at), ...dueBy(leasesOf(partition), at)];
  return [...new Set(due.slice(offset + failed, offset + failed + limit))];
}
