/** Follows every partition over connections of its own that no fault touches: what it sees is the truth that judges use. */
import type { Redis } from "ioredis";
import type { Millis, Version } from "../../check/history.ts";
import type { Entry, Observation } from "../../check/observation.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";
import { createConnection } from "../../redis/connection/connection.ts";
import { type Keyspace, keyspace } from "../../redis/scripts/keys.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import { compileScripts } from "../../redis/store.ts";
import type { Servers } from "../network/servers.ts";
import { FeedTap } from "./feed-tap.ts";
import type { Recorder } from "./recorder.ts";
import { entryOf, look, type Sight, type Trimmed } from "./sight.ts";

/** Between two looks, and of those every so many with a dump. */
const every = 20;
const dumpEvery = 5;
/** With more nodes than this a dump takes the server and us too long to be made beside the load. */
const mostDumped = 200;
/** How long a server may hold back writes: a failover by Sentinels takes seconds. */
const pauseAtMost = 20_000;
/** A feed that keeps less than this may be trimmed between two looks, so its server is listened to as well; it costs the server some time. */
const shortFeed = 1_000;
/** A server closes connections when it changes its part; ours are back soon. */
const backWithin = { deadline: 5_000, interval: 2 };

/** One partition as one server holds it. */
interface Followed {
  readonly partition: number;
  readonly space: Keyspace;
  /** null: whichever is right about the partition. */
  readonly server: RedisServer | null;
  seen: Version;
  /** Of the server's tap, at the last look. */
  gaps: number;
  /** Nodes of the last dump. */
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
  /** Not looked at: nothing can be written to them, or nothing can be read. */
  readonly #hidden = new Set<number>();
  /** What was seen of servers that took over while others went on under the one before; null: there is no split. */
  #later: Observation[] | null = null;
  #isStopped = false;
  #looks = 0;
  /** Looks follow one another, so that what they saw is recorded in its order. */
  #last: Promise<void> = Promise.resolve();

  private constructor(servers: Servers, { clients, taps }: Eyes, options: ObserverOptions) {
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

  /** Connects to every server, has it compile the scripts, and begins to look. @throws when one cannot be reached */
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
    observer.#stopped.promise.catch(() => {}); // whoever disposes of it is told
    return observer;
  }

  /** Looks now, with dumps. */
  async dump(): Promise<void> {
    await this.#lookNext(true);
  }

