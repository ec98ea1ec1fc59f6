/** The contents of the store, seen by an observer with a connection of its own: the truth that judges hold the instances against. */
import type { LanguagePair, Millis, NodeContent, Version } from "../history.ts";

/** The observer may have seen a change this much after it happened. */
export const observerLag: Millis = 250;

/** One partition at one moment, read in one atomic step. */
export interface Dump {
  readonly kind: "dump";
  readonly partition: number;
  readonly at: Millis;
  /** null: no epoch has begun since the data were lost, or since another server took them over; `nodes` is what it will begin with. */
  readonly version: Version | null;
  /** How far the epoch that was left had come as this server holds it: what it had beyond that is lost. */
  readonly left?: Version;
  readonly nodes: readonly DumpedNode[];
  /** The observer came to the partition in the middle of this epoch: what was before is not part of the history. */
  readonly midway?: true;
  /** Only these nodes were looked at: nothing is said of the others. */
  readonly partly?: true;
  /** Nodes that were looked for and have no record; of these the ones that the index `nodes` has all the same. */
  readonly absent?: readonly string[];
  readonly dangling?: readonly string[];
  /** The server's clock, in ms since 1970. */
  readonly server_ms?: number;
}

export interface DumpedNode {
  readonly content: NodeContent;
  /** -1 before the first of this life. */
  readonly heartbeat_seq: number;
  /** As that heartbeat left them; null before the first. Absent in histories from before they were taken down. */
  readonly metrics?: Readonly<Record<string, number>> | null;
  /** The ids in the node's sorted set of jobs. */
  readonly jobs: readonly string[];
  readonly times?: DumpedTimes;
}

/** By the server's clock, in ms since 1970. */
export interface DumpedTimes {
  /** As the record has it. */
  readonly expires_at_ms: number;
  /** In the index `expiry`; null: the node is not in it. */
  readonly expiry: number | null;
  /** The earliest lease, in the index `leases`; null: the node is not in it. */
  readonly lease: number | null;
  /** The deadline of each job, in the order of `jobs`. */
  readonly deadlines: readonly number[];
}

export type ObservedChange =
  | {
      readonly kind: "registered";
      readonly node: string;
      readonly incarnation: string;
      readonly max_jobs: number;
      readonly pools: readonly string[];
      readonly languages: readonly LanguagePair[];
      readonly services: readonly string[];
      readonly health_milli: number;
      /** Jobs that were ever completed on the node. Absent in histories from before it was taken down. */
      readonly finished?: number | undefined;
      /** The jobs that lost their places by it. Absent: the feed did not say. */
      readonly orphaned?: readonly string[] | undefined;
    }
  | { readonly kind: "health"; readonly node: string; readonly health_milli: number }
  | { readonly kind: "offline" | "expired"; readonly node: string; readonly orphaned?: readonly string[] | undefined }
  | {
      readonly kind: "completed";
      readonly node: string;
      readonly job: string;
      readonly current_jobs: number;
      /** As of `registered`. */
      readonly finished?: number | undefined;
    }
  | {
      readonly kind: "reserved" | "released";
      readonly node: string;
      readonly job: string;
      readonly current_jobs: number;
    }
  | { readonly kind: "lapsed"; readonly node: string; readonly jobs: readonly string[]; readonly current_jobs: number }
  | { readonly kind: "removed"; readonly node: string };

/** One entry of a partition's feed, in the order in which the observer read them. */
export interface Entry {
  readonly kind: "entry";
  readonly partition: number;
  readonly at: Millis;
  readonly epoch: string;
  readonly sequence: number;
  readonly change: ObservedChange;
  readonly read?: EntryRead;
}

/** By the server's clock, in ms since 1970. */
export interface EntryRead {
  /** When the entry was read: the change had been made by then. */
  readonly server_ms: number;
  /** Until when nothing was due, as the store had said before the change; null: it held back nothing. */
  readonly held_ms: number | null;
}

/** In the order in which they were seen. */
export type Observation = Dump | Entry;

export function dumpsOf(observations: readonly Observation[]): readonly Dump[] {
  return observations.filter((one) => one.kind === "dump");
}

export function entriesOf(observations: readonly Observation[]): readonly Entry[] {
  return observations.filter((one) => one.kind === "entry");
}

export function partitionsOf(observations: readonly Observation[]): readonly number[] {
  return [...new Set(observations.map(({ partition }) => partition))].sort((a, b) => a - b);
}

/** The epochs of each partition in the order in which they were first seen, repetitions after others included. */
export function epochsOf(observations: readonly Observation[], partition: number): readonly string[] {
  const epochs: string[] = [];
  for (const one of observations) {
    if (one.partition !== partition) continue;
    const epoch = one.kind === "entry" ? one.epoch : one.version?.epoch;
    if (epoch !== undefined && epoch !== epochs.at(-1)) epochs.push(epoch);
  }
  return epochs;
}
