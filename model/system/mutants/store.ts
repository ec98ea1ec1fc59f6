/** Mutants of the store: each changes what a call does to a partition. */
import type { Command, NodeRecord } from "../../partition/command.ts";
import { step } from "../../partition/partition.ts";
import { jobsOf, type Partition, type PartitionStep } from "../../partition/state.ts";
import type { Mutant } from "./mutant.ts";

export const epochMutants: Readonly<Record<string, Mutant>> = {
  "epoch-reused": {
    means: "a store that comes back without data counts its epochs from the beginning",
    replaces: {
      step: (partition, command) => step(partition.meta === null ? { ...partition, nextEpoch: 1 } : partition, command),
    },
    reads: ["lookups"],
  },
  "epoch-kept": {
    means: "a server that was promoted goes on in the epoch that it finds",
    replaces: {
      step: (partition, command) => step({ ...partition, server: partition.meta?.server ?? partition.server }, command),
    },
    reads: ["lookups"],
  },
};

export const changeMutants: Readonly<Record<string, Mutant>> = {
  "change-not-in-feed": {
    means: "a change takes a version and wakes all instances, but is not in the feed",
    replaces: { step: (partition, command) => withoutEntry(step(partition, command)) },
  },
  "gone-without-version": {
    means: "a node that expires, or is removed, takes no version: only what there is has one",
    replaces: {
      step(partition, command) {
        const done = step(partition, command);
        return command.kind === "sweep" ? withoutVersion(partition, done) : done;
      },
    },
  },
};

export const incarnationMutants: Readonly<Record<string, Mutant>> = {
  "incarnation-unchecked": {
    means: "a heartbeat is taken for the node that lives now, whichever incarnation sent it",
    replaces: { step: (partition, command) => step(partition, asOfNow(partition, command)) },
  },
  "expectation-unchecked": {
    means: "a registration replaces the incarnation that there is, whichever its sender knew",
    replaces: { step: (partition, command) => step(partition, asExpected(partition, command)) },
  },
};

export const reservationMutants: Readonly<Record<string, Mutant>> = {
  "finished-forgotten": {
    means: "a finished job is not remembered",
    replaces: {
      step(partition, command) {
        const done = step(partition, command);
        return { ...done, state: { ...done.state, done: partition.done } };
      },
    },
  },
  "counted-down": {
    means: "a completion counts down without a look whether the job is still there",
    replaces: { step: (partition, command) => countedDown(step(partition, command), command) },
  },
  "orphans-kept": {
    means: "a node that expires keeps its jobs",
    replaces: { step: (partition, command) => keepingJobs(partition, step(partition, command), command) },
  },
  "capacity-in-cache": {
    means: "whether a node has room is looked up in the view only",
    replaces: {
      step: (partition, command) =>
        command.kind === "reserve_job" ? withoutLimit(partition, command) : step(partition, command),
    },
  },
};

type Rewrite = (record: NodeRecord, node: string) => NodeRecord;

function withRecords(partition: Partition, rewrite: Rewrite): Partition {
  return { ...partition, nodes: new Map([...partition.nodes].map(([node, record]) => [node, rewrite(record, node)])) };
}

function withoutEntry(done: PartitionStep): PartitionStep {
  const { state, changes } = done;
  return { ...done, state: { ...state, feed: state.feed.slice(0, state.feed.length - changes.length) } };
}

/** The records are changed as they should be, but keep their version, and the feed has no entry. */
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

function asExpected(partition: Partition, command: Command): Command {
  if (command.kind !== "register_node") return command;
  return { ...command, expected: partition.nodes.get(command.node)?.incarnation ?? null };
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
