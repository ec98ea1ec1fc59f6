/** Wrong designs of the `system` model: each is the right one with one difference. The first few change the store's step, the others what an instance or a client does. */
import type { Command, NodeRecord } from "../partition/command.ts";
import { step } from "../partition/partition.ts";
import { jobsOf, type Partition, type PartitionStep } from "../partition/state.ts";
import type { Designed } from "./calls.ts";

export const designs = {
  "epoch-reused": "a store that comes back without data counts its epochs from the beginning",
  "epoch-kept": "a server that was promoted goes on in the epoch that it finds",
  "change-not-in-feed": "a change takes a version and wakes everybody, but is not in the feed",
  "published-first":
    "a change is published before it is written, and an instance takes the version that it is told of for reached",
  "page-for-every-gap": "an instance that has missed something loads everything",
  "gone-without-version": "a node that expires, or is removed, takes no version: only what there is has one",
  "incarnation-unchecked": "a heartbeat is taken for the node that lives now, whichever life sent it",
  "former-lives-forgotten": "a node remembers the token of its present life only",
  "finished-forgotten": "a finished job is not remembered",
  "counted-down": "a completion counts down without a look whether the job is still there",
  "orphans-kept": "a node that expires keeps its jobs",
  "capacity-in-cache": "whether a node has room is looked up in the view only",
  "epochs-ignored": "versions are compared by their sequence alone: the highest wins",
  "versions-by-node": "each node numbers its own versions, from 1 when it registers",
  "cache-replaced": "an answer to a lookup replaces what is held, whatever its version",
  "page-adds": "a resync adds what the page has, and keeps what it has not",
  "miss-mark-kept": "a mark that a node is missing outlives the node's registration",
  "wake-ups-trusted": "an instance asks for changes only when it is woken: no gap is ever noticed",
  "retry-renamed": "a reserve that was not answered is tried again under another job id",
  "acknowledged-when-sent": "a reservation counts as acknowledged when it has been sent",
  "leases-for-ever": "no lease ever lapses",
} as const;

type Design = keyof typeof designs;

/** The step of the partition in a design: the right one unless the design is about the store. */
export function stepOf(design: string | null): Designed {
  return (partition, command) => bent(design as Design | null, partition, command);
}

function bent(design: Design | null, partition: Partition, command: Command): PartitionStep {
  switch (design) {
    case "epoch-reused":
      return step(partition.meta === null ? { ...partition, nextEpoch: 1 } : partition, command);
    case "epoch-kept":
      return step({ ...partition, server: partition.meta?.server ?? partition.server }, command);
    case "change-not-in-feed":
      return withoutEntry(step(partition, command));
    case "gone-without-version":
      return command.kind === "sweep" ? withoutVersion(partition, step(partition, command)) : step(partition, command);
    case "incarnation-unchecked":
      return step(partition, asOfNow(partition, command));
    case "former-lives-forgotten":
      return step(
        withRecords(partition, (record) => ({ ...record, former: [] })),
        command,
      );
    case "finished-forgotten":
      return forgetting(partition, step(partition, command));
    case "counted-down":
      return countedDown(step(partition, command), command);
    case "orphans-kept":
      return keepingJobs(partition, step(partition, command), command);
    case "capacity-in-cache":
      return command.kind === "reserve_job" ? withoutLimit(partition, command) : step(partition, command);
    default:
      return step(partition, command);
  }
}

type Rewrite = (record: NodeRecord, node: string) => NodeRecord;

function withRecords(partition: Partition, rewrite: Rewrite): Partition {
  return { ...partition, nodes: new Map([...partition.nodes].map(([node, record]) => [node, rewrite(record, node)])) };
}

function withoutEntry(done: PartitionStep): PartitionStep {
  const { state, changes } = done;
  return { ...done, state: { ...state, feed: state.feed.slice(0, state.feed.length - changes.length) } };
}

/** What is there is changed as it should be, but keeps the version that it had, and nobody is told. */
function withoutVersion(before: Partition, done: PartitionStep): PartitionStep {
  const { meta } = done.state;
  if (meta === null || done.changes.length === 0) return done;
  const unmoved = { ...done.state, meta: { ...meta, sequence: meta.sequence - 1 }, feed: done.state.feed.slice(0, -1) };
  const state = withRecords(unmoved, (record, node) => ({
    ...record,
    version: before.nodes.get(node)?.version ?? record.version,
  }));
  return { ...done, changes: [], state };
}

function asOfNow(partition: Partition, command: Command): Command {
  if (command.kind !== "heartbeat") return command;
  return { ...command, incarnation: partition.nodes.get(command.node)?.incarnation ?? command.incarnation };
}

function forgetting(before: Partition, done: PartitionStep): PartitionStep {
  return { ...done, state: { ...done.state, done: before.done } };
}

function countedDown(done: PartitionStep, command: Command): PartitionStep {
  if (command.kind !== "complete_job" || done.reply.kind !== "unknown") return done;
  const less: Rewrite = (record, node) =>
    node === command.node ? { ...record, currentJobs: record.currentJobs - 1 } : record;
  return { ...done, state: withRecords(done.state, less) };
}

function keepingJobs(before: Partition, done: PartitionStep, command: Command): PartitionStep {
  const gone = command.kind === "sweep" ? done.changes.find(({ kind }) => kind === "expired") : undefined;
  if (gone?.kind !== "expired") return done;
  const record = done.state.nodes.get(gone.node);
  const jobs = jobsOf(before, gone.node);
  if (record === undefined || jobs.size === 0) return done;
  const nodes = new Map(done.state.nodes).set(gone.node, { ...record, currentJobs: jobs.size });
  return { ...done, state: { ...done.state, nodes, jobs: new Map(done.state.jobs).set(gone.node, jobs) } };
}

function withoutLimit(partition: Partition, command: Command): PartitionStep {
  const roomy = step(
    withRecords(partition, (record) => ({ ...record, maxJobs: Number.MAX_SAFE_INTEGER })),
    command,
  );
  const room = [...partition.nodes.values()][0]?.maxJobs ?? 0;
  return { ...roomy, state: withRecords(roomy.state, (record) => ({ ...record, maxJobs: room })) };
}
