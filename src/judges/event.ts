/**
 * The input of judges: one stream of events for simulated, real and stored runs, in the order of their times. Virtual
 * time is exact. On real servers the store is observed from outside, so that a change was made at some moment from its
 * `since` to its `at`.
 *
 * Times are milliseconds since the start of the load; before it, below 0.
 */
import type { Call, Configuration, Millis, NodeContent, NodeOffer, Op, Version, Wish } from "../check/history.ts";
import type { ConfigurationSeen, ConfigurationStored, ConfigurationTaken } from "./configuration/event.ts";
import type { Closed, Computed, Counted, Emitted, InstanceChanged, ModeChanged } from "./instances/events.ts";
import type { LeasesServed, OrphansReported } from "./jobs/events.ts";
import type { Changed, EpochEnded, EpochStarted, FeedRead, NodeSeen, PartitionSeen, Reached } from "./store-event.ts";
import type { EpochLine, HeldNode } from "./truth.ts";

export type { ConfigurationSeen, ConfigurationStored, ConfigurationTaken } from "./configuration/event.ts";
export type { Closed, Computed, Counted, Emitted, InstanceChanged, ModeChanged } from "./instances/events.ts";
export type { Changed, EpochEnded, EpochStarted, FeedRead, NodeSeen, PartitionSeen, Reached };

/** A client asks an instance for something. */
export interface Called {
  readonly kind: "called";
  readonly at: Millis;
  readonly call: number;
  readonly instance: number;
  readonly op: Op;
  readonly node: string;
  readonly job: string;
  /** The offer of a registration. Absent: it is not known. */
  readonly offer?: NodeOffer | undefined;
  /** The lease that a reserve asks for. Absent: none of its own. */
  readonly lease?: Millis | undefined;
  /** The request of a selection or a dispatch. Absent: it is not known. */
  readonly asked?: Wish | undefined;
  /** The configuration of a `put_config`. Absent: it is not known. */
  readonly configuration?: Configuration | undefined;
}

/** The client has been answered; or, with `to: null`, had not been when the run ended. */
export interface Returned {
  readonly kind: "returned";
  readonly at: Millis;
  readonly call: Call;
}

/** An instance has asked the store for nodes of a partition: for those named, or for a page of all of them. */
export interface Requested {
  readonly kind: "requested";
  readonly at: Millis;
  /** Names the request, for its end. */
  readonly request: number;
  readonly instance: number;
  readonly partition: number;
  readonly nodes: readonly string[];
  /** `first`: a load of the whole partition begins; `none`: only the nodes named. */
  readonly page: "first" | "next" | "none";
  /** How long its sender waits for the answer. */
  readonly deadline: Millis;
}

/** Such a request has ended, for the instance. */
export interface RequestEnded {
  readonly kind: "request_ended";
  readonly at: Millis;
  readonly request: number;
  readonly instance: number;
  /** Whether it was answered, and in time. */
  readonly isHeard: boolean;
  /** Whether it was answered, however late. */
  readonly isAnswered: boolean;
  /** The nodes requested by name that were not there, and in which epoch. Absent: the answer was not observed. */
  readonly missing?: { readonly epoch: string; readonly nodes: readonly string[] };
}

/** A request for one node by name has reached the server, for the first time. */
export interface Served {
  readonly kind: "served";
  readonly at: Millis;
  readonly instance: number;
  /** Absent: it is not known which. */
  readonly request?: number;
  readonly node: string;
}

export type JobScript = "reserve_job" | "complete_job" | "release_job";

/** An instance has asked the store to reserve, complete or release a job. */
export interface JobRequested {
  readonly kind: "job_requested";
  readonly at: Millis;
  /** Names the request, for what becomes of it. */
  readonly request: number;
  readonly instance: number;
  readonly partition: number;
  readonly script: JobScript;
  readonly node: string;
  readonly job: string;
  /** How long the place of a `reserve_job` is to be kept. */
  readonly lease?: Millis;
  /** For how long the job of a `complete_job` is to be remembered, and among how many. */
  readonly doneFor?: Millis;
  readonly doneMax?: number;
  /** How long its sender waits for the answer. */
  readonly deadline: Millis;
}

