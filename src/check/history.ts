/**
 * The events of one run, as seen from outside the scheduler. Judges read this and nothing else of the run.
 *
 * Times are milliseconds of one monotone clock since the start of the load; earlier events have negative times.
 */

import type { NodeContent } from "../protocol/node.ts";
import type { Millis } from "../protocol/time.ts";
import type { Version } from "../protocol/version.ts";
import type { FaultMissed, FaultStep, InForce } from "./faults/fault-step.ts";
import type { Configuration, NodeOffer, Wish } from "./request.ts";
import type { Closed, LostReply, LostWakeUp, Refused } from "./wire-events.ts";

export type { LanguagePair, NodeContent } from "../protocol/node.ts";
export type { Millis } from "../protocol/time.ts";
export type { Version } from "../protocol/version.ts";
export type { FaultStep, InForce } from "./faults/fault-step.ts";
export type { Configuration, ConfiguredPool, NodeOffer, Wish } from "./request.ts";
export type { LostReply, Refused } from "./wire-events.ts";

export const readOps = ["get_node", "select_nodes"] as const;
export type Op =
  | (typeof readOps)[number]
  | "register_node"
  | "heartbeat"
  | "offline_node"
  | "dispatch"
  | "reserve_job"
  | "complete_job"
  | "release_job"
  | "put_config";

export interface ReadAnswer {
  readonly found: boolean;
  /** `l1`, `l2`, `redis`, `miss`, `none`. */
  readonly source: string;
  readonly stale: boolean;
  readonly age_ms: Millis;
  readonly mode: string;
  readonly node: NodeContent | null;
}

/** One call of a client. `info`: it may or may not have happened (its reply was lost, or it never came). */
export interface Call {
  readonly kind: "call";
  readonly id: number;
  readonly instance: number;
  readonly op: Op;
  readonly node?: string | undefined;
  readonly job?: string | undefined;
  readonly from: Millis;
  /** null: it had not come back when the run ended. */
  readonly to: Millis | null;
  readonly outcome: "ok" | "fail" | "info";
  /** The first word of the reply, or the cause of the failure. */
  readonly reply: string;
  readonly version?: Version | undefined;
  /** The incarnation that a registration made, or that a heartbeat speaks for. On a registration's `conflict`: the current one; absent: none. */
  readonly incarnation?: string | undefined;
  /** The incarnation that a registration was to replace, or the version that a `put_config` was; null: none. Absent: the one that its instance saw, or it was not recorded. */
  readonly expected?: string | null | undefined;
  /** The sequence number of a heartbeat. */
  readonly seq?: number | undefined;
  /** The jobs that a heartbeat named, whose leases it asks to be renewed. Absent: they were not recorded. */
  readonly running?: readonly string[] | undefined;
  /** The metrics that a node reported with a heartbeat, by name; null: no number that JSON has. Absent: they were not recorded. */
  readonly metrics?: Readonly<Record<string, number | null>> | undefined;
  readonly offer?: NodeOffer | undefined; // of a registration; absent: it was not recorded
  /** The request of a selection or a dispatch. Absent: it was not recorded. */
  readonly asked?: Wish | undefined;
  /** How long the place of a reserve is to be kept. Absent: as long as the instance's settings say. */
  readonly lease?: Millis | undefined;
  readonly configuration?: Configuration | undefined; // of `put_config`; absent: it was not recorded
  /** Whether its arguments are allowed, where its client chose one at a limit. Absent: they are, unless an id is too long or empty. */
  readonly allowed?: boolean | undefined;
  /** When its client aborted it; absent: it did not. */
  readonly aborted?: Millis | undefined;
  readonly read?: ReadAnswer | undefined;
  /** The pools that a selection searched, in order; empty: all nodes that serve the pair were. Absent: it was not taken down. */
  readonly searched?: readonly string[] | undefined;
  /** The nodes that a dispatch that found none says it asked. Absent: it was not taken down. */
  readonly tried?: readonly string[] | undefined;
  /** The jobs of which the answer to a heartbeat says that they have no place. Absent: they were not recorded. */
  readonly unknown?: readonly string[] | undefined;
  /** Whether a selection was marked as possibly out of date. Absent: it was not recorded. */
  readonly stale?: boolean | undefined;
  /** The nodes that a selection returned, best first. */
  readonly selected?: readonly NodeContent[] | undefined;
  /** How long the instance's thread was on a processor meanwhile, and was ready and had none, to a tick of the kernel. Absent: it was not measured. */
  readonly ran?: Millis | undefined;
  readonly waited?: Millis | undefined;
}

