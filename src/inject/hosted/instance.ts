/**
 * An instance in a process of its own that runs the harness's code around the scheduler (host.ts): its events, the times of its calls and what the
 * kernel says of its thread are those of its process. So a thread that the harness, a neighbour or the host of the machine keeps busy is told from
 * one that the instance keeps busy itself.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { HistoryEvent, NodeContent, Version } from "../../check/history.ts";
import { BrokenRunError } from "../../evidence/failure.ts";
import type { Lab } from "../../lab/lab.ts";
import type { PipedProcess } from "../../lab/process/piped-process.ts";
import type { Subject } from "../instances/subject.ts";
import type { InstanceLinks } from "../network/links.ts";
import type { Recorder } from "../observe/recorder.ts";
import { HostedConnection } from "./connection.ts";
import { type CallName, errorOf, type HostedOptions, type Look, type Measured } from "./messages.ts";
import { endOf, shifted } from "./shifted.ts";
import { GoneError, HostedTarget } from "./target.ts";

export interface HostedInstanceOptions
  extends Pick<HostedOptions, "index" | "seed" | "partitions" | "feedMax" | "settings" | "nodes" | "scheduler"> {
  readonly lab: Lab;
  readonly links: InstanceLinks;
  readonly recorder: Recorder;
}

/** A cold start on a busy machine. */
const readyWithin = 20_000;
/** A look at an instance that does not answer ends after this. */
const lookedWithin = 10_000;

export class HostedInstance extends HostedTarget implements Subject, AsyncDisposable {
  readonly #options: HostedInstanceOptions;
  #process: PipedProcess | null = null;
  #connection: HostedConnection | null = null;
  #lives = 0;
  /** What it said last; null while it is gone. */
  #look: Look | null = null;
  #config: Version | null = null;
  #mode = "normal";
  #fault: BrokenRunError | null = null;

  /** @throws Error as the scheduler threw it, when it does not get ready; LabError when it cannot be started */
  static async start(options: HostedInstanceOptions): Promise<HostedInstance> {
    const instance = new HostedInstance(options);
    try {
      await instance.#begin();
      return instance;
    } catch (error) {
      await instance.close();
      throw error;
    }
  }

  private constructor(options: HostedInstanceOptions) {
    super();
    this.#options = options;
  }

  status() {
    const { partitions, recorder } = this.#options;
    const nothing = Array.from({ length: partitions }, (): Version => ({ epoch: "", sequence: 0 }));
    const look = this.#look;
    if (look === null) return { mode: "gone", connected: false, view: nothing };
    return { at: recorder.atShared(look.at), mode: look.mode, connected: look.connected, view: look.view };
  }

  nodes(partition: number): readonly NodeContent[] {
    return this.#look?.nodes[partition] ?? [];
  }

  config(): { readonly version: Version } | null {
    return this.#config === null ? null : { version: this.#config };
  }

