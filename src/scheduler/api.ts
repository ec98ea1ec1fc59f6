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
 * Every method that waits takes a `signal`. A read or a start that is aborted rejects with the signal's reason. So does a write that was
 * not sent yet; one that was sent answers `aborted`, applied "unknown".
 */
export interface Scheduler {
  /** Loads everything, then resolves; keeps trying while Redis is away. An abort closes the instance.
   * @throws LayoutError when the store has another number of partitions; ClosedError when closed before
   */
  start(options?: StartOptions): Promise<void>;
  /** Drains: nothing new is taken on, calls in flight end, each by its deadline. An abort ends those at once, with cause "closed".
   * @throws the fault, when one of ours had stopped the scheduler
   */
  close(options?: CallOptions): Promise<void>;
  registerNode(request: RegisterRequest, options?: CallOptions): Promise<Answer<RegisterReply>>;
  heartbeat(request: HeartbeatRequest, options?: CallOptions): Promise<Answer<HeartbeatReply>>;
  offlineNode(node: string, incarnation?: string, options?: CallOptions): Promise<Answer<OfflineReply>>;
  reserveJob(node: string, job: string, options?: ReserveOptions): Promise<Answer<ReserveReply>>;
  completeJob(node: string, job: string, options?: CallOptions): Promise<Answer<FinishReply>>;
  releaseJob(node: string, job: string, options?: CallOptions): Promise<Answer<FinishReply>>;
  getNode(node: string, options?: CallOptions): Promise<NodeAnswer>;
  selectNodes(wanted: SelectionRequest): Selection;
  dispatch(request: DispatchRequest, options?: DispatchOptions): Promise<Dispatched>;
  /** Phase3Config as this instance follows it; null before the first. */
  config(): StoredConfig | null;
  /** @param expected the version of the configuration that this one is to replace; null: there is none yet */
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
  status(): Status;
  /** The nodes of a partition in the view: for judges. */
  nodes(partition: number): readonly NodeState[];
}
