/**
 * A scheduler that is not ours, on the ports of the simulator: `lockproof simulate --scheduler docs/example/naive/scheduler.ts --scenario silent-nodes`.
 * It follows the feed and answers from its view, and has neither caches nor the modes, health scores and fair choices that other scenarios ask for.
 * In a program of your own the types come `from "lockproof/simulate"`.
 */
import type {
  CallOptions,
  CreateScheduler,
  Dispatched,
  DispatchOptions,
  DispatchRequest,
  FeedEntry,
  HeartbeatRequest,
  NodeAnswer,
  NodeState,
  Observer,
  Ports,
  Random,
  RegisterRequest,
  ReserveOptions,
  Scheduler,
  Selection,
  SelectionRequest,
  Settings,
  Version,
} from "../../../src/simulate/elsewhere/types.ts";

/** What is wrong with it: places whose lease ended stay taken in its view. */
export type Flaw = "misses-lapses";

/** Milliseconds. */
const timeout = 30;
const pollEvery = 100;
const sweepEvery = 500;
const ttl = 15_000;
const lease = 60_000;

interface Partition {
  version: Version;
  confirmedAt: number;
  nodes: Map<string, NodeState>;
  /** Ends the pause before the next read. */
  wake: AbortController;
}

export const createScheduler: CreateScheduler = naive();

export function naive(flaw?: Flaw): CreateScheduler {
  return (ports, settings, observe) => new Naive(ports, settings, observe, flaw);
}

class Naive implements Scheduler {
  readonly #ports: Ports;
  readonly #settings: Partial<Settings>;
  readonly #observe: Observer;
  readonly #flaw: Flaw | undefined;
  readonly #tokens: Random;
  readonly #order: Random;
  readonly #partitions: readonly Partition[];
  readonly #closed = new AbortController();
  #mode: "normal" | "l2_only" = "l2_only";
  #isConnected = false;

