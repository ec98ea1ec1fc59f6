/**
 * The events of a simulated run: the input of the judges, and the content of the trace.
 * `at`: milliseconds of virtual time since the start of the load; before it, below 0.
 */
import type { Change, Command, ConfigCommand, ConfigReply, Reply } from "../../../model/partition/command.ts";
import type { Partition } from "../../../model/partition/partition.ts";
import type { ConfigPartition } from "../../../model/partition/rules/config.ts";
import type { Call, NodeOffer, Op, Wish } from "../../check/history.ts";
import type { StoredConfig } from "../../protocol/configuration.ts";
import type { NodeState } from "../../protocol/node.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { PartitionTag, Version } from "../../protocol/version.ts";
import type { OrphanedJobs } from "../../scheduler/api.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";

export type Script = Command["kind"] | "put_config" | "read_config" | "check_config";

/** A command before the store adds what every call carries. */
type Bare<Any> = Any extends unknown ? Omit<Any, "at" | "partitions" | "feedMax"> : never;
export type Asked = Bare<Command>;
export type ConfigAsked = Bare<ConfigCommand>;

export type Question =
  | { readonly kind: "nodes"; readonly partition: number; readonly asked: Asked }
  | { readonly kind: "config"; readonly asked: ConfigAsked };

export type LinkName = "commands" | "feed";

/** A client calls an instance. */
export interface Called {
  readonly kind: "called";
  readonly at: Millis;
  readonly call: number;
  readonly instance: number;
  readonly op: Op;
  readonly node: string;
  readonly job: string;
  /** The offer of a registration. */
  readonly offer?: NodeOffer | undefined;
  /** The lease that a reserve asks for. */
  readonly lease?: Millis | undefined;
  /** The wish of a selection or a dispatch. */
  readonly asked?: Wish | undefined;
}

/** The client has its answer; with `to: null` it never got one. */
export interface Returned {
  readonly kind: "returned";
  readonly at: Millis;
  readonly call: Call;
}

/** A request leaves an instance. */
export interface Sent {
  readonly kind: "sent";
  readonly at: Millis;
  readonly instance: number;
  readonly request: number;
  readonly script: Script;
  readonly partition: PartitionTag;
  readonly question: Question;
  /** How long its sender waits for the reply. */
  readonly deadline: Millis;
}

/** A request has reached the store and has run, in one step. */
export interface Stepped {
  readonly kind: "stepped";
  readonly at: Millis;
  /** Which server: one that has been promoted or restarted is another. */
  readonly server: number;
  readonly instance: number;
  readonly request: number;
  readonly partition: number;
  readonly command: Command;
  readonly before: Partition;
  readonly after: Partition;
  readonly reply: Reply;
  readonly changes: readonly Change[];
}

export interface ConfigStepped {
  readonly kind: "config_stepped";
  readonly at: Millis;
  readonly server: number;
  readonly instance: number;
  readonly request: number;
  readonly command: ConfigCommand;
  readonly before: ConfigPartition;
  readonly after: ConfigPartition;
  readonly reply: ConfigReply;
}

/** The server answered with an error and ran nothing. */
export interface Refused {
  readonly kind: "refused";
  readonly at: Millis;
  readonly instance: number;
  readonly request: number;
  readonly script: Script;
  readonly cause: Failure["cause"] | "no_script";
}

/** A call of an instance to its store has ended, for the instance. */
export interface Settled {
  readonly kind: "settled";
  readonly at: Millis;
  readonly instance: number;
  readonly request: number;
  readonly script: Script;
  readonly partition: PartitionTag;
  readonly from: Millis;
  readonly deadline: Millis;
  readonly outcome: "answered" | Failure["cause"];
  /** Its caller had aborted it before. */
  readonly isAborted?: true;
  /** Its client keeps no timeout for it. */
  readonly isUntimed?: true;
}

/** A message that will never arrive. */
export interface Lost {
  readonly kind: "lost";
  readonly at: Millis;
  readonly instance: number;
  readonly what: "request" | "reply" | "wake_up";
  /** 0 of a wake-up. */
  readonly request: number;
  /** The partition and version of a wake-up; null for the others. */
  readonly partition: PartitionTag | null;
  readonly version: Version | null;
}

/** We withheld the reply of a call that the store had run. */
export interface Withheld {
  readonly kind: "withheld";
  readonly at: Millis;
  readonly instance: number;
  readonly request: number;
  readonly script: Script;
  readonly node: string;
  readonly job: string;
  /** Its first word. */
  readonly reply: string;
}

/** A wake-up reaches an instance. */
export interface Woken {
  readonly kind: "woken";
  readonly at: Millis;
  readonly instance: number;
  readonly partition: PartitionTag;
  readonly version: Version;
}

