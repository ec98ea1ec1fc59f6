/** A worker, as simple as one can be: it offers itself, says every 250 ms that it lives and what it runs, and runs each job for a moment. */
import type { Scheduler } from "../../src/embed/scheduler.ts";

const heartbeatEvery = 250;

export class Worker {
  readonly node: string;
  readonly #scheduler: Scheduler;
  readonly #running = new Set<string>();
  #beats: NodeJS.Timeout | undefined;
  #seq = 0;
  #isAlive = true;

  constructor(scheduler: Scheduler, node: string) {
    this.#scheduler = scheduler;
    this.node = node;
  }

  async join(): Promise<void> {
    const languages = [{ source: "de", target: "en" }];
    const offer = { node: this.node, max_jobs: 4, pools: ["translation"], languages, services: ["text"] };
    const answer = await this.#scheduler.registerNode(offer);
    if (answer.kind === "failed") throw new Error(`${this.node} cannot join: ${answer.message}`);
    this.#beats = setInterval(() => this.#beat(), heartbeatEvery);
  }

  /** @param done called when it has finished; never, if it dies before */
  run(job: string, duration: number, done: (job: string) => void): void {
    if (!this.#isAlive) return;
    this.#running.add(job);
    setTimeout(() => void this.#finish(job, done), duration);
  }

  /** As a machine that loses its power: it says nothing, and its jobs are not finished. */
  die(): void {
    this.#isAlive = false;
    clearInterval(this.#beats);
    this.#running.clear();
  }

  async leave(): Promise<void> {
    clearInterval(this.#beats);
    await this.#scheduler.offlineNode(this.node);
  }

  /** A failure says whether it may have happened; completing is safe to repeat, so either way: once more. */
  async #finish(job: string, done: (job: string) => void): Promise<void> {
    if (!this.#isAlive) return;
    const answer = await this.#scheduler.completeJob(this.node, job);
    if (answer.kind === "failed") {
      setTimeout(() => void this.#finish(job, done), heartbeatEvery);
      return;
    }
    this.#running.delete(job);
    done(job);
  }

  #beat(): void {
    this.#seq += 1;
    const share = this.#running.size / 4;
    const metrics = { cpu: share, gpu: 0, memory: share, load: share, latency_ms: 5, error_rate: 0 };
    const beat = { node: this.node, seq: this.#seq, metrics, running: [...this.#running] };
    this.#scheduler.heartbeat(beat).catch(report); // a failure is an answer; only a mistake of ours rejects
  }
}

function report(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
}
