/**
 * What is true: one partition, and how a call changes it.
 *
 * Written from docs/protocol.md and from nothing else; in particular not from the Lua that it judges.
 * Pure: no clock, no randomness, no I/O; time comes in with the command, the server's identity with the state.
 */
import type { Change, Epoch, FeedEntry, Instant, NodeRecord, Version } from "./command.ts";

/** The part that the configuration and the partitions share: who wrote last, under which epoch, and what was said. */
export interface Log {
  /** null: there is no meta (a new store, or all data lost). */
  readonly meta: Meta | null;
  readonly feed: readonly FeedEntry[];
}

export interface Meta {
  readonly epoch: Epoch;
  readonly sequence: number;
  /** The server's identity (its replication id) when the epoch began. */
  readonly server: number;
  readonly layout: number;
  readonly partitions: number;
}

export interface Partition extends Log {
  /** Who answers now: a number that changes whenever the server's replication id does. */
  readonly server: number;
  /** The number that the next epoch gets; grows for ever, whatever is lost. */
  readonly nextEpoch: Epoch;
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  /** node -> job -> lease deadline. No entry where a node has no jobs. */
  readonly jobs: ReadonlyMap<string, ReadonlyMap<string, Instant>>;
  /** node -> finished job -> score. No entry where there are none. */
  readonly done: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export const emptyPartition: Partition = {
  meta: null,
  feed: [],
  server: 1,
  nextEpoch: 1,
  nodes: new Map(),
  jobs: new Map(),
  done: new Map(),
};

/** What a step gives: the next state, what the caller is told, and the changes the followers are told, oldest first. */
export interface Step<State, Answer> {
  readonly state: State;
  readonly reply: Answer;
  readonly changes: readonly Change[];
}

/** The server's whole data is gone (FLUSHALL, or a restart without a file); `server` changes only with a restart. */
export function loseData(partition: Partition): Partition {
  return { ...emptyPartition, server: partition.server, nextEpoch: partition.nextEpoch };
}

/** The server is another one from now on: restarted, or promoted. The data are as they were. */
export function changeServer<State extends { readonly server: number }>(state: State): State {
  return { ...state, server: state.server + 1 };
}

export function compareVersions(a: Version, b: Version): "older" | "same" | "newer" | "another_epoch" {
  if (a.epoch !== b.epoch) return "another_epoch";
  if (a.sequence === b.sequence) return "same";
  return a.sequence < b.sequence ? "older" : "newer";
}
