/**
 * Looks whether the servers and proxies of a run stand in line for a processor: then calls are late, and it is nobody's doing. The kernel counts
 * only what could run and was not let to, so a server that is stopped, or that waits as a fault has it, stands in no line.
 */
import type { Millis } from "../../check/history.ts";
import { ThreadFiles, type ThreadTime, timeBetween } from "../../lab/machine/thread-time.ts";
import type { Recorder } from "../observe/recorder.ts";

/** Finer than any deadline. A look at 6 servers and a proxy of 7 threads takes 20 µs of processor time, so this costs the thread 0.4 % at most. */
const every = 5;
/** Shorter waits are the grain of things. */
const shortest = 1;

interface Process {
  /** Of the present life. */
  readonly pid: number;
}

export interface Watched {
  readonly toxiproxy: Process;
  readonly servers: { readonly data: readonly Process[]; readonly sentinels: readonly Process[] };
  /** Whether calls or messages pass hops, which this process's own thread serves. */
  readonly hasHops: boolean;
}

/** Until disposed; of a wait that is not over then only what the kernel has counted. */
export function watchStarvation({ hasHops, servers, toxiproxy }: Watched, recorder: Recorder): Disposable {
  const at = recorder.now();
  const lines = [
    // A call may be handed from any of its threads to any other; a server's one thread does all its work.
    new Line("toxiproxy", toxiproxy, "all", at),
    ...(hasHops ? [new Line("hop", process, "first", at)] : []),
    ...servers.data.map((server, index) => new Line(`redis-${index}`, server, "first", at)),
    ...servers.sentinels.map((server, index) => new Line(`sentinel-${index}`, server, "first", at)),
  ];
  const look = (): void => {
    for (const line of lines) {
      const wait = line.look(recorder.now());
      if (wait !== null && wait.waited >= shortest) recorder.event({ kind: "starved", process: line.name, ...wait });
    }
  };
  const timer = setInterval(look, every);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      look();
      for (const line of lines) line[Symbol.dispose]();
    },
  };
}

interface Wait {
  readonly since: Millis;
  readonly at: Millis;
  readonly waited: Millis;
}

/** In which a process stands, from one look to the next. */
class Line implements Disposable {
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

  /** null: another life has begun since the last look, of which nothing is known yet. */
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
    // It is told when it is over, and may have begun long before the last look.
    return { since: Math.min(lookedAt, at - waited), at, waited };
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}
