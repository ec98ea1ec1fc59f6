/** The reference scheduler: one instance, put together. What it knows of the world comes in through the ports. */

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
import type { Instant } from "../protocol/time.ts";
import type { PartitionTag, Version } from "../protocol/version.ts";
import type { Observer, OrphansCallback, Scheduler, StartOptions, Status } from "./api.ts";
import { type CallOptions, Calls } from "./calls/calls.ts";
import { Tasks } from "./calls/tasks.ts";
import { ClosedError } from "./errors.ts";
import type { Emit, EventPayload, Orphans, SchedulerEvent } from "./events.ts";
import { ConfigFollower } from "./following/config-follower.ts";
import { Follower } from "./following/follower.ts";
import { ProgressListeners } from "./following/progress.ts";
import { ReplySize } from "./following/reply-size.ts";
import { sweepForEver } from "./following/sweeper.ts";
import { invariant } from "./invariant.ts";
import { ModeKeeper } from "./mode/mode-keeper.ts";
import { ModeSupervisor } from "./mode/supervisor.ts";
import type { Ports } from "./ports.ts";
import { Caches } from "./reading/caches.ts";
import { type NodeAnswer, Reads } from "./reading/reads.ts";
import { type Dispatched, Dispatcher, type DispatchOptions, type DispatchRequest } from "./selection/dispatch.ts";
import { Reservations } from "./selection/reservations.ts";
import { type Selection, type SelectionRequest, selectNodes } from "./selection/select.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { NodeIndex } from "./view/node-index.ts";
import { partitionOf } from "./view/partition-of.ts";
import { putConfig } from "./writing/config-writer.ts";
import { type HeartbeatRequest, type RegisterRequest, type ReserveOptions, Writes } from "./writing/writes.ts";

export type { Scheduler } from "./api.ts";

/** @param observe is called in step with what happens, and has to return at once; a throw of its own is a fault. Without one, no event is made of
 * an answer or a selection.
 * @throws SettingsError
 */
export function createScheduler(ports: Ports, settings: Partial<Settings> = {}, observe?: Observer): Scheduler {
  return new Instance(ports, resolveSettings(settings), observe);
}

class Instance implements Scheduler {
  readonly #ports: Ports;
  readonly #emit: Emit;
  readonly #tasks: Tasks;
  readonly #mode: ModeKeeper;
  readonly #calls: Calls;
  readonly #followers: readonly Follower[];
  readonly #config: ConfigFollower;
  readonly #progress: ProgressListeners;
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #dispatcher: Dispatcher;
  readonly #select: (wanted: SelectionRequest) => Selection;
  readonly #supervisor: ModeSupervisor;
  readonly #sweep: (follower: Follower, signal: AbortSignal) => Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #onOrphaned = new Set<OrphansCallback>();
  #isStarted = false;
  #isReady = false;
  #isConnected = false;
  #closing: Promise<void> | null = null;
  #fault: { readonly error: unknown } | null = null;

