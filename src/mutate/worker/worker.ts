/** A worker process of the command: makes one run at a time in an instrumented copy, and is killed when a run does not end. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { threadTimesOf } from "../../lab/machine/thread-time.ts";
import { LineTail } from "./line-tail.ts";
import type { Ready, Reply, Request } from "./messages.ts";
import { environmentName } from "./switch.ts";

/** How a request ended without a reply. */
export interface Ended {
  readonly verdict: "timeout" | "crash";
  readonly reason: string;
}

/** How long a run may last, in ms. */
export interface RunLimit {
  /** CPU time of the process's first thread: an endless loop uses it up, a busy machine does not. */
  readonly cpu: number;
  /** Real time, for runs that wait. */
  readonly real: number;
}

/** For a process to load the copy. */
const loadLimit: RunLimit = { cpu: 60_000, real: 120_000 };
/** Milliseconds between two looks at the CPU time. */
const lookEvery = 250;

export interface WorkerOptions {
  /** The instrumented copy. */
  readonly root: string;
  /** The mutant that is active from the start, also while modules are loaded; 0: none. */
  readonly active: number;
  /** Ends the process. */
  readonly signal: AbortSignal;
}

export class Worker implements AsyncDisposable {
  /** The mutants whose place ran while the modules were loaded. */
  readonly loaded: readonly number[];
  readonly #child: ChildProcess;
  readonly #errors: LineTail;
  readonly #gone: Promise<string>;

  private constructor(child: ChildProcess, loaded: readonly number[], errors: LineTail) {
    this.#child = child;
    this.loaded = loaded;
    this.#errors = errors;
    this.#gone = goneOf(child);
  }

  /** @returns how it ended, where it could not load */
  static async start({ active, root, signal }: WorkerOptions): Promise<Worker | Ended> {
    const child = fork(join(root, "src/mutate/worker/program.ts"), {
      cwd: root,
      execArgv: [],
      env: { ...process.env, [environmentName]: String(active) },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const kill = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", kill);
    child.once("exit", () => signal.removeEventListener("abort", kill));
    if (signal.aborted) kill();
    const errors = new LineTail(child.stderr);
    const first = await nextMessage<Ready>(child, loadLimit, errors);
    if ("loaded" in first) return new Worker(child, first.loaded, errors);
    kill();
    return first;
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  /** A run that exceeds its limit ends the process. */
  async ask(request: Request, limit: RunLimit): Promise<Reply | Ended> {
    const answer = nextMessage<Reply>(this.#child, limit, this.#errors);
    this.#child.send(request, () => undefined); // a process that has ended is reported by the answer
    const found = await answer;
    if (isEnded(found)) await this[Symbol.asyncDispose]();
    return found;
  }

  /** SIGKILL: a mutant may hold its thread. Servers that a run has started end with the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}

export function isEnded(found: Reply | Ready | Worker | Ended): found is Ended {
  return "verdict" in found && (found.verdict === "timeout" || found.verdict === "crash");
}

function goneOf(child: ChildProcess): Promise<string> {
  const how = (): string => child.signalCode ?? `exit code ${child.exitCode}`;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(how());
  return new Promise((resolve) => child.once("exit", () => resolve(how())));
}

function nextMessage<Message extends object>(
  child: ChildProcess,
  limit: RunLimit,
  errors: LineTail,
): Promise<Message | Ended> {
  const isOver = overrun(child, limit);
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const reason = isOver();
      if (reason !== null) settle({ verdict: "timeout", reason });
    }, lookEvery);
    const onMessage = (message: unknown): void => settle(message as Message);
    const onExit = (): void => {
      const how = child.signalCode ?? `exit code ${child.exitCode}`;
      settle({ verdict: "crash", reason: `the process ended: ${how}${errors.text === "" ? "" : `: ${errors.text}`}` });
    };
    const settle = (found: Message | Ended): void => {
      clearInterval(timer);
      child.off("message", onMessage).off("exit", onExit);
      resolve(found);
    };
    child.once("message", onMessage).once("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit();
  });
}

/** @returns a function that says why a run is over its limit; null: it is not */
function overrun({ pid = 0 }: ChildProcess, { cpu, real }: RunLimit): () => string | null {
  const startedAt = performance.now();
  const ranBefore = cpuTimeOf(pid);
  return () => {
    const ran = cpuTimeOf(pid) - ranBefore;
    if (ran >= cpu) return `no end within ${cpu / 1_000} s of CPU time`;
    return performance.now() - startedAt >= real ? `no end within ${real / 1_000} s` : null;
  };
}

/** Milliseconds; 0 where the system does not say. */
function cpuTimeOf(pid: number): number {
  return threadTimesOf(pid)?.get(pid)?.ran ?? 0;
}
