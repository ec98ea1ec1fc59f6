/**
 * An instance as a process behind the same proxies, which can be killed, stopped and started again. Nothing of it is seen but what it says:
 * it is asked for its mode and its views every few milliseconds, and what it does not tell is not judged.
 */
import type { NodeContent, Version } from "../../check/history.ts";
import type { PropertyId } from "../../check/properties.ts";
import { BrokenRunError } from "../../evidence/failure.ts";
import type { Lab } from "../../lab/lab.ts";
import type { PipedProcess } from "../../lab/process/piped-process.ts";
import { systemClock } from "../../redis/system.ts";
import { SutClient } from "../../sut/client.ts";
import type { SutCommand } from "../../sut/command.ts";
import type { Reply } from "../../sut/protocol.ts";
import { Waiting } from "../machine/waiting.ts";
import type { LinkName } from "../network/links.ts";
import type { Recorder } from "../observe/recorder.ts";
import { ProcessTarget } from "./process-target.ts";
import type { Subject } from "./subject.ts";

export interface ProcessInstanceOptions {
  readonly lab: Lab;
  readonly command: SutCommand;
  readonly index: number;
  /** By URL: what the line protocol can tell. */
  readonly links: Readonly<Record<LinkName, { readonly url: string }>>;
  readonly namespace: string;
  readonly partitions: number;
  readonly feedMax: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly recorder: Recorder;
}

/** Between two questions for mode and views: what happens between them is seen this much later, or not at all. */
const askedEvery = 10;
/** A cold start on a busy machine. */
const readyWithin = 20_000;
const answeredWithin = 10_000;

/** What is counted inside an instance, or between it and Redis, and cannot be asked for. */
const unheard = "instances are processes, and the line protocol does not tell";
const withheld: Partial<Record<PropertyId, string>> = {
  D2: `${unheard} when a mode began, only which it is when asked every ${askedEvery} ms`,
  P1: `${unheard} what they ask Redis for`,
  C1: `${unheard} what they ask Redis for`,
  C2: `${unheard} what they ask Redis for`,
  K3: `${unheard} of single operations on Redis`,
};

type Told = Reply<"status">;

export class ProcessInstance extends ProcessTarget implements Subject, AsyncDisposable {
  readonly #options: ProcessInstanceOptions;
  readonly #timer: NodeJS.Timeout;
  #process: PipedProcess | null = null;
  #client: SutClient | null = null;
  /** What it said last; null while it is gone. */
  #told: Told | null = null;
  #mode = "normal";
  #isAsking = false;
  readonly #waiting: Waiting;
  #fault: Error | null = null;

  /** @throws SutError when it does not get ready; LabError when it cannot be started */
  static async start(options: ProcessInstanceOptions): Promise<ProcessInstance> {
    const instance = new ProcessInstance(options);
    try {
      await instance.#begin();
      return instance;
    } catch (error) {
      await instance.close();
      throw error;
    }
  }

  private constructor(options: ProcessInstanceOptions) {
    super(() => this.#living());
    this.#options = options;
    this.#waiting = new Waiting(options.recorder.moment());
    this.#timer = setInterval(() => this.#look(), askedEvery);
  }

  status(): { readonly mode: string; readonly connected: boolean; readonly view: readonly Version[] } {
    const view = Array.from({ length: this.#options.partitions }, (_, partition) => {
      return this.#told?.view[String(partition)] ?? { epoch: "", sequence: 0 };
    });
    // Where it does not say whether it is subscribed, its mode has to do.
    return { mode: this.#told?.mode ?? "gone", connected: this.#told?.connected ?? this.#told !== null, view };
  }

  async refresh(): Promise<void> {
    if (this.#client !== null && this.#told !== null) await this.#ask(this.#client);
  }

  /** All that it knows, under the first partition: which node is in which is its own business. */
  nodes(partition: number): readonly NodeContent[] {
    return partition === 0 ? (this.#told?.contents ?? []) : [];
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    this.#told = null;
    await process?.kill();
  }

  /** Another life on the same links; resolves when it is ready. @throws SutError */
  async restart(): Promise<void> {
    await this.kill();
    await this.#begin();
  }

  /** SIGSTOP; resolves when it stands still. */
  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  /** @throws BrokenRunError when it broke the protocol: what it said since cannot be judged */
  throwIfBroken(): void {
    if (this.#fault === null) return;
    throw new BrokenRunError(this.#fault.message, { where: this.#name, fix: "see docs/sut-protocol.md" }, this.#fault);
  }

  /** What it is asked is taken down here, at once. */
  async finish(): Promise<void> {}

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #name(): string {
    return `instance ${this.#options.index}`;
  }

  #living(): SutClient {
    if (this.#client === null) throw new Error(`${this.#name} was called before it was started`);
    return this.#client;
  }

  async #begin(): Promise<void> {
    const { command, feedMax, index, lab, links, namespace, partitions, recorder, settings } = this.#options;
    const process = await lab.program({ name: `instance-${index}`, file: command.file, args: command.args });
    const client = new SutClient({ process, name: this.#name, clock: systemClock });
    this.#process = process;
    this.#client = client;
    void client.faulty.then((error) => {
      this.#fault ??= error;
    });
    const asked = {
      ...{ instance: index, namespace, feed_max: feedMax, settings: { ...settings, partitions } },
      ...{ redis: links.commands.url, redis_feed: links.feed.url },
    };
    const { capabilities, name, version } = await client.init(asked, readyWithin);
    await this.#ask(client);
    const at = recorder.now();
    recorder.event({ kind: "system", at, instance: index, name, version, claims: capabilities.properties, withheld });
    void process.ended.then(async (how) => {
      // Whoever kills it forgets it first.
      if (this.#process !== process) return;
      this.#told = null;
      const facts = { how, log: await process.log() };
      recorder.event({ kind: "note", at: recorder.now(), instance: index, what: "process_ended", facts });
    });
  }

  #look(): void {
    this.#takeDownWaiting();
    if (this.#isAsking || this.#told === null || this.#client === null) return;
    void this.#ask(this.#client);
  }

  async #ask(client: SutClient): Promise<void> {
    const { index, recorder } = this.#options;
    this.#isAsking = true; // a second question beside it does no harm
    const asked = recorder.moment();
    const answer = await client.call({ op: "status", contents: true }, answeredWithin);
    const at = recorder.now();
    this.#isAsking = false;
    if (answer.kind === "failed" || client !== this.#client || this.#process === null) return;
    recorder.event({ kind: "pipe", at, instance: index, took: at - recorder.at(asked) });
    const { mode } = answer.reply;
    const before = this.#mode;
    if (mode !== before) recorder.event({ kind: "mode", at, instance: index, from: before, to: mode, cause: "told" });
    this.#mode = mode;
    this.#told = answer.reply;
  }

  /** Its own share of the machine's noise since the last look. */
  #takeDownWaiting(): void {
    const { index, recorder } = this.#options;
    const waiting = this.#waiting.look(
      recorder.moment(),
      this.#process?.pid ?? 0,
      this.#process?.threadTimes() ?? null,
    );
    if (waiting === null) return;
    const [since, at] = [recorder.at(waiting.since), recorder.at(waiting.at)];
    recorder.event({ kind: "stall", ...waiting, since, at, instance: index });
  }
}
