/** The reference scheduler: one instance, put together. What it knows of the world comes in through the ports. */
import { Caches } from "./caches.ts";
import { Calls } from "./calls.ts";
import { type Dispatched, Dispatcher, type DispatchRequest } from "./dispatch.ts";
import { ClosedError } from "./errors.ts";
import type { Emit, SchedulerEvent } from "./events.ts";
import { Follower } from "./follower.ts";
import { invariant } from "./invariant.ts";
import type { Mode } from "./mode.ts";
import { ModeKeeper } from "./mode-keeper.ts";
import { partitionOf } from "./partition-of.ts";
import type { Answer, FinishReply, HeartbeatReply, NodeState, Ports, ReserveReply, Version } from "./ports.ts";
import { type NodeAnswer, Reads } from "./reads.ts";
import { Reservations } from "./reservations.ts";
import { type Selection, selectNodes, type Wanted } from "./select.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { Steward } from "./steward.ts";
import { sweepForEver } from "./sweeper.ts";
import { Tasks } from "./tasks.ts";
import {
  type HeartbeatRequest,
  type OfflineOutcome,
  type RegisterOutcome,
  type RegisterRequest,
  Writes,
} from "./writes.ts";

export interface Status {
  readonly mode: Mode;
  /** Whether the subscription stands. */
  readonly connected: boolean;
  /** Per partition, in order; epoch "" before anything was read. */
  readonly view: readonly Version[];
  /** Store calls under way. */
  readonly calls: number;
}

export type Observer = (event: SchedulerEvent) => void;

export interface Scheduler {
  /** Loads everything, then resolves; goes on trying while Redis is away.
   * @throws LayoutError when the store has another number of partitions; ClosedError when closed before
   */
  start(): Promise<void>;
  /** Ends everything that runs; calls under way end with cause "closed".
   * @throws the fault, when one of ours had stopped the scheduler
   */
  close(): Promise<void>;
  registerNode(request: RegisterRequest): Promise<Answer<RegisterOutcome>>;
  heartbeat(request: HeartbeatRequest): Promise<Answer<HeartbeatReply>>;
  offlineNode(node: string, incarnation?: string): Promise<Answer<OfflineOutcome>>;
  reserveJob(node: string, job: string): Promise<Answer<ReserveReply>>;
  completeJob(node: string, job: string): Promise<Answer<FinishReply>>;
  releaseJob(node: string, job: string): Promise<Answer<FinishReply>>;
  getNode(node: string): Promise<NodeAnswer>;
  selectNodes(wanted: Wanted): Selection;
  dispatch(request: DispatchRequest): Promise<Dispatched>;
  status(): Status;
  /** What is believed of a partition: for judges. */
  nodes(partition: number): readonly NodeState[];
}

/** @param observe is called in step with what happens, and has to return at once; a throw of its own is a fault
 * @throws SettingsError
 */
export function createScheduler(
  ports: Ports,
  settings: Partial<Settings> = {},
  observe: Observer = () => {},
): Scheduler {
  return new Instance(ports, resolveSettings(settings), observe);
}

class Instance implements Scheduler {
  readonly #ports: Ports;
  readonly #emit: Emit;
  readonly #tasks: Tasks;
  readonly #mode: ModeKeeper;
  readonly #calls: Calls;
  readonly #followers: readonly Follower[];
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #dispatcher: Dispatcher;
  readonly #select: (wanted: Wanted) => Selection;
  readonly #steward: Steward;
  readonly #sweep: (follower: Follower, signal: AbortSignal) => Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  #isStarted = false;
  #isReady = false;
  #isConnected = false;
  #closing: Promise<void> | null = null;
  #fault: { readonly error: unknown } | null = null;