export interface ModeChange {
  readonly kind: "mode";
  readonly at: Millis;
  readonly since?: Millis; // seen from outside, it changed at some moment from then to `at`; absent: at `at`
  readonly instance: number;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

/**
 * The process paused, or was at work on something for so long: a tick that was due at `at - lasted` came at `at`. From a ticker that takes
 * no part in the run.
 */
export interface Stall {
  readonly kind: "stall";
  readonly since: Millis;
  readonly at: Millis;
  readonly lasted: Millis;
  /** For how long its thread waited for a processor from `since` to `at`; absent: the system does not tell. */
  readonly waited?: Millis;
  /** For how long it was on one. */
  readonly ran?: Millis;
  /** How long other threads of a hosted instance's process, for which it may have slept, waited for a processor; absent: not at all. */
  readonly others?: Millis;
  /** For how long garbage of any origin was collected on it; absent: not at all. */
  readonly collected?: Millis;
  /** For how long, by the clock, it was at work for the harness, as far as that is measured; absent: not at all. */
  readonly ours?: Millis;
  /** The instance, in a process of its own; absent: the process that runs the load. Short waits of a hosted one are reported too, with `lasted` 0. */
  readonly instance?: number;
}

/**
 * The machine itself paused, or one of its processors did, for `lasted` of the time from `since` to `at`: a thread that only waits for a timer was
 * late by so much, and neither ran nor waited for a processor; or the host says that it kept a processor. The kernel may count that as run for another thread.
 */
export interface Frozen {
  readonly kind: "frozen";
  readonly since: Millis;
  readonly at: Millis;
  readonly lasted: Millis;
  /** Which one the host kept, all at once or bit by bit. Absent: the thread was late. */
  readonly processor?: number;
}

/**
 * A server or proxy of the run waited for a processor for `waited` of the time from `since` to `at`: of one with many threads, the thread
 * of it that did so for longest. Whether anybody's call waited for just that is not known. One that is stopped, or waits by a fault of ours, stands in no line.
 */
export interface Starved {
  readonly kind: "starved";
  readonly since: Millis;
  readonly at: Millis;
  /** `toxiproxy`, `hop` (the thread of the harness that serves hops), `redis-0`, `sentinel-2`: servers in the order of docs/faults.md, and what they hold may change hands meanwhile. */
  readonly process: string;
  readonly waited: Millis;
}

/** How the load was made: of the operations planned those begun, and how long after their times. */
interface Pace {
  readonly kind: "pace";
  readonly at: Millis;
  readonly planned: number;
  readonly made: number;
  /** By operation: actions that were left out of the plan, since their instance does not claim it. */
  readonly not_made?: Readonly<Record<string, number>>;
  readonly late_ms_p95: Millis;
  readonly late_ms_max: Millis;
}

/** A line to an instance's process and the answer back, past everything that the instance does: what the pipe itself costs. */
interface Pipe {
  readonly kind: "pipe";
  readonly at: Millis;
  readonly instance: number;
  readonly took: Millis;
}

/** An instance in a process of its own has got ready. It is judged by the properties that it claims. */
export interface SystemReady {
  readonly kind: "system";
  readonly at: Millis;
  readonly instance: number;
  readonly name: string;
  readonly version: string;
  readonly claims: readonly string[];
  /** Properties that cannot be judged from outside, and why. */
  readonly withheld: Readonly<Record<string, string>>;
  readonly ops?: readonly string[]; // absent: not known
}

/** An instance that the harness hosts in a process of its own began a life (from 1 on): calls are measured there, and the kernel is asked about its thread. */
export interface Hosted {
  readonly kind: "hosted";
  readonly at: Millis;
  readonly instance: number;
  readonly life: number;
  /** Its callbacks for jobs that lost their places are notes of the history. Absent in histories from before they were taken down. */
  readonly reports?: true;
}

/** The observer asked Redis directly, past every fault, and had its answer after `took`. */
interface ObserverLook {
  readonly kind: "observer_read";
  readonly at: Millis;
  readonly took: Millis;
  /** Absent in histories from before it was taken down. */
  readonly partition?: number;
}

/** Entries of a feed that were trimmed before the observer had read them, and that the tap did not see either: what the store held between is not known. */
export interface Overlooked {
  readonly kind: "overlooked";
  readonly at: Millis;
  readonly partition: number;
  readonly epoch: string;
  /** Sequences, both included. */
  readonly from: number;
  readonly to: number;
}

/** One call of an instance to Redis, as its store saw it. */
export interface StoreCall {
  readonly kind: "store_call";
  readonly instance: number;
  readonly script: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly deadline: Millis;
  readonly outcome: string;
}

/** A call of an instance to its store was still in flight, long past its deadline. Whether it ever ended is not known. */
export interface Overdue {
  readonly kind: "overdue";
  readonly at: Millis;
  readonly instance: number;
  readonly operation: string;
  readonly from: Millis;
  readonly deadline: Millis;
}

/** An instance asked for nodes of a partition: the nodes named, or a page of all of them. */
export interface NodeRequest {
  readonly kind: "request";
  readonly instance: number;
  readonly partition: number;
  readonly from: Millis;
  readonly to: Millis;
  /** After it the answer is not waited for. */
  readonly deadline?: Millis;
  readonly nodes: readonly string[];
  /** `first`: a load of the whole partition begins; `none`: only the nodes named. */
  readonly page: "first" | "next" | "none";
  readonly outcome: string;
}

/** An instance asked the store for a place on a node, for a client's reserve or within a dispatch, and was answered that the node is full. */
export interface NodeFull {
  readonly kind: "node_full";
  readonly instance: number;
  readonly node: string;
  readonly job: string;
  readonly from: Millis;
  readonly to: Millis;
  readonly version: Version;
}

/** The server was asked for one node by name, as its MONITOR showed it; the time is the server's own. */
interface Served {
  readonly kind: "served";
  readonly at: Millis;
  readonly instance: number;
  readonly node: string;
}

/** How often one instance's connections, or the scripts that they called, ran one command, as MONITOR showed it. */
export interface CommandCount {
  readonly kind: "commands";
  readonly instance: number;
  /** `evalsha`, `client|setname`. */
  readonly command: string;
  readonly count: number;
  /** Whether it is one of those that a user of the scheduler needs. */
  readonly declared: boolean;
}

/** Scripts and code were searched for locks. */
export interface LockSearch {
  readonly kind: "lock_search";
  readonly files: number;
  readonly functions: number;
  readonly found: readonly string[];
}

/** How far an instance's views had come; taken down when it had changed since the last look. */
export interface ViewChange {
  readonly kind: "view";
  readonly at: Millis;
  readonly instance: number;
  /** By partition; null where it holds nothing. */
  readonly views: readonly (Version | null)[];
}

/** One call to the API of Toxiproxy, faults and their healing alike; for stories, never for verdicts. */
interface ProxyCall {
  readonly kind: "proxy_call";
  readonly at: Millis;
  /** When it had been answered. */
  readonly until: Millis;
  readonly method: string;
  /** Absent where the call is about all of them. */
  readonly proxy?: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly outcome: string;
}

/** An instance's report about itself; for messages and marks, never for verdicts. */
interface Note {
  readonly kind: "note";
  readonly at: Millis;
  readonly instance: number;
  readonly what: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The `what` of the note that the process of an instance has ended, and no fault had ended it. */
export const processEnded = "process_ended";

/** The `what` of the note that a hosted instance has called back for jobs that lost their places. */
export const orphansReported = "orphans_reported";

/** The mode and contents of one instance: once everything had healed and the load had ended, and from time to time before. */
export interface Sample {
  readonly kind: "sample";
  readonly at: Millis;
  readonly instance: number;
  readonly mode: string;
  /** By partition; null where it holds nothing. */
  readonly views: readonly (Version | null)[];
  readonly nodes: readonly NodeContent[];
}

export interface Phase {
  readonly kind: "phase";
  readonly at: Millis;
  readonly name: "load" | "healed" | "quiet" | "end";
  readonly calls?: number; // of the end: how many the history has; absent: not known
  readonly observations?: number; // the same of what was observed of the store
}

export type HistoryEvent =
  | Call
  | ModeChange
  | FaultStep
  | InForce
  | FaultMissed
  | Refused
  | Closed
  | Stall
  | Frozen
  | Starved
  | ObserverLook
  | Overlooked
  | Pace
  | Pipe
  | SystemReady
  | Hosted
  | StoreCall
  | Overdue
  | Note
  | Sample
  | Phase
  | LostReply
  | NodeRequest
  | NodeFull
  | Served
  | CommandCount
  | LockSearch
  | ProxyCall
  | LostWakeUp
  | ViewChange;

type OfKind<Kind extends HistoryEvent["kind"]> = Extract<HistoryEvent, { readonly kind: Kind }>;

export function ofKind<Kind extends HistoryEvent["kind"]>(
  history: readonly HistoryEvent[],
  kind: Kind,
): readonly OfKind<Kind>[] {
  return history.filter((event): event is OfKind<Kind> => event.kind === kind);
}

/** When the named phase began; NaN where it never did. */
export function phaseAt(history: readonly HistoryEvent[], name: Phase["name"]): Millis {
  return ofKind(history, "phase").find((phase) => phase.name === name)?.at ?? Number.NaN;
}

export function versionText({ epoch, sequence }: Version): string {
  return `${epoch}:${sequence}`;
}
