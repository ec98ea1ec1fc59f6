/** A worker process of the command: makes one run at a time in an instrumented copy, and is killed when a run does not end. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { LineTail } from "./line-tail.ts";
import type { Ready, Reply, Request } from "./messages.ts";
import { environmentName } from "./switch.ts";

/** How a request ended without a reply. */
export interface Ended {
  readonly verdict: "timeout" | "crash";
  readonly reason: string;
}

/** Milliseconds for a process to load the copy, on a machine with much else to do. */
const loadTimeout = 60_000;

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
    const first = await nextMessage<Ready>(child, loadTimeout, errors);
    if ("loaded" in first) return new Worker(child, first.loaded, errors);
    kill();
    return first;
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  /** @param limit milliseconds; a run that lasts longer ends the process */
  async ask(request: Request, limit: number): Promise<Reply | Ended> {
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
  limit: number,
  errors: LineTail,
): Promise<Message | Ended> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle({ verdict: "timeout", reason: `no end within ${limit / 1_000} s` }), limit);
    const onMessage = (message: unknown): void => settle(message as Message);
    const onExit = (): void => {
      const how = child.signalCode ?? `exit code ${child.exitCode}`;
      settle({ verdict: "crash", reason: `the process ended: ${how}${errors.text === "" ? "" : `: ${errors.text}`}` });
    };
    const settle = (found: Message | Ended): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
      resolve(found);
    };
    child.once("message", onMessage).once("exit", onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit();
  });
}