  constructor(ports: Ports, settings: Settings, observe: Observer | undefined) {
    const { clock, random, store } = ports;
    this.#ports = ports;
    const isWatched = observe !== undefined;
    const emit: Emit = isWatched ? (payload) => observe(timed(payload, clock.now())) : () => {};
    this.#emit = emit;
    const tasks = new Tasks((task, error) => this.#stopFor(task, error));
    const mode = new ModeKeeper(clock, settings, emit);
    const calls = new Calls(clock, settings, mode, emit);
    const caches = new Caches(settings, random("l1_ttl"));
    const reservations = new Reservations(settings.partitions);
    const index = new NodeIndex(settings.maxEntries);
    const progress = new ProgressListeners(emit, settings.partitions + 1);
    const hooks = {
      changed: caches.changed.bind(caches),
      forget: caches.forget.bind(caches),
      advanced: reservations.advanced.bind(reservations),
      pageLoaded: progress.page.bind(progress),
      loaded: progress.partition.bind(progress),
    };
    const world = { clock, store, settings, calls, mode, tasks, emit, isWatched, isOpen: () => this.#closing === null };
    const [l2Ttl, size] = [random("l2_ttl"), new ReplySize()];
    const reporting = { callBack: this.#reportOrphans.bind(this), hasCallback: () => this.#onOrphaned.size > 0 };
    const followers = Array.from(
      { length: settings.partitions },
      (_, partition) => new Follower({ ...world, ...reporting, hooks, index, random: l2Ttl, size }, partition),
    );
    const config = new ConfigFollower({
      ...world,
      random: random("config_ttl"),
      loaded: () => progress.partition("cfg"),
    });
    const followerOf = (node: string): Follower => {
      const follower = followers[partitionOf(node, settings.partitions)];
      invariant(follower !== undefined, "every partition has a follower", { node });
      return follower;
    };
    const [tokens, ttls, ties, spread] = [
      random("registration"),
      random("heartbeat_ttl"),
      random("select"),
      random("sweep"),
    ];
    this.#tasks = tasks;
    this.#mode = mode;
    this.#calls = calls;
    this.#followers = followers;
    this.#config = config;
    this.#progress = progress;
    this.#reads = new Reads({ ...world, caches, followerOf });
    this.#writes = new Writes({ ...world, reservations, tokens, ttls, followerOf });
    const plan = () => config.plan;
    const selecting = { ...world, followers, index, plan, reservations, random: ties };
    this.#select = (wanted) => selectNodes(selecting, wanted);
    this.#dispatcher = new Dispatcher({ ...world, writes: this.#writes, select: this.#select });
    this.#supervisor = new ModeSupervisor({ ...world, followers, config, onNormal: () => this.#backInNormal() });
    this.#sweep = (follower, signal) => sweepForEver({ ...world, random: spread }, follower, signal);
    // A caller that does not await `start` still learns of a failure: from the `fault` event, and from `close`.
    this.#ready.promise.catch(() => {});
  }

  start({ onProgress, signal }: StartOptions = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (onProgress !== undefined) this.#progress.listen(onProgress);
    if (!this.#isStarted && this.#closing === null) this.#begin();
    if (signal !== undefined && !this.#isReady) this.#closeOn(signal);
    return this.#ready.promise;
  }

  close({ signal }: CallOptions = {}): Promise<void> {
    this.#closing ??= this.#close();
    if (signal?.aborted) this.#calls.close();
    else signal?.addEventListener("abort", () => this.#calls.close(), { once: true });
    return this.#closing;
  }

  async registerNode(request: RegisterRequest, options?: CallOptions): Promise<Answer<RegisterReply>> {
    this.#refuse(options);
    return this.#writes.registerNode(request, options);
  }

  async heartbeat(request: HeartbeatRequest, options?: CallOptions): Promise<Answer<HeartbeatReply>> {
    this.#refuse(options);
    return this.#writes.heartbeat(request, options);
  }

  async offlineNode(node: string, incarnation?: string, options?: CallOptions): Promise<Answer<OfflineReply>> {
    this.#refuse(options);
    return this.#writes.offlineNode(node, incarnation, options);
  }

  async reserveJob(node: string, job: string, options?: ReserveOptions): Promise<Answer<ReserveReply>> {
    this.#refuse(options);
    return this.#writes.reserveJob(node, job, options);
  }

  async completeJob(node: string, job: string, options?: CallOptions): Promise<Answer<FinishReply>> {
    this.#refuse(options);
    return this.#ended(node, job, await this.#writes.completeJob(node, job, options));
  }

  async releaseJob(node: string, job: string, options?: CallOptions): Promise<Answer<FinishReply>> {
    this.#refuse(options);
    return this.#ended(node, job, await this.#writes.releaseJob(node, job, options));
  }

  /** Not `async`: an answer from L1 costs one promise, the one that is returned. */
  getNode(node: string, options?: CallOptions): Promise<NodeAnswer> {
    if (this.#fault === null && options?.signal?.aborted !== true) {
      const quick = this.#reads.fromL1(node);
      if (quick !== null) return Promise.resolve(quick);
    }
    return this.#getNode(node, options);
  }

  selectNodes(wanted: SelectionRequest): Selection {
    this.#refuse();
    return this.#select(wanted);
  }

  async dispatch(request: DispatchRequest, options?: DispatchOptions): Promise<Dispatched> {
    this.#refuse(options);
    return this.#dispatcher.dispatch(request, options);
  }

  config(): StoredConfig | null {
    return this.#config.config;
  }

  async putConfig(
    config: ConfigContent,
    expected: Version | null,
    options?: CallOptions,
  ): Promise<Answer<PutConfigReply>> {
    this.#refuse(options);
    const ports = { store: this.#ports.store, calls: this.#calls, follower: this.#config };
    return putConfig(ports, config, expected, options);
  }

  onOrphaned(callback: OrphansCallback): () => void {
    const own: OrphansCallback = (orphans) => callback(orphans);
    this.#onOrphaned.add(own);
    return () => {
      this.#onOrphaned.delete(own);
    };
  }

  status(): Status {
    const view = this.#followers.map((follower) => follower.view.version);
    return { mode: this.#mode.mode, connected: this.#isConnected, view, calls: this.#calls.inFlight };
  }

  nodes(partition: number): readonly NodeState[] {
    return [...(this.#followers[partition]?.view.nodes() ?? [])];
  }

  #begin(): void {
    this.#isStarted = true;
    const { signal } = this.#tasks;
    this.#ports.feed.start({
      woken: (partition, version) => this.#woken(partition, version),
      connected: () => this.#connected(),
      disconnected: (reason) => this.#disconnected(reason),
    });
    this.#tasks.spawn("mode supervisor", () => this.#supervisor.run(signal));
    for (const follower of this.#followers) {
      this.#tasks.spawn(`sweep partition ${follower.partition}`, () => this.#sweep(follower, signal));
    }
  }

  #closeOn(signal: AbortSignal): void {
    const stop = () => {
      this.#ready.reject(signal.reason);
      this.close({ signal }).catch(() => {}); // a fault has been reported already
    };
    const settled = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    this.#ready.promise.then(settled, settled);
  }

  async #getNode(node: string, options: CallOptions | undefined): Promise<NodeAnswer> {
    this.#refuse(options);
    return this.#reads.getNode(node, options?.signal);
  }

  #reportOrphans(orphans: Orphans): boolean | Promise<boolean> | null {
    this.#emit({ kind: "jobs_orphaned", ...orphans });
    const current = this.#followers[orphans.partition]?.view.version.epoch ?? "";
    const dispatchedHere = this.#dispatcher.orphaned(orphans.node, orphans.jobs, { ...orphans, current });
    if (this.#onOrphaned.size === 0) return null;
    const answers = Array.from(this.#onOrphaned, (callback) => callback({ ...orphans, dispatchedHere }));
    return takenBy(answers);
  }

  #woken(partition: PartitionTag, version: Version): void {
    if (partition === "cfg") this.#config.wake(version);
    else this.#followers[partition]?.wake(version);
  }

  #ended(node: string, job: string, answer: Answer<FinishReply>): Answer<FinishReply> {
    if (answer.kind === "completed") this.#dispatcher.ended(node, job);
    return answer;
  }

  #connected(): void {
    if (this.#closing !== null) return;
    this.#isConnected = true;
    this.#emit({ kind: "feed_connected" });
    if (!this.#mode.isNormal) return;
    for (const follower of [...this.#followers, this.#config]) void follower.refresh(); // supervised
  }

  #disconnected(reason: string): void {
    if (this.#closing !== null) return;
    this.#isConnected = false;
    this.#emit({ kind: "feed_disconnected", reason });
  }

  #backInNormal(): void {
    this.#reportReady();
    for (const follower of this.#followers) follower.reportLosses();
  }

  #reportReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#progress.over();
    this.#emit({ kind: "ready" });
    this.#ready.resolve();
  }

  async #close(): Promise<void> {
    this.#tasks.stop();
    await this.#calls.drained();
    this.#calls.close();
    await this.#tasks.ended();
    await this.#ports.feed.close();
    await this.#ports.store.close();
    this.#isConnected = false;
    this.#emit({ kind: "closed" });
    this.#ready.reject(new ClosedError("closed before it was ready"));
    if (this.#fault !== null) throw this.#fault.error;
  }

  #stopFor(task: string, error: unknown): void {
    if (this.#fault !== null) return;
    this.#fault = { error };
    this.#tasks.stop();
    this.#calls.close();
    this.#ready.reject(error);
    this.#emit({ kind: "fault", task, error });
  }

  /** @throws the fault that has stopped us; the reason of a signal that has aborted */
  #refuse(options?: CallOptions): void {
    if (this.#fault !== null) throw this.#fault.error;
    options?.signal?.throwIfAborted();
  }
}

/** Whether one of the callbacks has taken the jobs; where one promises it, that is known only later. */
function takenBy(answers: readonly unknown[]): boolean | Promise<boolean> {
  if (!answers.some((answer) => answer instanceof Promise)) return answers.some((answer) => answer !== false);
  return Promise.allSettled(answers).then((all) =>
    all.some((answer) => answer.status === "fulfilled" && answer.value !== false),
  );
}

/** Adds the time in place: emitters create the payload for this call and keep no reference to it. A copy would cost for every store call. */
function timed(payload: EventPayload & { at?: Instant }, at: Instant): SchedulerEvent {
  payload.at = at;
  return payload as SchedulerEvent;
}