  constructor(ports: Ports, settings: Settings, observe: Observer) {
    const { clock, random, store } = ports;
    this.#ports = ports;
    const emit: Emit = (happening) => observe({ ...happening, at: clock.now() });
    this.#emit = emit;
    const tasks = new Tasks((task, error) => this.#stopFor(task, error));
    const mode = new ModeKeeper(clock, settings, emit);
    const calls = new Calls(clock, settings, mode, emit);
    const caches = new Caches(settings, random("l1_ttl"));
    const reservations = new Reservations(settings.partitions);
    const hooks = {
      changed: caches.changed.bind(caches),
      forget: caches.forget.bind(caches),
      advanced: reservations.advanced.bind(reservations),
    };
    const world = { clock, store, settings, calls, mode, tasks, emit };
    const l2Ttl = random("l2_ttl");
    const followers = Array.from(
      { length: settings.partitions },
      (_, partition) => new Follower({ ...world, hooks, random: l2Ttl }, partition),
    );
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
    this.#reads = new Reads({ ...world, caches, followerOf });
    this.#writes = new Writes({ ...world, reservations, tokens, ttls, followerOf });
    this.#select = (wanted) => selectNodes({ clock, followers, reservations, mode, random: ties, emit }, wanted);
    this.#dispatcher = new Dispatcher({ settings, writes: this.#writes, emit, select: this.#select });
    this.#steward = new Steward({ ...world, followers, onNormal: () => this.#tellReady() });
    this.#sweep = (follower, signal) => sweepForEver({ ...world, random: spread }, follower, signal);
    // Whoever does not wait for `start` still hears of a failure: by the `fault` event, and from `close`.
    this.#ready.promise.catch(() => {});
  }

  start(): Promise<void> {
    if (this.#isStarted || this.#closing !== null) return this.#ready.promise;
    this.#isStarted = true;
    const { signal } = this.#tasks;
    this.#ports.feed.start({
      woken: (partition, version) => this.#followers[partition]?.wake(version),
      connected: () => this.#connected(),
      disconnected: (reason) => this.#disconnected(reason),
    });
    this.#tasks.spawn("steward", () => this.#steward.run(signal));
    for (const follower of this.#followers) {
      this.#tasks.spawn(`sweep partition ${follower.partition}`, () => this.#sweep(follower, signal));
    }
    return this.#ready.promise;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async registerNode(request: RegisterRequest): Promise<Answer<RegisterOutcome>> {
    this.#refuseAfterFault();
    return this.#writes.registerNode(request);
  }

  async heartbeat(request: HeartbeatRequest): Promise<Answer<HeartbeatReply>> {
    this.#refuseAfterFault();
    return this.#writes.heartbeat(request);
  }

  async offlineNode(node: string, incarnation?: string): Promise<Answer<OfflineOutcome>> {
    this.#refuseAfterFault();
    return this.#writes.offlineNode(node, incarnation);
  }

  async reserveJob(node: string, job: string): Promise<Answer<ReserveReply>> {
    this.#refuseAfterFault();
    return this.#writes.reserveJob(node, job);
  }

  async completeJob(node: string, job: string): Promise<Answer<FinishReply>> {
    this.#refuseAfterFault();
    return this.#ended(job, await this.#writes.completeJob(node, job));
  }

  async releaseJob(node: string, job: string): Promise<Answer<FinishReply>> {
    this.#refuseAfterFault();
    return this.#ended(job, await this.#writes.releaseJob(node, job));
  }

  async getNode(node: string): Promise<NodeAnswer> {
    this.#refuseAfterFault();
    return this.#reads.getNode(node);
  }

  selectNodes(wanted: Wanted): Selection {
    this.#refuseAfterFault();
    return this.#select(wanted);
  }

  async dispatch(request: DispatchRequest): Promise<Dispatched> {
    this.#refuseAfterFault();
    return this.#dispatcher.dispatch(request);
  }

  status(): Status {
    const view = this.#followers.map((follower) => follower.view.version);
    return { mode: this.#mode.mode, connected: this.#isConnected, view, calls: this.#calls.underWay };
  }

  nodes(partition: number): readonly NodeState[] {
    return [...(this.#followers[partition]?.view.nodes() ?? [])];
  }

  #ended(job: string, answer: Answer<FinishReply>): Answer<FinishReply> {
    if (answer.kind === "completed") this.#dispatcher.forget(job);
    return answer;
  }

  #connected(): void {
    if (this.#closing !== null) return;
    this.#isConnected = true;
    this.#emit({ kind: "feed_connected" });
    if (!this.#mode.isNormal) return;
    for (const follower of this.#followers) void follower.refresh(); // supervised
  }

  #disconnected(reason: string): void {
    if (this.#closing !== null) return;
    this.#isConnected = false;
    this.#emit({ kind: "feed_disconnected", reason });
  }

  #tellReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#emit({ kind: "ready" });
    this.#ready.resolve();
  }

  async #close(): Promise<void> {
    this.#tasks.stop();
    this.#calls.close();
    await this.#tasks.ended();
    await this.#ports.feed.close();
    await this.#ports.store.close();
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

  #refuseAfterFault(): void {
    if (this.#fault !== null) throw this.#fault.error;
  }
}