  /** Holds back the writes of a server, until `release`, and looks a last time: nothing that it ever held is then unknown. */
  async quiesce(server: RedisServer = this.#servers.primary): Promise<void> {
    await this.hold(server);
    await untilThrough(() => this.#lookNext(true, "all"));
  }

  /** The server holds back all writes from now on. */
  async hold(server: RedisServer): Promise<void> {
    await this.command(server, "CLIENT", "PAUSE", String(pauseAtMost), "WRITE");
  }

  async release(server: RedisServer): Promise<void> {
    await this.command(server, "CLIENT", "UNPAUSE");
  }

  /** A command that may be repeated, over the observer's own connection: again on the next one where it breaks. */
  async command(server: RedisServer, name: string, ...args: string[]): Promise<unknown> {
    const client = this.#clientOf(server);
    return await untilThrough(async () => await client.call(name, ...args));
  }

  /** Several in one write, so that the server runs them one right after the other. @returns what each is answered @throws the first error */
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

  /** Not looked at any more until `show`. */
  async hide(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#hidden.add(partition);
    await this.#last;
  }

  /** Looked at again, and at once. */
  async show(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) this.#hidden.delete(partition);
    await untilThrough(() => this.#lookNext(true, "all"));
  }

  /**
   * `server`, which is right so far, is followed further besides the one that takes over with `exchange`: what the two tell is told apart, and
   * what `server` tells comes first.
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

  /** The server that was followed besides holds nothing any more that counts. */
  async join(): Promise<void> {
    await this.#last;
    this.#followed = this.#followed.filter(({ server }) => server === null);
    for (const one of this.#later ?? []) this.#recorder.observed(one);
    this.#later = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    // A look at a server that stands still would keep us waiting; the run is over, so nothing of it is missed.
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

  /** @param whom `all`: a server that cannot be asked is an error */
  #lookNext(withDump: boolean, whom: "all" | "there" = "there"): Promise<void> {
    const next = this.#last.then(() => this.#lookAtAll(withDump, whom));
    this.#last = next.catch(() => {});
    return next;
  }

  async #lookAtAll(withDump: boolean, whom: "all" | "there"): Promise<void> {
    for (const followed of this.#followed) {
      if (this.#hidden.has(followed.partition)) continue;
      const client = this.#clients.get(followed.server ?? this.#servers.primaryOf(followed.partition));
      // Away only while the server is being restarted or changes its part, by us; a look that fails then is made up for by the next.
      if (client === undefined || (whom === "there" && client.status !== "ready")) continue;
      const looking = this.#lookAt(followed, client, withDump);
      await (whom === "all" ? looking : looking.catch(rethrowUnlessAway));
    }
  }

  async #lookAt(followed: Followed, client: Redis, withDump: boolean): Promise<void> {
    const { partition, space, seen } = followed;
    const startedAt = this.#recorder.moment();
    const now = () => this.#recorder.now();
    const { work } = this.#recorder;
    const sight = await look({ client, space, partition, since: seen, withDump, now, work });
    this.#recorder.event({ kind: "weather", at: now(), took: now() - this.#recorder.at(startedAt), partition });
    const isLater = followed.server === null && this.#later !== null && this.#isSplit(partition);
    const note = (one: Observation): void => {
      if (isLater) this.#later?.push(one);
      else this.#recorder.observed(one);
    };
    for (const entry of await this.#missedBy(sight, followed, client)) note(entry);
    for (const entry of sight.entries) note(entry);
    if (sight.dump !== null) {
      note(sight.dump);
      followed.nodes = sight.dump.nodes.length;
    }
    if (sight.version !== null) followed.seen = sight.version;
  }

  /** What had been trimmed before the look, as the server's tap heard it. What that cannot have heard either is told: nobody can judge without it. */
  async #missedBy({ at, trimmed, version }: Sight, followed: Followed, client: Redis): Promise<readonly Entry[]> {
    const tap = this.#taps.get(client);
    if (tap === undefined || version === null) return [];
    const { gaps } = followed;
    const heardAll = trimmed === null || (await tap.catchUp((marker) => client.call("ECHO", marker)));
    const entries = trimmed === null ? [] : heardBy(tap, followed, trimmed, at);
    if (trimmed !== null && entries.length <= trimmed.to - trimmed.from && !(heardAll && gaps === tap.gaps))
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
function heardBy(
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

interface Eyes {
  readonly clients: ReadonlyMap<RedisServer, Redis>;
  readonly taps: ReadonlyMap<Redis, FeedTap>;
}

export interface ObserverOptions {
  readonly prefix: string;
  readonly partitions: number;
  /** Changes that a feed keeps. */
  readonly feedMax: number;
  readonly recorder: Recorder;
}

const tuning = { silence: 5_000, reconnectAfter: () => 5, name: "observer" } as const;

/** Again and again while the connection is away, for 5 s. @throws at once whatever a server that is there answers */
async function untilThrough<Value>(attempt: () => Promise<Value>): Promise<Value> {
  let last: unknown;
  const done = await waitFor(async () => {
    try {
      return { value: await attempt() };
    } catch (error) {
      rethrowUnlessAway(error);
      last = error;
      return undefined;
    }
  }, backWithin);
  if (done === undefined) throw last;
  return done.value;
}

/** Errors of the connection are expected around a restart; what the store should never hold is not. */
function rethrowUnlessAway(error: unknown): void {
  if (error instanceof Error && error.name !== "ReplyError") return;
  // A server that cannot be asked just now answers with an error reply of its own, which has the same name as ours.
  if (error instanceof Error && /^(LOADING|MASTERDOWN|BUSY)/.test(error.message)) return;
  throw error;
}
