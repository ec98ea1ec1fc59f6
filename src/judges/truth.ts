/**
 * The content of the store at every version: the reference against which judges compare instances. In simulation it is
 * exact and grows with the run. On real servers and in stored histories it is the record of an observer: all of it is
 * there from the beginning, and parts may be missing.
 */
import type { Call, Configuration, LanguagePair, Millis, Version } from "../check/history.ts";

/** `held`: the store came as far. `never`: it did not, and that would have been seen. `unseen`: it is not known. */
export type Standing = "held" | "never" | "unseen";

/** The material content of a node at one version. */
export interface HeldNode {
  readonly status: string;
  readonly incarnation: string;
  readonly version: Version;
  readonly maxJobs: number;
  readonly currentJobs: number;
  readonly healthMilli: number;
  /** Jobs that were ever completed on it; undefined: it is not known. */
  readonly finished?: number | undefined;
  /** The sequence of the last heartbeat of its incarnation, -1 before the first; undefined: it is not known. */
  readonly heartbeatSeq?: number | undefined;
  /** The last chunk of that heartbeat; undefined: it is not known. */
  readonly heartbeatChunk?: number | undefined;
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
}

/** The jobs that have a place on a node. */
export interface Places {
  readonly size: number;
  has(job: string): boolean;
  keys(): Iterable<string>;
}

export type ChangeKind =
  | "registered"
  | "health"
  | "offline"
  | "expired"
  | "removed"
  | "reserved"
  | "completed"
  | "released"
  | "lapsed";

/** One change of a partition, and what it made of its node. */
export interface LineEntry {
  readonly sequence: number;
  /** It was made at some moment from `since` to `at`. */
  readonly since: Millis;
  readonly at: Millis;
  readonly node: string;
  readonly kind: ChangeKind;
  /** The job of a `reserved`, `completed` or `released` change; null for the others. */
  readonly job: string | null;
  /** The jobs that lost their places by a `lapsed` change; empty for the others. */
  readonly lapsed: readonly string[];
  /** The jobs that lost their places by it, otherwise than by the word of a client; undefined: they are not known. */
  readonly orphaned: readonly string[] | undefined;
  /** The jobs of which the change itself says so; undefined: it says nothing, or what was there before is not known. */
  readonly announced?: readonly string[] | undefined;
  /** How long a `reserved` place lasts from then on, by the server's clock; null: another change; undefined: not known. */
  readonly lease: Millis | null | undefined;
  /** The number of jobs that the change itself names; null: it names none. */
  readonly count: number | null;
  /** The node after it. null: there is none any longer; undefined: it is not known. */
  readonly record: HeldNode | null | undefined;
  /** The node's places after it; undefined: they are not known. */
  readonly places: Places | undefined;
  /** The request that made it; undefined: that was not observed. */
  readonly request: number | undefined;
}

/**
 * One epoch of one partition: what it began with, and every change since. In simulation it is as the run goes on, exact; of a recorded run it is all that was
 * observed, from the beginning on, and where something is not known the answer is `undefined`.
 */
export interface EpochLine {
  readonly epoch: string;
  readonly partition: number;
  /** Its place among the epochs of the partition in the order in which they began, from 0. */
  readonly order: number;
  /** When it was seen to have begun; and the earliest moment at which it may have. */
  readonly begunAt: Millis;
  readonly begunSince: Millis;
  /** Epochs of one server follow each other; those of different servers may go on side by side. */
  readonly server: number;
  /** The last sequence. */
  readonly last: number;
  /** The nodes that were found when it began. */
  readonly base: ReadonlyMap<string, HeldNode>;
  /** How far the epoch that it follows had come, as its server held it; null: it follows nothing; undefined: that was not seen. */
  readonly follows: Version | null | undefined;
  /** All nodes that it ever had. */
  readonly nodes: Iterable<string>;
  entry(sequence: number): LineEntry | undefined;
  /** The sequence from which on it is certain what the node was, as far as its changes were seen: what was there before a first look may only be assumed. */
  knownFrom(node: string): number;
  /** The node's first change after a sequence. */
  next(node: string, after: number): LineEntry | undefined;
  /** Returns the node as it was at a sequence; null: there was none; undefined: it is not known. */
  at(node: string, sequence: number): HeldNode | null | undefined;
  /** Whether the job had a place on the node at a sequence; undefined: it is not known. */
  holds(node: string, job: string, sequence: number): boolean | undefined;
  /** The node's places at a sequence, 0 being what was found; undefined: they are not known. */
  places(node: string, sequence: number): Places | undefined;
  /** Whether the job had been completed on the node by a sequence, as far as is known. The store may have forgotten it since. */
  finished(node: string, job: string, sequence: number): boolean;
  /** The node's changes that may have been made since a time, the latest first. */
  since(node: string, at: Millis): Iterable<LineEntry>;
}

export interface Truth {
  /** How much later or earlier than where it happened something may have been observed elsewhere. */
  readonly lag: Millis;
  /** undefined: there never was such an epoch, or it was not observed. */
  line(epoch: string): EpochLine | undefined;
  /** The epochs of a partition, in the order in which they began. */
  of(partition: number): readonly EpochLine[];
  /** Those in which a call that returns now may have been answered: in simulation those of the server that its instance goes to. */
  answering(call: Pick<Call, "from" | "instance">, partition: number): readonly EpochLine[];
  /**
   * Those that an instance may have followed, in the order in which it came to them: in simulation exactly those of this life, by its own word, so that of
   * two that began side by side the one that it left is past to it; of a recorded run all.
   */
  lived(instance: number, partition: number): readonly EpochLine[];
  /**
   * Returns whether the store was at a version at some moment from `since` to `until`.
   * @param since minus infinity for an answer from a cache: the store may have been there long before
   */
  standing(version: Version, since: Millis, until: Millis): Standing;
  /** The same of a version of the configuration, which is followed like a partition; null: no observer follows it in this run. */
  configured(version: Version): Standing | null;
  /** Returns the content of that version of the configuration; undefined: there never was one, or it was not seen. */
  configuration(version: Version): Configuration | undefined;
  /** Whether a change that was made from `since` to `until` may not have been observed. null: of any partition */
  mayHide(partition: number | null, since: Millis, until: Millis): boolean;
  /**
   * Returns the version at which the script for an acknowledged heartbeat or configuration ran, which need leave no
   * change behind. null: none ran; undefined: that was not observed.
   */
  run(call: Call & { readonly to: Millis }): Version | null | undefined;
  /** How far the server's clock was ahead of the run's from `from` to `to`; undefined: it was moved meanwhile, or that is not known. */
  clock(from: Millis, to: Millis): Millis | undefined;
  /** The epoch that an instance ought to follow, and the furthest that this may have come by `at`; undefined: none has begun. */
  followedBy(
    instance: number,
    partition: number,
    at: Millis,
  ): { readonly epoch: string; readonly last: number } | undefined;
}
