/** The interface of an instance for the program that embeds it. */

import type { ConfigContent, StoredConfig } from "../protocol/configuration.ts";
import type { NodeState } from "../protocol/node.ts";
import type {
  Answer,
  FinishReply,
  HeartbeatReply,
  OfflineReply,
  PutConfigReply,
  RegisterReply,
  ReserveReply,
} from "../protocol/replies.ts";
import type { Version } from "../protocol/version.ts";
import type { CallOptions } from "./calls/calls.ts";
import type { Orphans, Progress, SchedulerEvent } from "./events.ts";
import type { Mode } from "./mode/mode.ts";
import type { NodeAnswer } from "./reading/reads.ts";
import type { Dispatched, DispatchOptions, DispatchRequest } from "./selection/dispatch.ts";
import type { Selection, SelectionRequest } from "./selection/select.ts";
import type { HeartbeatRequest, RegisterRequest, ReserveOptions } from "./writing/writes.ts";

export interface Status {
  readonly mode: Mode;
  /** Whether the subscription stands. */
  readonly connected: boolean;
  /** Per partition, in order; epoch "" before anything was read. */
  readonly view: readonly Version[];
  /** Store calls in flight. */
  readonly calls: number;
}

export type Observer = (event: SchedulerEvent) => void;

export interface StartOptions extends CallOptions {
  readonly onProgress?: (progress: Progress) => void;
}

export interface OrphanedJobs extends Orphans {
  /** Those of `jobs` whose last dispatch through this instance placed them on `node`, or may have. */
  readonly dispatchedHere: readonly string[];
}

/** Returns at once. A promise says that the jobs are taken over only once it is fulfilled; false, or a promise of it, that they are not. */
export type OrphansCallback = (orphans: OrphanedJobs) => unknown;

/**
 * One instance. Every method that waits takes a `signal`. A read or a start that is aborted rejects with the signal's reason. So does a write that
 * was not sent yet; one that was sent answers `aborted`, applied "unknown".
 *
 * A write never rejects for what Redis does: it answers `failed`, with `applied` "no" or "unknown", and may be repeated. Each is one call of Redis,
 * which ends within `writeDeadline` and `deadlineGrace` (35 ms by default); where `retryAmbiguous` is "all" and the outcome is unknown, two calls.
 * Degraded, overloaded or closed, it fails at once. Once a fault of ours has stopped the instance, these methods and `selectNodes` throw it.
 *
 * Names with underscores are those of the protocol, as Redis and the line protocol have them; all others are in camel case.
 */
