/**
 * How long threads have been on a processor, and how long they have stood in line for one: /proc/…/schedstat. What the machine may be blamed
 * for is the second; what a thread did while it was late is the first. Linux only: elsewhere nobody tells.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

/** Both in ms since the thread began. A processor that the host took away from this machine is in neither. */
export interface ThreadTime {
  /** Of a thread that is running it may be behind by a tick of the kernel, 1 to 10 ms. */
  readonly ran: number;
  readonly waited: number;
}

/** From one look at a thread to the next. @param before absent: it had not begun yet */
export function timeBetween(before: ThreadTime | undefined, after: ThreadTime): ThreadTime {
  return { ran: after.ran - (before?.ran ?? 0), waited: after.waited - (before?.waited ?? 0) };
}

/** Time on a processor, time in line for one, both in ns, and turns. null: no such line */
export function readThreadTime(line: string): ThreadTime | null {
  const [ran, waited] = line.split(" ", 2).map((text) => Number(text || Number.NaN) / 1e6);
  if (ran === undefined || waited === undefined || !Number.isFinite(ran + waited)) return null;
  return { ran, waited };
}

/** Of each thread of a process, by its id; that of the first is the process's own. null: this system does not tell, or the process has ended. */
export function threadTimesOf(pid: number): ReadonlyMap<number, ThreadTime> | null {
  const tasks = `/proc/${pid}/task`;
  try {
    return new Map(readdirSync(tasks).flatMap((task) => timeOfTask(Number(task), `${tasks}/${task}/schedstat`)));
  } catch {
    return null;
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

/** Of the thread that opened it, which is read hundreds of times a second: the file stays open. */
export class OwnThread implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(96);

  private constructor(file: number) {
    this.#file = file;
  }

  /** null: this system does not tell */
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
