/**
 * The run time of threads, and their CPU starvation: the time in which they were ready and not scheduled (/proc/…/schedstat). The machine is to blame for
 * the second. Linux only: elsewhere neither is known.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

/** Both in ms since the thread began. */
export interface ThreadTime {
  /** For a running thread it may lag by a tick of the kernel, 1 to 10 ms. */
  readonly ran: number;
  readonly waited: number;
}

/** From one look at a thread to the next. @param before undefined: it had not begun yet */
export function timeBetween(before: ThreadTime | undefined, after: ThreadTime): ThreadTime {
  return { ran: after.ran - (before?.ran ?? 0), waited: after.waited - (before?.waited ?? 0) };
}

/** Run time, waiting time, both in ns, and time slices. null: no such line */
export function readThreadTime(line: string): ThreadTime | null {
  const [ran, waited] = line.split(" ", 2).map((text) => Number(text || Number.NaN) / 1e6);
  if (ran === undefined || waited === undefined || !Number.isFinite(ran + waited)) return null;
  return { ran, waited };
}

/** By thread id; the first thread has the id of the process. null: this system does not report it, or the process has ended. */
export function threadTimesOf(pid: number): ReadonlyMap<number, ThreadTime> | null {
  const tasks = `/proc/${pid}/task`;
  try {
    return new Map(readdirSync(tasks).flatMap((task) => timeOfTask(Number(task), `${tasks}/${task}/schedstat`)));
  } catch {
    return null;
  }
}

/** Reads the threads of another process hundreds of times a second, so their files stay open. A read takes 1 to 2 µs, a list of threads 5. */
export class ThreadFiles implements Disposable {
  readonly pid: number;
  readonly #which: "first" | "all";
  readonly #files = new Map<number, number>();
  readonly #buffer = Buffer.alloc(96);

  /** @param which `first`: only the thread with the id of its process, for a program that works on one thread */
  constructor(pid: number, which: "first" | "all") {
    this.pid = pid;
    this.#which = which;
  }

  /** By thread; empty where this system does not report it, or the process has ended. */
  times(): ReadonlyMap<number, ThreadTime> {
    const times = new Map<number, ThreadTime>();
    const threads = this.#threads();
    for (const thread of [...this.#files.keys()]) if (!threads.has(thread)) this.#close(thread);
    for (const thread of threads) {
      const time = this.#timeOf(thread);
      if (time === null) this.#close(thread);
      else times.set(thread, time);
    }
    return times;
  }

  #threads(): ReadonlySet<number> {
    if (this.#which === "first") return new Set([this.pid]);
    try {
      return new Set(readdirSync(`/proc/${this.pid}/task`).map(Number));
    } catch {
      return new Set();
    }
  }

  /** null: it has ended, or there is none. */
  #timeOf(thread: number): ThreadTime | null {
    try {
      const file = this.#files.get(thread) ?? openSync(`/proc/${this.pid}/task/${thread}/schedstat`, "r");
      this.#files.set(thread, file);
      const length = readSync(file, this.#buffer, 0, this.#buffer.length, 0);
      return readThreadTime(this.#buffer.toString("latin1", 0, length));
    } catch {
      return null;
    }
  }

  #close(thread: number): void {
    const file = this.#files.get(thread);
    this.#files.delete(thread);
    if (file !== undefined) closeSync(file);
  }

  [Symbol.dispose](): void {
    for (const thread of [...this.#files.keys()]) this.#close(thread);
  }
}

/** None of a thread that has just ended. */
function timeOfTask(task: number, file: string): readonly (readonly [number, ThreadTime])[] {
  try {
    const time = readThreadTime(readFileSync(file, "latin1"));
    return time === null ? [] : [[task, time]];
  } catch {
    return [];
  }
}

/** Reads the thread that opened it, hundreds of times a second, so the file stays open. */
export class OwnThread implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(96);

  private constructor(file: number) {
    this.#file = file;
  }

  /** null: this system does not report it */
  static open(): OwnThread | null {
    try {
      return new OwnThread(openSync("/proc/thread-self/schedstat", "r"));
    } catch {
      return null;
    }
  }

  time(): ThreadTime | null {
    const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
    return readThreadTime(this.#buffer.toString("latin1", 0, length));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