/** The store has answered an instance that a node has no place for a job. Absent where each run of a script is observed (`job_served`). */
export interface NodeFull {
  readonly kind: "node_full";
  readonly at: Millis;
  readonly from: Millis;
  readonly instance: number;
  readonly node: string;
  readonly job: string;
  readonly version: Version;
}

/** An instance has asked the store to register a node, to renew it or to take it offline. */
export interface NodeRequested extends Pick<JobRequested, "at" | "request" | "instance" | "node"> {
  readonly kind: "node_requested";
  readonly script: "register_node" | "heartbeat" | "offline_node";
  /** How long the node is to be online without another heartbeat, or known after it has gone. */
  readonly lasts: Millis;
}

/** An instance has asked the store to expire what is due. */
export interface SweepRequested {
  readonly kind: "sweep_requested";
  readonly at: Millis;
  readonly instance: number;
  /** How long an expired node is to be known. */
  readonly retention: Millis;
}

/** The store has run such a request; it may do so again, since the network repeats messages. */
export interface JobServed {
  readonly kind: "job_served";
  readonly at: Millis;
  readonly request: number;
  readonly instance: number;
  readonly script: JobScript;
  readonly node: string;
  readonly job: string;
  readonly line: EpochLine;
  /** The version of the partition before it and after it. */
  readonly before: number;
  readonly after: number;
  /** The first word of the reply. */
  readonly reply: string;
}

/** Such a request has ended, for the instance. */
export interface JobRequestEnded {
  readonly kind: "job_request_ended";
  readonly at: Millis;
  readonly request: number;
  readonly instance: number;
  /** `answered`, or why it failed. */
  readonly outcome: string;
}

/** The store has run a script that writes about a node. */
export interface Written {
  readonly kind: "written";
  readonly at: Millis;
  readonly request: number;
  /** The epoch in which it left the partition. */
  readonly line: EpochLine;
  readonly script: string;
  readonly node: string;
  /** Equal for calls of the script that are the same by their arguments. */
  readonly arguments: string;
  /** The node before it and after it; null: there was none. */
  readonly before: HeldNode | null;
  readonly after: HeldNode | null;
  /** The first word of the reply. */
  readonly reply: string;
  /** How many it made. */
  readonly changes: number;
}

/** An instance has sent a call to its store. */
export interface Sent {
  readonly kind: "sent";
  readonly at: Millis;
  readonly instance: number;
  /** Names the call, for its end. Absent: it is not known which end is its. */
  readonly request?: number;
  readonly script: string;
  /** It only asks whether the store answers. Absent: it does more, or what it asks is not known. */
  readonly isProbe?: boolean;
  /** The node and job of a write; empty where it is about none. Absent: it reads, or that is not known. */
  readonly node?: string;
  readonly job?: string;
}

/** A call of an instance to its store has ended, for the instance. */
export interface Settled {
  readonly kind: "settled";
  readonly at: Millis;
  readonly instance: number;
  readonly request?: number;
  readonly script: string;
  readonly from: Millis;
  /** How long the instance may wait for it. */
  readonly deadline: Millis;
  /** `answered`, or why it failed. */
  readonly outcome: string;
  /** The partition of the call; absent: not known. */
  readonly partition?: number | "cfg";
  /** It only asked whether the store answers. Absent: it did more, or what it asked is not known. */
  readonly isProbe?: boolean;
  /** The store's version, as it answered a question what has changed. */
  readonly version?: Version;
  /** A client had aborted it before, so that the instance did not look at its end. */
  readonly isAborted?: true;
  /** Its client keeps no timeout for it, so that the instance's own, with its grace, has to end it. */
  readonly isUntimed?: true;
  /** Whether the answer had every change from the version that was asked about to that one, and in the same epoch. */
  readonly isWhole?: boolean;
}

/** A call of an instance to its store was still in flight long past its deadline, or when the run ended. */
export interface Overdue {
  readonly kind: "overdue";
  readonly at: Millis;
  readonly instance: number;
  readonly script: string;
  readonly from: Millis;
  readonly deadline: Millis;
}

