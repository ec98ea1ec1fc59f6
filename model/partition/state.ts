/** The model's state of a store: the log that the configuration and the partitions share, and the content of a partition. */
import type { Change, Epoch, FeedEntry, Instant, KeptLoss, NodeRecord, Reply, Succession, Version } from "./command.ts";

export interface Meta extends Succession {
  readonly epoch: Epoch;
  readonly sequence: number;
  /** The server's identity (its replication id) when the epoch began. */
  readonly server: number;
  readonly layout: number;
  readonly partitions: number;
  /** The last sweep of this epoch; null: there was none. */
  readonly swept: LastSweep | null;
}

export interface LastSweep {
  readonly at: Instant;
  /** Before it nothing is due. */
  readonly heldUntil: Instant;
}

/** The part that the configuration and the partitions share: the server of the last write, its epoch, and the feed. */
export interface Log {
  /** null: there is no meta (a new store, or all data lost). */
  readonly meta: Meta | null;
  /** Oldest first. */
  readonly feed: readonly FeedEntry[];
  /** The server that answers now: a number that changes whenever the server's replication id does. */
  readonly server: number;
  /** The number that the next epoch gets; grows for ever, whatever is lost. */
  readonly nextEpoch: Epoch;
}

/** The expiry and the leases follow from this: see indexes.ts. */
export interface Partition extends Log {
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  /** node -> job -> lease deadline. No entry where a node has no jobs. */
  readonly jobs: ReadonlyMap<string, ReadonlyMap<string, Instant>>;
  /** node -> finished job -> score. No entry where there are none. */
  readonly done: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Losses of jobs that no instance has acknowledged, by their order. */
  readonly orphans: readonly KeptLoss[];
  /** Nodes whose hash another program has deleted, with the time at which they are removed. */
  readonly lost?: ReadonlyMap<string, Instant>;
}

/** By the name that follows the hash tag in section 2: `meta`, `jobs:<id>`. */
export type KeyName = string;
/** Keys that hold another type than ours. */
export type WrongKeys = ReadonlySet<KeyName>;

/** A state in which the server that answers has begun its epoch: all that a script works on. */
export type Begun<State extends Log> = State & { readonly meta: Meta };

/** The result of a step: the next state, the reply to the caller, and the changes for the followers, oldest first. */
export interface Step<State, Answer> {
  readonly state: State;
  readonly reply: Answer;
  readonly changes: readonly Change[];
}

export type PartitionStep = Step<Partition, Reply>;

export const emptyPartition: Partition = {
  meta: null,
  feed: [],
  server: 1,
  nextEpoch: 1,
  nodes: new Map(),
  jobs: new Map(),
  done: new Map(),
  orphans: [],
};

/** The server's whole data is gone (FLUSHALL, or a restart without a file); `server` changes only with a restart. */
export function loseData(partition: Partition): Partition {
  return { ...emptyPartition, server: partition.server, nextEpoch: partition.nextEpoch };
}

/** The server is another one from now on: restarted, or promoted. The data are as they were. */
export function changeServer<State extends { readonly server: number }>(state: State): State {
  return { ...state, server: state.server + 1 };
}

export function versionOf(meta: Meta): Version {
  return { epoch: meta.epoch, sequence: meta.sequence };
}

export function jobsOf(partition: Partition, node: string): ReadonlyMap<string, Instant> {
  return partition.jobs.get(node) ?? new Map();
}

export function doneOf(partition: Partition, node: string): ReadonlyMap<string, number> {
  return partition.done.get(node) ?? new Map();
}

export function withNode(partition: Begun<Partition>, node: string, record: NodeRecord): Begun<Partition> {
  return { ...withoutLost(partition, node), nodes: replaced(partition.nodes, node, record) };
}

/** The node's jobs are these from now on, and `current_jobs` is their number (J1). */
export function withJobs(
  partition: Begun<Partition>,
  node: string,
  jobs: ReadonlyMap<string, Instant>,
): Begun<Partition> {
  const record = partition.nodes.get(node);
  const isCounted = record === undefined || record.currentJobs === jobs.size;
  return {
    ...partition,
    nodes: isCounted ? partition.nodes : replaced(partition.nodes, node, { ...record, currentJobs: jobs.size }),
    jobs: replaced(partition.jobs, node, jobs.size === 0 ? undefined : jobs),
  };
}

export function withDone(
  partition: Begun<Partition>,
  node: string,
  done: ReadonlyMap<string, number>,
): Begun<Partition> {
  return { ...partition, done: replaced(partition.done, node, done.size === 0 ? undefined : done) };
}

export function withoutNode(partition: Begun<Partition>, node: string): Begun<Partition> {
  return {
    ...withoutLost(partition, node),
    nodes: replaced(partition.nodes, node, undefined),
    jobs: replaced(partition.jobs, node, undefined),
    done: replaced(partition.done, node, undefined),
  };
}

function withoutLost(partition: Begun<Partition>, node: string): Begun<Partition> {
  const { lost } = partition;
  return lost?.has(node) ? { ...partition, lost: replaced(lost, node, undefined) } : partition;
}

/** A copy in which `key` holds `value`; undefined: in which there is no such key. No copy where that is so already. */
function replaced<Value>(
  map: ReadonlyMap<string, Value>,
  key: string,
  value: Value | undefined,
): ReadonlyMap<string, Value> {
  if (map.get(key) === value) return map;
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
