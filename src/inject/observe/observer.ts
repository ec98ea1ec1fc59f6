/** Follows every partition over connections of its own that no fault affects: its observations are the truth that judges use. */
import type { Redis } from "ioredis";
import type { Millis, Version } from "../../check/history.ts";
import type { Entry, Observation } from "../../check/observed/observation.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { createConnection } from "../../redis/connection/connection.ts";
import { type Keyspace, keyspace } from "../../redis/scripts/keys.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import { compileScripts } from "../../redis/store.ts";
import type { Servers } from "../network/servers.ts";
import { FeedTap } from "./feed-tap.ts";
import { entryOf, type PartitionRead, readPartition, type Trimmed } from "./partition-read.ts";
import type { Recorder } from "./recorder.ts";
import { checkError, untilAnswered } from "./restarting.ts";

/** ms between two looks; every so many of them include a dump. */
const every = 20;
const dumpEvery = 5;
/** With more nodes than this a dump takes too long to be made during the load. */
const mostDumped = 200;
/** The longest time for which a server holds back writes: a failover by Sentinels takes seconds. */
const pauseAtMost = 20_000;
/** A feed that keeps fewer changes may be trimmed between two looks, so a tap reads its server too, which costs the server some time. */
const shortFeed = 1_000;

/** One partition as one server holds it. */
interface Followed {
  readonly partition: number;
  readonly space: Keyspace;
  /** null: the current primary of the partition. */
  readonly server: RedisServer | null;
  seen: Version;
  /** The gaps of the server's tap at the last look. */
  gaps: number;
  /** The number of nodes in the last dump. */
  nodes: number;
}

export class StoreObserver implements AsyncDisposable {
  readonly #servers: Servers;
  readonly #clients: ReadonlyMap<RedisServer, Redis>;
  /** Empty where the feeds are long. */
  readonly #taps: ReadonlyMap<Redis, FeedTap>;
  readonly #recorder: Recorder;
  readonly #stopped = Promise.withResolvers<void>();
  #followed: readonly Followed[];
  /** Partitions that are not read for now: they cannot be written, or not be read. */
  readonly #hidden = new Set<number>();
  /** Observations of the new primary during a split brain; null: there is none. */
  #later: Observation[] | null = null;
  #isStopped = false;
  #looks = 0;
  /** Looks run one after another, so that their observations are recorded in order. */
  #last: Promise<void> = Promise.resolve();