/** The reply of one call was withheld by a fault, after the store had run it. */
export interface ReplyLost {
  readonly kind: "lost_reply";
  readonly at: Millis;
  readonly instance: number;
  readonly script: string;
  readonly node: string;
  readonly job: string;
}

/** An instance has asked again what had become of a reserve without an answer, and has been answered. */
export interface Resolved {
  readonly kind: "resolved";
  readonly at: Millis;
  readonly instance: number;
  readonly node: string;
  readonly job: string;
}

/** A wake-up of the feed will never reach an instance. */
export interface WakeUpLost {
  readonly kind: "lost_wake_up";
  readonly at: Millis;
  readonly instance: number;
  readonly version: Version;
}

/** An instance has lost its connection for commands, or has one again. */
export interface CommandLinkChanged {
  readonly kind: "command_link";
  readonly at: Millis;
  readonly instance: number;
  readonly isUp: boolean;
}

/** From now on no wake-up of the feed can reach an instance, or one can again. */
export interface FeedLinkChanged {
  readonly kind: "feed_link";
  readonly at: Millis;
  readonly instance: number;
  readonly isUp: boolean;
}

/**
 * From now on an instance can learn from the store what has changed in a partition that it ought to follow, or cannot: it has gone to another server, goes to one
 * that has been replaced without its knowledge, or the store does not answer what has changed.
 */
export interface Reach {
  readonly kind: "reach";
  readonly at: Millis;
  readonly instance: number;
  readonly partition: number;
  readonly isReached: boolean;
}

/** An instance's view of a partition has come to another version. */
export interface ViewMoved {
  readonly kind: "view";
  readonly at: Millis;
  readonly instance: number;
  readonly partition: number;
  readonly version: Version;
  /** `feed`: change by change; `load`: the partition was loaded anew, at some moment since it last moved at the least. */
  readonly by: "feed" | "load";
}

/** Something is done to the world. */
export interface FaultStep {
  readonly kind: "fault";
  /** The time from which an injected fault may be in force, or at which a healed one is certainly over. */
  readonly at: Millis;
  /** The time from which an injected fault, or until which a healed one, is certainly in force. Absent: `at`. */
  readonly inForce?: Millis;
  /** Its place in the plan's list. */
  readonly fault: number;
  readonly name: string;
  /** null: the server, hence all. */
  readonly instance: number | null;
  readonly link: string;
  readonly step: "inject" | "heal";
  /** While it is in force no command can be answered within its deadline. */
  readonly cutsOff: boolean;
  /** Why it was not the fault that the plan declares, so that nothing was exercised by it; absent or null: it was. */
  readonly lack?: string | null;
}

export interface PhaseBegun {
  readonly kind: "phase";
  readonly at: Millis;
  readonly name: "load" | "healed" | "quiet" | "end";
}

/** The state of an instance, by its own account. */
export interface Sampled {
  readonly kind: "sample";
  readonly at: Millis;
  readonly instance: number;
  readonly mode: string;
  /** By partition; null where it holds nothing. */
  readonly views: readonly (Version | null)[];
  /** Absent: only how far its views are was looked at. */
  readonly nodes?: readonly NodeContent[];
}

export type JudgeEvent =
  | Called
  | Returned
  | EpochStarted
  | EpochEnded
  | Changed
  | Reached
  | NodeSeen
  | PartitionSeen
  | FeedRead
  | Requested
  | RequestEnded
  | Served
  | JobRequested
  | NodeRequested
  | SweepRequested
  | NodeFull
  | JobServed
  | JobRequestEnded
  | Written
  | Sent
  | Settled
  | Overdue
  | Computed
  | ReplyLost
  | Resolved
  | WakeUpLost
  | CommandLinkChanged
  | FeedLinkChanged
  | Reach
  | ModeChanged
  | ViewMoved
  | OrphansReported
  | LeasesServed
  | FaultStep
  | InstanceChanged
  | Closed
  | Counted
  | Emitted
  | PhaseBegun
  | Sampled
  | ConfigurationTaken
  | ConfigurationStored
  | ConfigurationSeen;

export type JudgeEventKind = JudgeEvent["kind"];
