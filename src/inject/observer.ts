/** Follows every partition over a connection of its own that no fault touches: what it sees is the truth that judges use. */
import type { Redis } from "ioredis";
import type { Version } from "../check/history.ts";
import { createConnection } from "../redis/connection.ts";
import { type Keyspace, keyspace } from "../redis/keys.ts";
import { loadScripts } from "../redis/scripts.ts";
import { compileScripts } from "../redis/store.ts";
import type { Recorder } from "./recorder.ts";
import { look } from "./sight.ts";

/** Between two looks, and of those every so many with a dump. */
const every = 20;
const dumpEvery = 5;
/** With more nodes than this a dump takes the server and us too long to be made beside the load. */
const mostDumped = 200;
/** How long the server may hold back writes while it is looked at for the last time. */
const pauseAtMost = 2_000;

interface Followed {
  readonly partition: number;
  readonly space: Keyspace;
  seen: Version;
  /** Nodes of the last dump. */
  nodes: number;
}

export class StoreObserver implements AsyncDisposable {
  readonly #client: Redis;
  readonly #followed: readonly Followed[];
  readonly #recorder: Recorder;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopped = false;
  #looks = 0;
  /** Looks follow one another, so that what they saw is recorded in its order. */
  #last: Promise<void> = Promise.resolve();

  private constructor(client: Redis, prefix: string, partitions: number, recorder: Recorder) {
    this.#client = client;
    this.#recorder = recorder;
    this.#followed = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      space: keyspace(prefix, `p${partition}`),
      seen: { epoch: "", sequence: 0 },
      nodes: 0,
    }));
  }

  /** Connects, has the server compile the scripts, and begins to look. @throws when the server cannot be reached */
  static async open(url: string, prefix: string, partitions: number, recorder: Recorder): Promise<StoreObserver> {
    const silence = 2_000;
    const client = createConnection({ url, silence, reconnectAfter: () => 10, name: "observer" }, "commands");
    await client.connect();
    await compileScripts(client, loadScripts());
    const observer = new StoreObserver(client, prefix, partitions, recorder);
    observer.#run().then(observer.#stopped.resolve, observer.#stopped.reject);
    observer.#stopped.promise.catch(() => {}); // whoever disposes of it is told
    return observer;
  }

  /** Looks now, with dumps. */
  async dump(): Promise<void> {
    await this.#lookNext(true);
  }

  /** Holds back all writes and looks a last time: nothing that the server ever held is then unknown, and it may be killed. */
  async quiesce(): Promise<void> {
    await this.#client.call("CLIENT", "PAUSE", String(pauseAtMost), "WRITE");
    await this.#lookNext(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await this.#stopped.promise;
    this.#client.disconnect();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const startedAt = performance.now();
      this.#looks += 1;
      // Away only while the server is being restarted, by us; a look that fails then is made up for by the next.
      const withDump = this.#looks % dumpEvery === 0 && this.#isSmall();
      if (this.#client.status === "ready") await this.#lookNext(withDump).catch(rethrowUnlessAway);
      const rest = Math.max(1, every - (performance.now() - startedAt));
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }

  #isSmall(): boolean {
    return this.#followed.reduce((sum, { nodes }) => sum + nodes, 0) <= mostDumped;
  }

  #lookNext(withDump: boolean): Promise<void> {
    const next = this.#last.then(() => this.#lookAtAll(withDump));
    this.#last = next.catch(() => {});
    return next;
  }

  async #lookAtAll(withDump: boolean): Promise<void> {
    for (const followed of this.#followed) {
      const { partition, space, seen } = followed;
      const startedAt = this.#recorder.now();
      const now = () => this.#recorder.now();
      const sight = await look({ client: this.#client, space, partition, since: seen, withDump, now });
      this.#recorder.event({ kind: "weather", at: now(), took: now() - startedAt });
      for (const entry of sight.entries) this.#recorder.observed(entry);
      if (sight.dump !== null) {
        this.#recorder.observed(sight.dump);
        followed.nodes = sight.dump.nodes.length;
      }
      if (sight.version !== null) followed.seen = sight.version;
    }
  }
}

/** Errors of the connection are expected around a restart; what the store should never hold is not. */
function rethrowUnlessAway(error: unknown): void {
  if (error instanceof Error && error.name !== "ReplyError" && error.name !== "LayoutError") return;
  // A server that is loading answers with an error reply of its own, which has the same name as ours.
  if (error instanceof Error && /^(LOADING|MASTERDOWN)/.test(error.message)) return;
  throw error;
}
