/**
 * An instance in a process of its own that runs the harness's code around the scheduler (host.ts). Its events, the times of its calls and the kernel's
 * accounting of its thread are those of its own process. So CPU starvation of the thread is distinguished from work of the instance.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { HistoryEvent, NodeContent, Version } from "../../check/history.ts";
import { BrokenRunError } from "../../evidence/failure.ts";
import type { Lab } from "../../lab/lab.ts";
import type { PipedProcess } from "../../lab/process/piped-process.ts";
import { InstanceProcess, readyTimeout, startedOrClosed, statusTimeout } from "../instances/instance-process.ts";
import type { Subject } from "../instances/subject.ts";
import type { InstanceLinks } from "../network/links.ts";
import type { Recorder } from "../observe/recorder.ts";
import { HostedConnection } from "./connection.ts";
import { type CallName, errorOf, type HostedOptions, type Look, type Measured } from "./messages.ts";
import { endOf, shifted } from "./shifted.ts";
import { HostedTarget, ProcessEndedError } from "./target.ts";

export interface HostedInstanceOptions
  extends Pick<HostedOptions, "index" | "seed" | "partitions" | "feedMax" | "settings" | "nodes" | "scheduler"> {
  readonly lab: Lab;
  readonly links: InstanceLinks;
  readonly recorder: Recorder;
}

export class HostedInstance extends HostedTarget implements Subject {
  readonly #options: HostedInstanceOptions;
  readonly process: InstanceProcess;
  #connection: HostedConnection | null = null;
  #incarnation = 0;
  /** Its last status; null while it is gone. */
  #look: Look | null = null;
  #config: Version | null = null;
  #mode = "normal";
  /** The last incarnation of which a mode is known. */
  #modeOf = 0;
  #fault: BrokenRunError | null = null;

  /** @throws the scheduler's error when it does not get ready; LabError when it cannot be started */
  static async start(options: HostedInstanceOptions): Promise<HostedInstance> {
    const instance = new HostedInstance(options);
    return await startedOrClosed(instance, () => instance.#begin());
  }

  private constructor(options: HostedInstanceOptions) {
    super();
    this.#options = options;
    this.process = new InstanceProcess(options, () => {
      this.#connection = null;
      this.#look = null;
    });
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
    const look = await withinTime(connection.look(), statusTimeout);
    if (look !== null && connection === this.#connection) this.#seen(look);
  }

  async finish(): Promise<void> {
    if (this.#connection !== null) await withinTime(this.#connection.finish(), statusTimeout);
  }

  /** @throws BrokenRunError when it does not get ready */
  async restart(): Promise<void> {
    await this.process.kill();
    await this.#begin();
  }

  throwIfBroken(): void {
    if (this.#fault !== null) throw this.#fault;
  }

  async close(): Promise<void> {
    await this.process.kill();
  }

  protected async ask(name: CallName, args: readonly unknown[], signal?: AbortSignal): Promise<object> {
    const { recorder } = this.#options;
    if (this.#connection === null) throw new ProcessEndedError("no");
    const answered = await this.#connection.call(name, args, signal);
    if (answered === null) throw new ProcessEndedError("unknown");
    this.#config = answered.config;
    const { answer, thrown } = answered;
    const outcome = answer ?? errorOf(thrown ?? { name: "Error", message: "neither an answer nor an error" });
    recorder.measured(outcome, this.#atRun(answered.measured));
    if (answer === undefined) throw outcome;
    return answer;
  }

  async #begin(): Promise<void> {
    const { index, lab: _, links, recorder, ...shared } = this.#options;
    this.#incarnation += 1;
    const process = await this.process.launch({ file: globalThis.process.execPath, args: [...ownThread, program] });
    const life = this.#incarnation;
    const connection = new HostedConnection(process, ({ event }) => this.#take(event, life));
    const places = { commands: links.commands.place, feed: links.feed.place };
    const started = connection.start({ ...places, ...shared, index, incarnation: life });
    const ready = await withinTime(started, readyTimeout);
    if (ready?.kind === "refused") throw errorOf(ready.error);
    if (ready === null) throw await this.#notReady(process);
    this.#connection = connection; // calls before this fail: the instance is gone
    this.#seen(ready.look);
    const at = recorder.now();
    recorder.event({ kind: "hosted", at, instance: index, life, reports: true });
    this.#beganIn(ready.look.mode, ready.look.at, life);
    this.process.recordEnd(process, (how) => this.#ended(how));
  }

  async #notReady(process: PipedProcess): Promise<BrokenRunError> {
    const log = await process.log();
    const said = log === "" ? "" : `; its log ends:\n${log}`;
    return new BrokenRunError(`instance ${this.#options.index} was not ready within ${readyTimeout} ms${said}`, {
      where: "the process of the instance",
      fix: "run it again with less beside it on the machine; if it stays so, report it",
    });
  }

  /** An exit after an uncaught error is the scheduler's fault; a signal that the harness did not send makes the run broken. */
  #ended(how: string): void {
    if (how.startsWith("exit code")) return;
    const { index } = this.#options;
    this.#fault = new BrokenRunError(
      `the process of instance ${index} was ended by ${how}, which was none of the faults`,
      {
        where: `instance ${index}`,
        fix: "see whether the machine is out of memory, and run it again",
      },
    );
  }

  #seen(look: Look): void {
    this.#look = look;
    this.#config = look.config;
  }

  /** A new incarnation begins in its own mode, whatever mode the last one ended in. */
  #beganIn(mode: string, at: number, life: number): void {
    if (life <= this.#modeOf) return;
    this.#modeOf = life;
    const { index } = this.#options;
    if (mode === this.#mode) return;
    this.#take({ kind: "mode", at, instance: index, from: this.#mode, to: mode, cause: "restarted" }, life);
  }

  #take(event: HistoryEvent, life: number): void {
    const { recorder } = this.#options;
    if (event.kind === "mode") {
      this.#beganIn(event.from, event.at, life);
      this.#mode = event.to;
    }
    const moved = shifted(event, (time) => recorder.atShared(time));
    // Events before the load are not judged.
    if (endOf(moved) >= 0) recorder.event(moved);
  }

  #atRun({ from, to, ...spent }: Measured): Measured {
    const { recorder } = this.#options;
    return { from: recorder.atShared(from), to: recorder.atShared(to), ...spent };
  }
}

/**
 * The instance's own thread collects garbage. V8's helper threads may be starved of CPU while the main thread sleeps until they are done (80 ms were
 * seen on a loaded machine): that sleep could not be distinguished from one that the scheduler caused.
 *
 * It starts with the heap limit of a process that has lived for a while. Otherwise V8 collects the whole heap in the middle of a run of a few seconds,
 * because a young process has a small one: 26 to 40 ms of the thread, on a machine of 2 GHz. A heap of more MB than that is collected as ever.
 */
const ownThread = ["--single-threaded-gc", "--initial-old-space-size=128"];

/** TypeScript in a checkout, JavaScript in the published package. */
const program = fileURLToPath(new URL(`./program${extname(import.meta.url)}`, import.meta.url));

/** @returns null where `work` took longer */
async function withinTime<Result>(work: Promise<Result>, limit: number): Promise<Result | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, limit, null);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
