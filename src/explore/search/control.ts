/** How the threads of a search keep in step: a few shared numbers, and meetings at which all agree on what comes next. */

/** Why a search ends before it has seen everything; together they are a set of bits. */
export const stops = { none: 0, interrupted: 1, full: 2, broken: 4 } as const;

export interface Agreement {
  /** The sum of the numbers of all threads. */
  readonly sum: number;
  /** The reasons to stop of all threads together. */
  readonly stop: number;
}

const slot = { interrupted: 0, arrived: 1, meeting: 2, first: 3 } as const;
/** Each thread gives a number and a reason to stop; two sets, so that no thread overwrites what a slower one still reads. */
const perThread = 4;

export class Control {
  readonly memory: SharedArrayBuffer;
  readonly #shared: Int32Array;
  readonly #threads: number;
  readonly #self: number;
  #round = 0;

  /** @param memory of the others; absent: new */
  constructor(threads: number, self: number, memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer((slot.first + threads * perThread) * 4);
    this.#shared = new Int32Array(this.memory);
    this.#threads = threads;
    this.#self = self;
  }

  /** Asks all threads to stop at their next meeting. */
  interrupt(): void {
    Atomics.store(this.#shared, slot.interrupted, 1);
  }

  get isInterrupted(): boolean {
    return Atomics.load(this.#shared, slot.interrupted) === 1;
  }

  /** Waits until all threads are here. Blocks the thread: not for the one that has an event loop to serve. */
  meet(): void {
    if (this.#threads === 1) return;
    const meeting = Atomics.load(this.#shared, slot.meeting);
    if (Atomics.add(this.#shared, slot.arrived, 1) + 1 === this.#threads) {
      Atomics.store(this.#shared, slot.arrived, 0);
      Atomics.add(this.#shared, slot.meeting, 1);
      Atomics.notify(this.#shared, slot.meeting);
      return;
    }
    while (Atomics.load(this.#shared, slot.meeting) === meeting) Atomics.wait(this.#shared, slot.meeting, meeting);
  }

  /** All threads give a number and their reason to stop, and all get the same answer. */
  agree(given: number, stop: number): Agreement {
    this.#round ^= 1;
    this.#put(this.#self, 0, given);
    this.#put(this.#self, 1, stop);
    this.meet();
    let sum = 0;
    let reasons = 0;
    for (let thread = 0; thread < this.#threads; thread += 1) {
      sum += this.#get(thread, 0);
      reasons |= this.#get(thread, 1);
    }
    return { sum, stop: reasons };
  }

  #put(thread: number, which: number, value: number): void {
    Atomics.store(this.#shared, this.#place(thread, which), value);
  }

  #get(thread: number, which: number): number {
    return Atomics.load(this.#shared, this.#place(thread, which));
  }

  #place(thread: number, which: number): number {
    return slot.first + thread * perThread + this.#round * 2 + which;
  }
}