  private constructor(servers: Servers, { clients, taps }: Connections, options: ObserverOptions) {
    this.#servers = servers;
    this.#clients = clients;
    this.#taps = taps;
    this.#recorder = options.recorder;
    this.#followed = Array.from({ length: options.partitions }, (_, partition) => ({
      partition,
      space: keyspace(options.prefix, `p${partition}`),
      server: null,
      seen: { epoch: "", sequence: 0 },
      gaps: 0,
      nodes: 0,
    }));
  }

  /** Connects to every server, has it compile the scripts, and begins to look. @throws Error when one cannot be reached */
  static async open(servers: Servers, options: ObserverOptions): Promise<StoreObserver> {
    const clients = new Map<RedisServer, Redis>();
    const taps = new Map<Redis, FeedTap>();
    const observer = new StoreObserver(servers, { clients, taps }, options);
    try {
      for (const server of servers.data) {
        const client = createConnection({ url: server.url, ...tuning }, "commands");
        clients.set(server, client);
        client.on("ready", () => options.recorder.work.measureListenersOf(client.stream));
        await client.connect();
        await compileScripts(client, loadScripts());
        if (options.feedMax < shortFeed) taps.set(client, await FeedTap.open(server.port, options.recorder.work));
      }
    } catch (error) {
      for (const tap of taps.values()) tap[Symbol.dispose]();
      for (const client of clients.values()) client.disconnect();
      throw error;
    }
    observer.#run().then(observer.#stopped.resolve, observer.#stopped.reject);
    observer.#stopped.promise.catch(() => {}); // rethrown when the observer is disposed of
    return observer;
  }

  /** Looks now, with dumps. */
  async dump(): Promise<void> {
    await this.#lookNext(true);
  }

  /** Holds back the writes of a server, until `release`, and looks once more: everything that it ever held is known then. */
  async quiesce(server: RedisServer = this.#servers.primary): Promise<void> {
    await this.hold(server);
    await untilAnswered(() => this.#lookNext(true, "all"));
  }

  /** The server holds back all writes from now on. */
  async hold(server: RedisServer): Promise<void> {
    await this.command(server, "CLIENT", "PAUSE", String(pauseAtMost), "WRITE");
  }

  async release(server: RedisServer): Promise<void> {
    await this.command(server, "CLIENT", "UNPAUSE");
  }

  /** Sends a command that may be repeated over the observer's own connection; where that breaks, over the next one. */
  async command(server: RedisServer, name: string, ...args: string[]): Promise<unknown> {
    const client = this.#clientOf(server);
    return await untilAnswered(async () => await client.call(name, ...args));
  }

  /** Sends several commands in one write, so that the server runs them one right after the other. @returns the replies @throws the first error */
  async commands(
    server: RedisServer,
    ...lines: readonly (readonly [string, ...string[]])[]
  ): Promise<readonly unknown[]> {
    const pipeline = this.#clientOf(server).pipeline();
    for (const [name, ...args] of lines) pipeline.call(name, ...args);
    const answers = (await pipeline.exec()) ?? [];
    for (const [error] of answers) if (error !== null) throw error;
    return answers.map(([, answer]) => answer);
  }

  /** Stops reading the partitions until `show`. */
  async hide(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#hidden.add(partition);
    await this.#last;
  }

  /** Reads them again, at once. */
  async show(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#hidden.delete(partition);
    await untilAnswered(() => this.#lookNext(true, "all"));
  }

  /**
   * Follows `server`, the primary so far, in addition to the one that takes over with `exchange`. Their observations are kept apart, and those of
   * `server` are recorded first.
   */
  async split(server: RedisServer, partitions: readonly number[], exchange: () => void): Promise<void> {
    const next = this.#last.then(() => {
      const parted = this.#followed.filter(({ partition }) => partitions.includes(partition));
      this.#later = [];
      this.#followed = [...this.#followed, ...parted.map((one) => ({ ...one, server }))];
      exchange();
    });
    this.#last = next;
    await next;
  }

  /** Ends the split: the former primary is not followed any more. */
  async join(): Promise<void> {
    await this.#last;
    this.#followed = this.#followed.filter(({ server }) => server === null);
    for (const one of this.#later ?? []) this.#recorder.observed(one);
    this.#later = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    // A look at a paused server would block; the run is over, so nothing is missed.
    for (const client of this.#clients.values()) client.disconnect();
    for (const tap of this.#taps.values()) tap[Symbol.dispose]();
    await this.#stopped.promise;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const startedAt = performance.now();
      this.#looks += 1;
      const withDump = this.#looks % dumpEvery === 0 && this.#isSmall();
      await this.#lookNext(withDump);
      const rest = Math.max(1, every - (performance.now() - startedAt));
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }

  #isSmall(): boolean {
    return this.#followed.reduce((sum, { nodes }) => sum + nodes, 0) <= mostDumped;
  }

  /** @param required `all`: an unavailable server is an error */
  #lookNext(withDump: boolean, required: "all" | "available" = "available"): Promise<void> {
    const next = this.#last.then(() => this.#lookAtAll(withDump, required));
    this.#last = next.catch(() => {});
    return next;
  }

  async #lookAtAll(withDump: boolean, required: "all" | "available"): Promise<void> {
    for (const followed of this.#followed) {
      if (this.#hidden.has(followed.partition)) continue;
      const client = this.#clients.get(followed.server ?? this.#servers.primaryOf(followed.partition));
      // Unavailable only while a fault restarts the server or changes its role; the next look reads what a failed one missed.
      if (client === undefined || (required === "available" && client.status !== "ready")) continue;
      const looking = this.#lookAt(followed, client, withDump);
      await (required === "all" ? looking : looking.catch(checkError));
    }
  }

  async #lookAt(followed: Followed, client: Redis, withDump: boolean): Promise<void> {
    const { partition, space, seen } = followed;
    const recorder = this.#recorder;
    const startedAt = recorder.moment();
    const { work } = recorder;
    // The load may begin while a look is on its way: its times are moments until they are recorded.
    const now = () => recorder.moment();
    const read = await readPartition({ client, space, partition, since: seen, withDump, now, work });
    recorder.event({ kind: "observer_read", at: recorder.now(), took: now() - startedAt, partition });
    const isLater = followed.server === null && this.#later !== null && this.#isSplit(partition);
    const note = (seenAt: Observation): void => {
      const one = { ...seenAt, at: recorder.at(seenAt.at) };
      if (isLater) this.#later?.push(one);
      else recorder.observed(one);
    };
    for (const entry of await this.#missedBy(read, followed, client)) note(entry);
    for (const entry of read.entries) note(entry);
    if (read.dump !== null) {
      note(read.dump);
      followed.nodes = read.dump.nodes.length;
    }
    if (read.version !== null) followed.seen = read.version;
  }

  /** Entries that were trimmed before the look, from the server's tap. Entries that the tap missed too are recorded as overlooked: they leave claims open. */
  async #missedBy(
    { at, trimmed, version }: PartitionRead,
    followed: Followed,
    client: Redis,
  ): Promise<readonly Entry[]> {
    const tap = this.#taps.get(client);
    if (tap === undefined || version === null) return [];
    const { gaps } = followed;
    const isComplete = trimmed === null || (await tap.catchUp((marker) => client.call("ECHO", marker)));
    const entries = trimmed === null ? [] : receivedBy(tap, followed, trimmed, at);
    if (trimmed !== null && entries.length <= trimmed.to - trimmed.from && !(isComplete && gaps === tap.gaps))
      this.#recorder.overlooked({
        kind: "overlooked",
        at: this.#recorder.now(),
        partition: followed.partition,
        ...trimmed,
      });
    followed.gaps = tap.gaps;
    tap.forget(followed.space.feed, version);
    return entries;
  }

  #isSplit(partition: number): boolean {
    return this.#followed.some((one) => one.partition === partition && one.server !== null);
  }

  #clientOf(server: RedisServer): Redis {
    const client = this.#clients.get(server);
    if (client === undefined) throw new Error(`the observer does not know the redis-server on port ${server.port}`);
    return client;
  }
}

/** @param at of the look that came too late for them */
function receivedBy(
  tap: FeedTap,
  { partition, space }: Followed,
  { epoch, from, to }: Trimmed,
  at: Millis,
): readonly Entry[] {
  const entries: Entry[] = [];
  for (let sequence = from; sequence <= to; sequence += 1) {
    const flat = tap.entry(space.feed, { epoch, sequence });
    if (flat !== undefined) entries.push(entryOf(flat, { partition, at, epoch, sequence }));
  }
  return entries;
}

interface Connections {
  readonly clients: ReadonlyMap<RedisServer, Redis>;
  readonly taps: ReadonlyMap<Redis, FeedTap>;
}

export interface ObserverOptions {
  readonly prefix: string;
  readonly partitions: number;
  /** The number of changes that a feed keeps. */
  readonly feedMax: number;
  readonly recorder: Recorder;
}

const tuning = { silence: 5_000, reconnectAfter: () => 5, name: "observer" } as const;