  constructor(ports: Ports, settings: Partial<Settings>, observe: Observer, flaw: Flaw | undefined) {
    this.#ports = ports;
    this.#settings = settings;
    this.#observe = observe;
    this.#flaw = flaw;
    // A stream begins anew each time that it is asked for.
    this.#tokens = ports.random("registration");
    this.#order = ports.random("select");
    this.#partitions = Array.from({ length: settings.partitions ?? 8 }, () => ({
      version: { epoch: "", sequence: 0 },
      confirmedAt: Number.NEGATIVE_INFINITY,
      nodes: new Map(),
      wake: new AbortController(),
    }));
  }

  async start(): Promise<void> {
    this.#ports.feed.start({
      woken: (partition) => {
        if (partition !== "cfg") this.#partitions[partition]?.wake.abort();
      },
      connected: () => {
        this.#isConnected = true;
        for (const { wake } of this.#partitions) wake.abort();
      },
      disconnected: () => {
        this.#isConnected = false;
      },
    });
    for (const index of this.#partitions.keys()) {
      void this.#follow(index);
      void this.#sweep(index);
    }
    while (this.#mode !== "normal" && !this.#isClosed) await this.#ports.clock.sleep(5, this.#closed.signal);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const { wake } of this.#partitions) wake.abort();
    await Promise.all([this.#ports.feed.close(), this.#ports.store.close()]);
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  async #follow(index: number): Promise<void> {
    const own = this.#partition(index);
    while (!this.#isClosed) {
      own.wake = new AbortController();
      const asked = this.#ports.clock.now();
      const isRead = await this.#read(index);
      if (isRead) own.confirmedAt = asked;
      this.#turn(isRead);
      const isWoken = own.wake.signal.aborted;
      if (!isWoken && !this.#isClosed) await this.#ports.clock.sleep(pollEvery, own.wake.signal);
    }
  }

  #turn(isRead: boolean): void {
    const to = isRead && this.#partitions.every(({ version }) => version.epoch !== "") ? "normal" : "l2_only";
    if (to === this.#mode) return;
    const at = this.#ports.clock.now();
    this.#observe({ kind: "mode_changed", at, from: this.#mode, to, cause: isRead ? "resynced" : "disconnected" });
    this.#mode = to;
  }

  /** @returns whether the partition is as the store had it after the call began */
  async #read(index: number): Promise<boolean> {
    const { clock, store } = this.#ports;
    const own = this.#partition(index);
    for (;;) {
      const reply = await store.changesSince({ partition: index, since: own.version, limit: 500 }, timeout);
      if (reply.kind === "failed") return false;
      if (reply.kind === "resync") return await this.#load(index);
      if (reply.entries.length === 0) return true;
      for (const entry of reply.entries) {
        if (this.#flaw === "misses-lapses" && entry.change.kind === "lapsed")
          own.version = { epoch: own.version.epoch, sequence: entry.sequence };
        else apply(own, entry);
      }
      const entries = reply.entries.length;
      this.#observe({ kind: "view_advanced", at: clock.now(), partition: index, version: own.version, entries });
    }
  }

  /** All pages, which have to be of one version: a store that changes all the time is never loaded. */
  async #load(index: number): Promise<boolean> {
    const { clock, store } = this.#ports;
    const startedAt = clock.now();
    const nodes = new Map<string, NodeState>();
    let [ids, after, pages]: [readonly string[], string, number] = [[], "", 0];
    let version: Version | null = null;
    for (;;) {
      const page = await store.snapshot({ partition: index, nodes: ids, after, limit: 200 }, timeout);
      if (page.kind === "failed") return false;
      if (version !== null && (version.epoch !== page.version.epoch || version.sequence !== page.version.sequence))
        return false;
      version = page.version;
      pages += 1;
      for (const node of page.nodes) if (node !== null) nodes.set(node.node, node);
      if (page.next.length === 0) break;
      ids = page.next;
      after = ids.at(-1) ?? after;
    }
    Object.assign(this.#partition(index), { nodes, version });
    const at = clock.now();
    this.#observe({ kind: "resynced", at, partition: index, version, nodes: nodes.size, pages, took: at - startedAt });
    return true;
  }

  async #sweep(index: number): Promise<void> {
    const { clock, store } = this.#ports;
    const limits = { retention: 3_600_000, limit: 50, jobLimit: 500, gap: 3 * sweepEvery, grace: 12_000, offset: 0 };
    while (!this.#isClosed) {
      await clock.sleep(sweepEvery, this.#closed.signal);
      let candidates: readonly string[] = [];
      for (let round = 0; round < 10 && !this.#isClosed; round += 1) {
        const reply = await store.sweep({ partition: index, ...limits, candidates }, timeout);
        if (reply.kind === "failed" || reply.due.length === 0) break;
        candidates = reply.due;
      }
    }
  }

  #partition(index: number): Partition {
    const found = this.#partitions[index];
    if (found === undefined) throw new RangeError(`partition ${index}: there is none`);
    return found;
  }

  #of(node: string): { readonly partition: number; readonly known: NodeState | undefined; readonly at: number } {
    const partition = partitionOf(node, this.#partitions.length);
    const { confirmedAt, nodes } = this.#partition(partition);
    return { partition, known: nodes.get(node), at: confirmedAt };
  }

  registerNode({ expected, registration, ...offer }: RegisterRequest) {
    const { known, partition } = this.#of(offer.node);
    const token = registration ?? String(this.#tokens.nextUint32());
    const lists = { pools: sorted(offer.pools), services: sorted(offer.services), languages: pairs(offer.languages) };
    const replaced = expected === undefined ? (known?.incarnation ?? null) : expected;
    const request = { ...offer, ...lists, partition, ttl: this.#settings.heartbeatTtl ?? ttl };
    return this.#ports.store.registerNode({ ...request, registration: token, expected: replaced }, timeout);
  }

  heartbeat({ incarnation, metrics, node, running, seq }: HeartbeatRequest) {
    const { partition } = this.#of(node);
    const { cpu = null, gpu = null, memory = null, load = null, latency_ms = null, error_rate = null } = metrics;
    const readings = { cpu, gpu, memory, load, latency_ms, error_rate };
    const request = { partition, node, incarnation, seq, chunk: 0, running: running.slice(0, 500), health_milli: 500 };
    const times = { ttl: this.#settings.heartbeatTtl ?? ttl, lease: this.#settings.lease ?? lease };
    return this.#ports.store.heartbeat({ ...request, ...times, metrics: readings }, timeout);
  }

  offlineNode(node: string, incarnation?: string) {
    const { known, partition } = this.#of(node);
    const request = { partition, node, incarnation: incarnation ?? known?.incarnation ?? "", retention: 3_600_000 };
    return this.#ports.store.offlineNode(request, timeout);
  }

  async reserveJob(node: string, job: string, options: ReserveOptions = {}) {
    options.signal?.throwIfAborted();
    const { known, partition } = this.#of(node);
    const held = options.lease ?? this.#settings.lease ?? lease;
    return await this.#ports.store.reserveJob(
      { partition, node, job, lease: held, seen: known?.finished ?? 0 },
      timeout,
    );
  }

  completeJob(node: string, job: string) {
    const { partition } = this.#of(node);
    return this.#ports.store.completeJob({ partition, node, job, doneFor: 600_000, doneMax: 1_000 }, timeout);
  }

  releaseJob(node: string, job: string) {
    return this.#ports.store.releaseJob({ partition: this.#of(node).partition, node, job }, timeout);
  }

  async getNode(node: string): Promise<NodeAnswer> {
    const { at, known } = this.#of(node);
    const age = this.#ports.clock.now() - at;
    const what = { found: known !== undefined, ...(known && { node: known }) };
    return { ...what, source: "l1", age_ms: age, stale: this.#mode !== "normal", mode: this.#mode };
  }

  selectNodes({ count, pool, services, source, target }: SelectionRequest): Selection {
    const suits = (node: NodeState): boolean =>
      node.status === "online" &&
      node.current_jobs < node.max_jobs &&
      (pool === undefined || node.pools.includes(pool)) &&
      node.languages.some((pair) => pair.source === source && pair.target === target) &&
      services.every((service) => node.services.includes(service));
    const drawn = this.#partitions
      .flatMap(({ nodes }) => [...nodes.values()].filter(suits))
      .map((node) => ({ node, order: this.#order.nextUint32() }))
      .sort((one, other) => one.order - other.order);
    const nodes = drawn.slice(0, count).map(({ node }) => node);
    const pools = pool === undefined ? [] : [pool];
    return { nodes, pools, mode: this.#mode, stale: this.#mode !== "normal", took: 0 };
  }

  async dispatch({ job, ...wanted }: DispatchRequest, options: DispatchOptions = {}): Promise<Dispatched> {
    options.signal?.throwIfAborted();
    const tried: string[] = [];
    for (const { node } of this.selectNodes({ ...wanted, count: options.attempts ?? 5 }).nodes) {
      tried.push(node);
      const reply = await this.reserveJob(node, job, { lease: options.lease });
      if (reply.kind === "failed") return { ...reply, node };
      const { kind, version } = reply;
      if (kind === "finished" || kind === "finished_unknown") return { kind, node };
      if (kind === "reserved" || kind === "already") return { kind: "dispatched", node, version, outcome: kind };
    }
    return { kind: "no_node", tried };
  }

  config() {
    return null;
  }

  putConfig(...[content, expected, _options]: [Parameters<Scheduler["putConfig"]>[0], Version | null, CallOptions?]) {
    return this.#ports.store.putConfig({ content, expected }, timeout);
  }

  onOrphaned(): () => void {
    return () => {};
  }

  status() {
    const view = this.#partitions.map(({ version }) => version);
    return { mode: this.#mode, connected: this.#isConnected, view, calls: 0 };
  }

  nodes(partition: number): readonly NodeState[] {
    return [...this.#partition(partition).nodes.values()];
  }
}

function apply(own: Partition, { change, sequence }: FeedEntry): void {
  own.version = { epoch: own.version.epoch, sequence };
  const { kind, node } = change;
  const before = own.nodes.get(node);
  const now = { version: own.version, current_jobs: 0 };
  if (kind === "removed") own.nodes.delete(node);
  else if (kind === "registered") {
    const { orphaned: _, kind: __, ...offer } = change;
    own.nodes.set(node, { ...offer, ...now, status: "online" });
  } else if (before !== undefined) {
    const { version } = own;
    if ("orphaned" in change) own.nodes.set(node, { ...before, ...now, status: change.kind });
    else if ("health_milli" in change) own.nodes.set(node, { ...before, version, health_milli: change.health_milli });
    else {
      const finished = "finished" in change ? change.finished : before.finished;
      own.nodes.set(node, { ...before, version, current_jobs: change.current_jobs, finished });
    }
  }
}

/** FNV-1a of the bytes of the id, as docs/protocol.md says: every program finds a node in the same partition. */
function partitionOf(node: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(node)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitions;
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

function pairs(languages: RegisterRequest["languages"]): RegisterRequest["languages"] {
  return sorted(languages.map(({ source, target }) => `${source}\n${target}`)).map((pair) => {
    const [source = "", target = ""] = pair.split("\n");
    return { source, target };
  });
}