/** A connection as its instance sees it. */
export interface LinkChanged {
  readonly kind: "link";
  readonly at: Millis;
  readonly instance: number;
  readonly link: LinkName;
  readonly state: "up" | "down";
  readonly reason: string;
}

/** A fault is injected or healed. */
export interface FaultDone {
  readonly kind: "fault";
  readonly at: Millis;
  /** Its place in the plan's list. */
  readonly fault: number;
  readonly name: string;
  /** null: the server, hence all. */
  readonly instance: number | null;
  readonly link: LinkName | "server" | "process";
  readonly step: "inject" | "heal";
  /** While it is in force no command can be answered within its deadline. */
  readonly cutsOff: boolean;
}

export interface InstanceChanged {
  readonly kind: "instance";
  readonly at: Millis;
  readonly instance: number;
  readonly state: "started" | "crashed" | "paused" | "resumed" | "closing";
}

/** The counters in the metrics of one life of an instance at the end of the run. */
export interface Counted {
  readonly kind: "counted";
  readonly at: Millis;
  readonly instance: number;
  /** Counted from 1, for each instance. */
  readonly life: number;
  /** By series: `name{label=value,…}`. */
  readonly counters: ReadonlyMap<string, number>;
}

/** An instance has been closed, or its process ends after that: what it has left of timers and of connections. */
export interface Closed {
  readonly kind: "closed";
  readonly at: Millis;
  readonly instance: number;
  readonly timers: number;
  readonly connections: number;
}

/** The store itself: `lost` names the servers' data that are gone. */
export interface ServerChanged {
  readonly kind: "server";
  readonly at: Millis;
  readonly server: number;
  readonly what:
    | "restarted"
    | "emptied"
    | "promoted"
    | "demoted"
    | "slot_moved"
    | "clock_moved"
    | "scripts_flushed"
    | "entries_deleted";
  /** Whether the data of the partitions have changed with it. */
  readonly data: "kept" | "behind" | "lost";
}

/** An event that an instance emits. */
export interface Said {
  readonly kind: "scheduler";
  readonly at: Millis;
  readonly instance: number;
  readonly what: SchedulerEvent;
}

/** An instance calls back for jobs that lost their places. */
export interface OrphansReported extends OrphanedJobs {
  readonly kind: "orphans_reported";
  readonly at: Millis;
  readonly instance: number;
}

/** The versions of an instance and of the store, compared at intervals after the load has ended and everything has healed. */
export interface Compared {
  readonly kind: "compared";
  readonly at: Millis;
  readonly instance: number;
  readonly mode: string;
  /** By partition; epoch "" where it holds nothing. */
  readonly views: readonly Version[];
  /** By partition; null: no epoch has begun. */
  readonly store: readonly (Version | null)[];
}

/** The whole content of an instance and of the store, at the beginning of the load and at the end. */
export interface Sighted {
  readonly kind: "sighted";
  readonly at: Millis;
  readonly instance: number;
  readonly mode: string;
  readonly views: readonly Version[];
  readonly nodes: readonly NodeState[];
  /** The configuration as the instance has it, and as the store does. */
  readonly config: { readonly shown: StoredConfig | null; readonly stored: StoredConfig | null };
}

export interface Truth {
  readonly kind: "truth";
  readonly at: Millis;
  readonly partition: number;
  readonly state: Partition;
}

export interface PhaseBegun {
  readonly kind: "phase";
  readonly at: Millis;
  readonly name: "load" | "healed" | "quiet" | "end";
}

export type SimEvent =
  | Called
  | Returned
  | Sent
  | Stepped
  | ConfigStepped
  | Refused
  | Settled
  | Lost
  | Withheld
  | Woken
  | LinkChanged
  | FaultDone
  | InstanceChanged
  | Closed
  | Counted
  | ServerChanged
  | Said
  | OrphansReported
  | Compared
  | Sighted
  | Truth
  | PhaseBegun;

export type SimEventKind = SimEvent["kind"];

const kinds: Readonly<Record<SimEventKind, true>> = {
  called: true,
  returned: true,
  sent: true,
  stepped: true,
  config_stepped: true,
  refused: true,
  settled: true,
  lost: true,
  withheld: true,
  woken: true,
  link: true,
  fault: true,
  instance: true,
  closed: true,
  counted: true,
  server: true,
  scheduler: true,
  orphans_reported: true,
  compared: true,
  sighted: true,
  truth: true,
  phase: true,
};

/** For listeners to all events. */
export const simEventKinds = Object.keys(kinds) as readonly SimEventKind[];
