/** The process of an instance across its restarts. An end that no fault caused is recorded. */
import { type Millis, processEnded } from "../../check/history.ts";
import type { Lab } from "../../lab/lab.ts";
import type { PipedProcess, Program } from "../../lab/process/piped-process.ts";
import type { Recorder } from "../observe/recorder.ts";

/** A cold start on a busy machine. */
export const readyTimeout: Millis = 20_000;
/** A request for the status of an instance that does not answer ends after this. */
export const statusTimeout: Millis = 10_000;

export interface InstanceProcessOptions {
  readonly lab: Lab;
  readonly index: number;
  readonly recorder: Recorder;
}

export class InstanceProcess {
  readonly #options: InstanceProcessOptions;
  readonly #onGone: () => void;
  #process: PipedProcess | null = null;

  /** @param onGone called when the process is about to be killed, and when it has ended by itself */
  constructor(options: InstanceProcessOptions, onGone: () => void) {
    this.#options = options;
    this.#onGone = onGone;
  }

  /** null: it has been killed, or has ended. */
  get current(): PipedProcess | null {
    return this.#process;
  }

  /** @throws LabError when it cannot be started */
  async launch(program: Omit<Program, "name">): Promise<PipedProcess> {
    const { index, lab } = this.#options;
    this.#process = await lab.program({ name: `instance-${index}`, ...program });
    return this.#process;
  }

  /** From now on records an end of `process` that is not a kill. @param onEnded called once the end has been recorded */
  recordEnd(process: PipedProcess, onEnded: (how: string) => void = () => {}): void {
    void process.ended.then(async (how) => {
      if (this.#process !== process) return; // killed by the harness
      this.#forget();
      const { index, recorder } = this.#options;
      const facts = { how, log: await process.log() };
      recorder.event({ kind: "note", at: recorder.now(), instance: index, what: processEnded, facts });
      onEnded(how);
    });
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#forget();
    await process?.kill();
  }

  /** SIGSTOP; resolves when it has stopped. */
  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  #forget(): void {
    this.#process = null;
    this.#onGone();
  }
}

/** Starts an instance, and closes it when it does not get ready. @throws whatever `start` throws */
export async function startedOrClosed<Instance extends { close(): Promise<void> }>(
  instance: Instance,
  start: () => Promise<void>,
): Promise<Instance> {
  try {
    await start();
    return instance;
  } catch (error) {
    await instance.close();
    throw error;
  }
}
