/**
 * The kind of registry that people move away from: every write takes a lock on the node (SET NX PX), reads the record, changes it and
 * writes it back. It is wrong in the usual way: a holder that is slower than its lock's TTL writes over what the next holder wrote.
 * It lives here only; nothing in src/ may look like it.
 */

import type { LanguagePair } from "../../../src/protocol/node.ts";
import type { Millis } from "../../../src/protocol/time.ts";
import type { NodeOffer } from "../../../src/scheduler/input.ts";
import { type LegacyRegistry, NotAppliedError } from "../../../src/scheduler/migration/legacy.ts";
import type { Beat, NodeFacts } from "../../../src/scheduler/migration/registry.ts";
import type { Wanted } from "../../../src/scheduler/selection/select.ts";
import type { SmallRedis } from "./small-redis.ts";

interface Stored {
  readonly online: boolean;
  readonly max_jobs: number;
  readonly pools: readonly string[];
  readonly languages: readonly LanguagePair[];
  readonly services: readonly string[];
  readonly jobs: readonly string[];
  readonly finished: readonly string[];
}

type Outcome<Kind> = { readonly record: Stored | null; readonly kind: Kind };

export class LockedRegistry implements LegacyRegistry {
  readonly #redis: SmallRedis;
  readonly #name: string;
  readonly lockTtl: Millis = 50;
  readonly attempts: number = 3;
  readonly backoff: Millis = 5;
  /** Whether lookups return the ids of jobs; many registries only count. */
  namesJobs = true;
  /** Runs while the lock is held, between reading and writing. */
  whileLocked: (node: string) => Promise<void> = async () => {};
  /** The outcome of the next writes: answered, or the answer is lost after the write. */
  fate: (call: string) => "answered" | "reply_lost" = () => "answered";
  #taken = 0;

  constructor(redis: SmallRedis, name: string) {
    this.#redis = redis;
    this.#name = name;
  }

  async getNode(node: string): Promise<NodeFacts | null> {
    const record = parsed(await this.#redis.get(`node:${node}`));
    return record === null ? null : this.#facts(node, record);
  }

  async listNodes(): Promise<readonly string[]> {
    return this.#redis.keys("node:").map((key) => key.slice("node:".length));
  }

  async selectNodes({ pool, source, target, services, count }: Wanted): Promise<readonly string[]> {
    const nodes = await this.listNodes();
    const found = await Promise.all(nodes.map(async (node) => [node, await this.#read(node)] as const));
    return found
      .filter(([, record]) => record?.online === true && record.jobs.length < record.max_jobs)
      .filter(([, record]) => record?.pools.includes(pool))
      .filter(([, record]) => record?.languages.some((pair) => pair.source === source && pair.target === target))
      .filter(([, record]) => services.every((service) => record?.services.includes(service)))
      .map(([node]) => node)
      .slice(0, count);
  }

  async registerNode({ node, ...offer }: NodeOffer): Promise<void> {
    await this.#locked("register", node, (former) => {
      const record = { ...offer, online: true, jobs: [], finished: former?.finished ?? [] };
      return { record, kind: "registered" };
    });
  }

  async heartbeat({ node }: Beat): Promise<"renewed" | "not_online"> {
    return (await this.#read(node))?.online === true ? "renewed" : "not_online";
  }

  async offlineNode(node: string): Promise<void> {
    await this.#locked("offline", node, (record) => ({
      record: record === null ? null : { ...record, online: false, jobs: [] },
      kind: "offline",
    }));
  }

  reserveJob(node: string, job: string) {
    return this.#locked<"reserved" | "already" | "full" | "not_online" | "finished">("reserve", node, (record) => {
      if (record?.finished.includes(job) === true) return { record, kind: "finished" };
      if (record?.jobs.includes(job) === true) return { record, kind: "already" };
      if (record === null || !record.online) return { record, kind: "not_online" };
      if (record.jobs.length >= record.max_jobs) return { record, kind: "full" };
      return { record: { ...record, jobs: [...record.jobs, job] }, kind: "reserved" };
    });
  }

  completeJob(node: string, job: string) {
    return this.#end("complete", node, job, true);
  }

  releaseJob(node: string, job: string) {
    return this.#end("release", node, job, false);
  }

  /** Returns the record of a node without any delay, for the test. */
  peek(node: string): Stored | null {
    return parsed(this.#redis.peek(`node:${node}`));
  }

  #end(call: string, node: string, job: string, isFinished: boolean) {
    return this.#locked<"completed" | "unknown">(call, node, (record) => {
      if (record === null || !record.jobs.includes(job)) return { record, kind: "unknown" };
      const jobs = record.jobs.filter((held) => held !== job);
      const finished = isFinished ? [...record.finished, job] : record.finished;
      return { record: { ...record, jobs, finished }, kind: "completed" };
    });
  }

  /** @throws NotAppliedError when the lock is held for too long: nothing was written then */
  async #locked<Kind>(call: string, node: string, change: (record: Stored | null) => Outcome<Kind>): Promise<Kind> {
    const lock = `lock:${node}`;
    const token = `${this.#name}-${this.#taken++}`;
    await this.#take(lock, token);
    try {
      const { record, kind } = change(await this.#read(node));
      await this.whileLocked(node);
      if (record !== null) await this.#redis.set(`node:${node}`, JSON.stringify(record));
      if (this.fate(call) === "reply_lost") throw new Error(`the answer to ${call} was lost`);
      return kind;
    } finally {
      await this.#redis.deleteIf(lock, token);
    }
  }

  async #take(lock: string, token: string): Promise<void> {
    for (let attempt = 1; attempt <= this.attempts; attempt++) {
      if (await this.#redis.setNx(lock, token, this.lockTtl)) return;
      await this.#redis.pause(this.backoff);
    }
    throw new NotAppliedError(`${lock} is held by another`);
  }

  async #read(node: string): Promise<Stored | null> {
    return parsed(await this.#redis.get(`node:${node}`));
  }

  #facts(node: string, { online, max_jobs, pools, languages, services, jobs }: Stored): NodeFacts {
    const said = { node, online, max_jobs, pools, languages, services, current_jobs: jobs.length };
    return { ...said, jobs: this.namesJobs ? jobs : null };
  }
}

function parsed(text: string | null): Stored | null {
  return text === null ? null : (JSON.parse(text) as Stored);
}