export interface Scheduler {
  /** Loads everything, then resolves; keeps trying while Redis is away, so it takes as long as that. A second call waits for the same end. An abort
   * closes the instance.
   * @throws LayoutError when the store has another number of partitions; ClosedError when closed before; the signal's reason
   */
  start(options?: StartOptions): Promise<void>;
  /** Drains: nothing new is taken on, calls in flight end, each by its timeout, and the connections are closed. An abort ends those calls at once,
   * with cause "closed". Reads and selections still answer afterwards, from what is held; writes fail with "closed".
   * @throws the fault, when one of ours had stopped the scheduler
   */
  close(options?: CallOptions): Promise<void>;
  /** Gives a node a new incarnation, which the answer names. Jobs of its former life lose their places.
   * @returns `registered`; `already` for a repetition under the same `registration`; `superseded` where a later one has followed; `conflict` where
   * the node has another incarnation than `expected`; `failed`
   * @throws InvalidInputError for an argument that the protocol does not allow
   */
  registerNode(request: RegisterRequest, options?: CallOptions): Promise<Answer<RegisterReply>>;
  /** Keeps a node online, stores its metrics, and renews the leases of the jobs that it names: one call of Redis for each 500 of them, in turn.
   * @returns `renewed`, with those jobs that have no place there; `already` or `stale` after the same or a later `seq`; `superseded`,
   * `unknown_node` or `not_online`, after which the node drops its jobs and registers again; `failed`
   * @throws InvalidInputError
   */
  heartbeat(request: HeartbeatRequest, options?: CallOptions): Promise<Answer<HeartbeatReply>>;
  /** Takes a node out of service. Its jobs lose their places, and are reported as orphaned.
   * @param incarnation the one that goes; absent: the one that this instance's view shows
   * @returns `offline`, with the jobs; `already`, `superseded` or `unknown_node`, with nothing changed; `failed`
   * @throws InvalidInputError
   */
  offlineNode(node: string, incarnation?: string, options?: CallOptions): Promise<Answer<OfflineReply>>;
  /** Gives a job a place on this node, whatever a selection would say. A repetition changes nothing.
   * @returns `reserved`, or `already`; `full`, `not_online`, `finished` or `finished_unknown`, without a place; `failed`
   * @throws InvalidInputError
   */
  reserveJob(node: string, job: string, options?: ReserveOptions): Promise<Answer<ReserveReply>>;
  /** Ends a job, and remembers it for `doneFor`, so that a late reserve does not place it again. A repetition changes nothing.
   * @returns `completed`; `unknown` where the node has no such job and remembers none; `failed`
   * @throws InvalidInputError
   */
  completeJob(node: string, job: string, options?: CallOptions): Promise<Answer<FinishReply>>;
  /** Gives a job's place back without remembering it: the job may be reserved again. A repetition changes nothing.
   * @returns `completed`; `unknown` where the node has no such job; `failed`
   * @throws InvalidInputError
   */
  releaseJob(node: string, job: string, options?: CallOptions): Promise<Answer<FinishReply>>;
  /** Answers within `budget` (50 ms by default), whatever Redis does, and at once from a cache, degraded or closed.
   * @returns what is known of the node, from where, how old and whether it could be confirmed; `found: false` where there is no such node
   * @throws InvalidInputError; the signal's reason
   */
  getNode(node: string, options?: CallOptions): Promise<NodeAnswer>;
  /** Searches the view at once, without a lock, a wait or a call of Redis, in every mode.
   * @returns nodes with room that fit, the better ones first; none where nothing fits. `reserveJob` checks the room again
   * @throws InvalidInputError
   */
  selectNodes(wanted: SelectionRequest): Selection;
  /** Selects nodes and reserves on one after another until one takes the job. Takes at most two writes for each node that is tried, so 350 ms by
   * default. A dispatch of a job that is being dispatched joins that one.
   * @returns `dispatched`; `finished` or `finished_unknown` where the job has run, or may have; `no_node` where none has room; `failed`, with a node
   * @throws InvalidInputError; the signal's reason, where the job has no place for certain
   */
  dispatch(request: DispatchRequest, options?: DispatchOptions): Promise<Dispatched>;
  /** Phase3Config as this instance follows it, at once; null before the first. */
  config(): StoredConfig | null;
  /** Stores another Phase3Config, if the stored one is still that of `expected`.
   * @param expected the version of the configuration that this one is to replace; null: there is none yet
   * @returns `stored`; `already` where the same content is there; `conflict`, with the version of what is there; `failed`
   * @throws InvalidInputError
   */
  putConfig(config: ConfigContent, expected: Version | null, options?: CallOptions): Promise<Answer<PutConfigReply>>;
  /**
   * Calls back for jobs that lost their node: it went offline, expired or registered anew, or their lease lapsed. In step with the feed, so it
   * has to return at once; a throw of its own is a fault.
   *
   * Each instance that follows the feed reports each loss once, in the order of the feed and before its view shows it. After a resync it reports those
   * that it has missed and that no instance has acknowledged yet. Dispatch again in one place only, or only what is `dispatchedHere`.
   * @returns ends it
   */
  onOrphaned(callback: OrphansCallback): () => void;
  /** The mode, the connection, the view's versions and the calls in flight, at once. Answers after a fault too. */
  status(): Status;
  /** The nodes of a partition in the view, at once; none of a partition that does not exist. For judges. */
  nodes(partition: number): readonly NodeState[];
}
