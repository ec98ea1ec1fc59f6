/**
 * Records CPU starvation of the servers and proxies of a run: it delays calls, and no instance is to blame. The kernel counts only the time in which a
 * thread was ready and not scheduled, so a server that is stopped or waits because of a fault is not starved.
 */
import type { Millis } from "../../check/history.ts";
import { ThreadFiles, type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";
import type { Recorder } from "../observe/recorder.ts";

/** ms, less than any timeout. Reading 6 servers and a proxy of 7 threads takes 20 µs of processor time, so this costs the thread 0.4 % at most. */
const every = 5;
/** Shorter waits are normal scheduling. */
const shortest = 1;

interface Process {
  /** Changes with a restart. */
  readonly pid: number;
}

export interface Watched {
  readonly toxiproxy: Process;
  readonly servers: { readonly data: readonly Process[]; readonly sentinels: readonly Process[] };
  /** Whether there are hops, which this process's main thread serves. */
  readonly hasHops: boolean;
}

/** Records until disposed; of a wait that is not over then only what the kernel has counted. */
export function watchStarvation({ hasHops, servers, toxiproxy }: Watched, recorder: Recorder): Disposable {
  const at = recorder.now();
  const watches = [
    // A call may pass any thread of the proxy; a server does all its work on its first thread.
    new ProcessWatch("toxiproxy", toxiproxy, "all", at),
    ...(hasHops ? [new ProcessWatch("hop", process, "first", at)] : []),
    ...servers.data.map((server, index) => new ProcessWatch(`redis-${index}`, server, "first", at)),
    ...servers.sentinels.map((server, index) => new ProcessWatch(`sentinel-${index}`, server, "first", at)),
  ];
  const look = (): void => {
    for (const watch of watches) {
      const wait = watch.look(recorder.now());
      if (wait !== null && wait.waited >= shortest) recorder.event({ kind: "starved", process: watch.name, ...wait });
    }
  };
  const timer = setInterval(look, every);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      look();
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}

interface Wait {
  readonly since: Millis;
  readonly at: Millis;
  readonly waited: Millis;
}

/** The starvation of one process from one look to the next. */
class ProcessWatch implements Disposable {
  readonly name: string;
  readonly #process: Process;
  readonly #which: "first" | "all";
  #files: ThreadFiles;
  #before: ReadonlyMap<number, ThreadTime>;
  #lookedAt: Millis;

  constructor(name: string, process: Process, which: "first" | "all", at: Millis) {
    this.name = name;
    this.#process = process;
    this.#which = which;
    this.#files = new ThreadFiles(process.pid, which);
    this.#before = this.#files.times();
    this.#lookedAt = at;
  }

  /** null: the process was restarted since the last look. */
  look(at: Millis): Wait | null {
    const { pid } = this.#process;
    const isAnother = pid !== this.#files.pid;
    if (isAnother) {
      this.#files[Symbol.dispose]();
      this.#files = new ThreadFiles(pid, this.#which);
    }
    const [lookedAt, before, times] = [this.#lookedAt, this.#before, this.#files.times()];
    this.#lookedAt = at;
    this.#before = times;
    if (isAnother || before.size === 0) return null;
    const waits = [...times].map(([thread, time]) => timeBetween(before.get(thread), time).waited);
    const waited = Math.max(0, ...waits);
    // The kernel counts a wait when it is over; it may have begun long before the last look.
    return { since: Math.min(lookedAt, at - waited), at, waited };
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}
