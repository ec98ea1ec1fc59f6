/** Schedulers on a real Redis, and clients that keep them busy: nodes that fill up, come back and fall silent, jobs that end, end twice and lapse. */
import { Redis } from "ioredis";
import { createRedisFeed } from "../../src/redis/feed.ts";
import { loadScripts, type ScriptSet } from "../../src/redis/scripts/scripts.ts";
import { createRedisStore } from "../../src/redis/store.ts";
import { systemClock, systemRandom } from "../../src/redis/system.ts";
import type { Scheduler } from "../../src/scheduler/api.ts";
import { createScheduler } from "../../src/scheduler/scheduler.ts";

const partitions = 2;
const settings = { partitions, heartbeatTtl: 2_000, lease: 1_200, sweepInterval: 150, retention: 3_000 };
const wire = { prefix: "lp:", partitions, feedMax: 10_000 };
const languages = [{ source: "de", target: "en" }];
const metrics = { cpu: 0.5 };

interface Worker {
  readonly node: string;
  readonly maxJobs: number;
  incarnation: string;
  seq: number;
  readonly running: Set<string>;
}

export class Load implements AsyncDisposable {
  readonly #url: string;
  readonly #schedulers: Scheduler[] = [];
  readonly #workers: readonly Worker[];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #watch: Redis;
  /** Version -> when its wake-up came, by `performance.now()`. */
  readonly changedAt = new Map<string, number>();
  #jobs = 0;
  #turn = 0;

  private constructor(url: string, nodes: number) {
    this.#url = url;
    this.#watch = new Redis(url);
    this.#workers = Array.from({ length: nodes }, (_, index) => ({
      ...{ node: `n${index}`, maxJobs: 1 + (index % 3), incarnation: "", seq: 0, running: new Set<string>() },
    }));
  }

  /** @param jobsEvery ms between two jobs */
  static async start(url: string, { nodes = 8, jobsEvery = 15 } = {}): Promise<Load> {
    const load = new Load(url, nodes);
    load.#watch.on("message", (_, version: string) => load.changedAt.set(version, performance.now()));
    await load.#watch.subscribe(...Array.from({ length: partitions }, (_, partition) => `lp:{p${partition}}:feed`));
    await load.join(loadScripts());
    await load.join(loadScripts());
    for (const worker of load.#workers) await load.#register(worker);
    load.#every(jobsEvery, () => load.#job());
    load.#every(300, () => load.#heartbeats());
    load.#every(900, () => load.#comeBack());
    return load;
  }

  /** One more instance, with these scripts. */
  async join(scripts: ScriptSet): Promise<void> {
    const name = `i${this.#schedulers.length}`;
    const store = createRedisStore({ url: this.#url, ...wire, name, scripts });
    const feed = createRedisFeed({ url: this.#url, ...wire, name });
    const scheduler = createScheduler({ clock: systemClock, store, feed, random: systemRandom }, settings);
    this.#schedulers.push(scheduler);
    await store.connect();
    await scheduler.start({ signal: AbortSignal.timeout(20_000) });
  }

  /** From now on the only instance has these scripts. */
  async replaceWith(scripts: ScriptSet): Promise<void> {
    const former = this.#schedulers.splice(0);
    await this.join(scripts);
    for (const scheduler of former) await scheduler.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const scheduler of this.#schedulers) await scheduler.close().catch(() => {});
    this.#watch.disconnect();
  }

  #every(period: number, act: () => Promise<void>): void {
    this.#timers.push(setInterval(() => void act().catch(() => {}), period));
  }

  #next(): Scheduler {
    this.#turn += 1;
    const scheduler = this.#schedulers[this.#turn % this.#schedulers.length];
    if (scheduler === undefined) throw new RangeError("no scheduler has started");
    return scheduler;
  }

  async #register(worker: Worker): Promise<void> {
    const { maxJobs, node } = worker;
    const answer = await this.#next().registerNode({ node, max_jobs: maxJobs, pools: ["p"], languages, services: [] });
    if (answer.kind !== "registered" && answer.kind !== "already") return;
    worker.incarnation = answer.incarnation;
    worker.seq = 0;
    worker.running.clear();
  }

  /** One in four is left to its lease; every other one ends, and ends again. One in eight goes to a node that is mostly full. */
  async #job(): Promise<void> {
    this.#jobs += 1;
    const job = `j${this.#jobs}`;
    if (this.#jobs % 8 === 1) {
      await this.#next().reserveJob("n0", job);
      return;
    }
    const isLeft = this.#jobs % 4 === 0;
    const wanted = { job, pool: "p", source: "de", target: "en", services: [] };
    const answer = await this.#next().dispatch(wanted);
    if (answer.kind !== "dispatched") return;
    const worker = this.#workers.find(({ node }) => node === answer.node);
    if (isLeft || worker === undefined) return;
    worker.running.add(job);
    await new Promise((resolve) => setTimeout(resolve, 60));
    worker.running.delete(job);
    await this.#next().completeJob(worker.node, job);
    await this.#next().completeJob(worker.node, job);
    await this.#next().completeJob(worker.node, `${job}-never`);
  }

  /** The last node falls silent from time to time. */
  async #heartbeats(): Promise<void> {
    const silent = this.#turn % 3 === 0 ? this.#workers.at(-1) : undefined;
    for (const worker of this.#workers) {
      if (worker === silent) continue;
      worker.seq += 1;
      const { incarnation, node, running, seq } = worker;
      const answer = await this.#next().heartbeat({ node, incarnation, seq, metrics, running: [...running] });
      if (answer.kind !== "renewed" && answer.kind !== "failed") await this.#register(worker);
    }
  }

  async #comeBack(): Promise<void> {
    const worker = this.#workers[this.#turn % this.#workers.length];
    if (worker === undefined) return;
    if (this.#turn % 2 === 0) await this.#next().offlineNode(worker.node, worker.incarnation);
    await this.#register(worker);
  }
}
