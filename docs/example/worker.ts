/**
 * A worker, as simple as one can be: it registers, says every 250 ms that it is there and what it runs, and runs each job for a moment.
 * It outlives an outage of Redis: what fails is repeated, and where its place is gone it takes a new one, without the jobs of the old one.
 */
import { randomUUID } from "node:crypto";
import type { Scheduler } from "../../src/embed/scheduler.ts";

const heartbeatEvery = 250;

const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

export class Worker {
  readonly node: string;
  readonly #scheduler: Scheduler;
  /** Jobs that it is working on, by the timer that ends them. */
  readonly #running = new Map<string, NodeJS.Timeout>();
  /** Jobs whose end is being reported. */
  readonly #ending = new Set<string>();
  #beats: NodeJS.Timeout | undefined;
  #incarnation = "";
  #seq = 0;
  #isJoining = false;
  #isAlive = true;

  constructor(scheduler: Scheduler, node: string) {
    this.#scheduler = scheduler;
    this.node = node;
  }

  async join(): Promise<void> {
    await this.#register(undefined);
    this.#beats = setInterval(() => void this.#beat().catch(report), heartbeatEvery);
  }

  /** @param done called when it has finished; never, if the worker dies or loses its place before */
  run(job: string, duration: number, done: (job: string) => void): void {
    if (!this.#isAlive || this.#running.has(job)) return;
    const end = (): void => {
      this.#running.delete(job);
      this.#ending.add(job);
      this.#finish(job, done).catch(report);
    };
    this.#running.set(job, setTimeout(end, duration));
  }

  /** As a machine that loses its power: it says nothing, and its jobs are not finished. */
  die(): void {
    this.#isAlive = false;
    clearInterval(this.#beats);
    this.#drop([...this.#running.keys()]);
  }

  async leave(): Promise<void> {
    clearInterval(this.#beats);
    await this.#scheduler.offlineNode(this.node, this.#incarnation);
  }

  /**
   * Until it is registered. A failure may have happened, so it is repeated under the same token.
   * @param replaced its incarnation so far; undefined: it has just started, and takes the place of whatever had its name
   */
  async #register(replaced: string | null | undefined): Promise<void> {
    const languages = [{ source: "de", target: "en" }];
    const offer = { node: this.node, max_jobs: 4, pools: ["translation"], languages, services: ["text"] };
    let [registration, expected] = [randomUUID(), replaced];
    while (this.#isAlive) {
      const answer = await this.#scheduler.registerNode({ ...offer, registration, expected });
      if (answer.kind === "failed") await pause(heartbeatEvery);
      else if (answer.kind === "registered" || answer.kind === "already") {
        [this.#incarnation, this.#seq] = [answer.incarnation, 0];
        return;
      } else {
        // Names are unique here, so what the store has is an earlier one of this worker. Where two may share a name, one has to give way.
        [registration, expected] = [randomUUID(), answer.incarnation];
      }
    }
  }

  async #beat(): Promise<void> {
    if (this.#isJoining) return;
    this.#seq += 1;
    const [incarnation, running] = [this.#incarnation, [...this.#running.keys(), ...this.#ending]];
    const share = running.length / 4;
    const metrics = { cpu: share, gpu: 0, memory: share, load: share, latency_ms: 5, error_rate: 0 };
    const answer = await this.#scheduler.heartbeat({ node: this.node, incarnation, seq: this.#seq, metrics, running });
    if (incarnation !== this.#incarnation || this.#isJoining) return; // it comes late
    switch (answer.kind) {
      case "renewed":
        this.#drop(answer.unknown_jobs); // others run them by now
        break;
      case "superseded":
      case "not_online":
      case "unknown_node":
        await this.#joinAgain(answer.kind === "superseded" ? answer.incarnation : undefined);
        break;
      default:
        break; // a failure, or a repetition: the next one makes up for it
    }
  }

  /** Its place is gone, and with it those of its jobs: they are dispatched again. */
  async #joinAgain(replaced: string | undefined): Promise<void> {
    this.#isJoining = true;
    this.#drop([...this.#running.keys()]);
    await this.#register(replaced);
    this.#isJoining = false;
  }

  #drop(jobs: readonly string[]): void {
    for (const job of jobs) {
      clearTimeout(this.#running.get(job));
      this.#running.delete(job);
    }
  }

  /** A failure says whether it may have happened; completing is safe to repeat, so either way: once more. */
  async #finish(job: string, done: (job: string) => void): Promise<void> {
    while (this.#isAlive) {
      const answer = await this.#scheduler.completeJob(this.node, job);
      if (answer.kind === "failed") await pause(heartbeatEvery);
      else {
        this.#ending.delete(job);
        if (answer.kind === "completed") done(job); // else its place was lost, and another one runs it
        return;
      }
    }
  }
}

function report(error: unknown): void {
  process.stderr.write(`${String(error)}\n`);
}