  async refresh(): Promise<void> {
    const connection = this.#connection;
    if (connection === null) return;
    const look = await withinTime(connection.look(), lookedWithin);
    if (look !== null && connection === this.#connection) this.#seen(look);
  }

  async finish(): Promise<void> {
    if (this.#connection !== null) await withinTime(this.#connection.finish(), lookedWithin);
  }

  async kill(): Promise<void> {
    const process = this.#process;
    this.#forget();
    await process?.kill();
  }

  /** @throws BrokenRunError when it does not get ready */
  async restart(): Promise<void> {
    await this.kill();
    await this.#begin();
  }

  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  throwIfBroken(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  async close(): Promise<void> {
    await this.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected async ask(name: CallName, args: readonly unknown[]): Promise<object> {
    const { recorder } = this.#options;
    if (this.#connection === null) throw new GoneError("no");
    const answered = await this.#connection.call(name, args);
    if (answered === null) throw new GoneError("unknown");
    this.#config = answered.config;
    const { answer, thrown } = answered;
    const outcome = answer ?? errorOf(thrown ?? { name: "Error", message: "neither an answer nor an error" });
    recorder.measured(outcome, this.#atRun(answered.measured));
    if (answer === undefined) throw outcome;
    return answer;
  }

  async #begin(): Promise<void> {
    const { index, lab, links, recorder, ...shared } = this.#options;
    this.#lives += 1;
    const process = await lab.program({
      name: `instance-${index}`,
      file: globalThis.process.execPath,
      args: [...ownThread, program],
    });
    this.#process = process;
    const connection = new HostedConnection(process, ({ event }) => this.#take(event));
    const places = { commands: links.commands.place, feed: links.feed.place };
    const started = connection.start({ ...places, ...shared, index, life: this.#lives });
    const ready = await withinTime(started, readyWithin);
    if (ready?.kind === "refused") throw errorOf(ready.error);
    if (ready === null) throw await this.#notReady(process);
    this.#connection = connection; // whoever calls before has nobody to call
    this.#seen(ready.look);
    const at = recorder.now();
    recorder.event({ kind: "hosted", at, instance: index, life: this.#lives });
    // Another life begins as it is, whatever mode the last one ended in.
    const { mode } = ready.look;
    if (mode !== this.#mode)
      this.#take({ kind: "mode", at: ready.look.at, instance: index, from: this.#mode, to: mode, cause: "restarted" });
    void process.ended.then((how) => this.#ended(process, how));
  }

  async #notReady(process: PipedProcess): Promise<BrokenRunError> {
    const log = await process.log();
    const said = log === "" ? "" : `; its log ends:\n${log}`;
    return new BrokenRunError(`instance ${this.#options.index} was not ready within ${readyWithin} ms${said}`, {
      where: "the process of the instance",
      fix: "run it again with less beside it on the machine; if it stays so, report it",
    });
  }

  /** Ended by itself: what the scheduler threw where nobody could catch it is its own doing, a signal that was not ours is not. */
  async #ended(process: PipedProcess, how: string): Promise<void> {
    if (this.#process !== process) return; // we did it
    const { index, recorder } = this.#options;
    this.#forget();
    const facts = { how, log: await process.log() };
    recorder.event({ kind: "note", at: recorder.now(), instance: index, what: "process_ended", facts });
    if (how.startsWith("exit code")) return;
    this.#fault = new BrokenRunError(
      `the process of instance ${index} was ended by ${how}, which was none of the faults`,
      {
        where: `instance ${index}`,
        fix: "see whether the machine is out of memory, and run it again",
      },
    );
  }

  #forget(): void {
    this.#process = null;
    this.#connection = null;
    this.#look = null;
  }

  #seen(look: Look): void {
    this.#look = look;
    this.#config = look.config;
  }

  #take(event: HistoryEvent): void {
    const { recorder } = this.#options;
    if (event.kind === "mode") this.#mode = event.to;
    const moved = shifted(event, (time) => recorder.atShared(time));
    // What was over before the load began is judged by nobody.
    if (endOf(moved) >= 0) recorder.event(moved);
  }

  #atRun({ from, to, ...spent }: Measured): Measured {
    const { recorder } = this.#options;
    return { from: recorder.atShared(from), to: recorder.atShared(to), ...spent };
  }
}

/**
 * Collections of garbage are made by the instance's own thread. Helpers of V8 may stand in line for a processor while that thread sleeps until they are
 * done (80 ms were seen on a crowded machine): then nobody could tell that sleep from one of the scheduler's making.
 */
const ownThread = ["--single-threaded-gc"];

/** TypeScript in a checkout, JavaScript in the published package. */
const program = fileURLToPath(new URL(`./program${extname(import.meta.url)}`, import.meta.url));

/** @returns null where it took longer */
async function withinTime<Result>(work: Promise<Result>, limit: number): Promise<Result | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, limit, null);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
