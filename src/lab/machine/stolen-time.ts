/**
 * Steal time: for how long the host of a virtual machine has withheld each of its processors (/proc/stat, `steal`). The kernel counts such time as run
 * by the thread that was on the processor. Linux only, and only where the host reports it: elsewhere it is 0.
 */
import { closeSync, openSync, readSync } from "node:fs";

/** The unit of /proc/stat: USER_HZ, which is 100 on every architecture that Node runs on. */
const stolenGrain = 10; // ms
const ofProcessor = /^cpu\d+((?: \d+)+)$/;
/** Its position among the figures of a processor. */
const steal = 7;

/** The steal time of each processor, in ms. @param text of /proc/stat, which may be cut off */
export function readStolen(text: string): readonly number[] {
  return text.split("\n").flatMap((line) => {
    const figures = ofProcessor.exec(line)?.[1]?.trim().split(" ");
    const ticks = Number(figures?.[steal]);
    return Number.isFinite(ticks) ? [ticks * stolenGrain] : [];
  });
}

/** The host withheld a processor for `lasted` of the time from `since` to `at`, by the caller's clock; in ms. */
export interface StolenSpan {
  readonly processor: number;
  readonly since: number;
  readonly at: number;
  readonly lasted: number;
}

/** A unit of 10 ms may have accumulated since the previous one was complete, but for no longer than this. */
const mostGathering = 500;

/** The file stays open: a read takes 10 µs. */
export class StolenTime implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1 << 14);
  #before: readonly number[];
  readonly #begin: number;
  /** By processor: when its last unit was complete. */
  readonly #fullAt: number[] = [];

  private constructor(file: number, at: number) {
    this.#file = file;
    this.#begin = at;
    this.#before = this.#read();
  }

  /** null: this system does not report it
   * @param at the time now, by the clock of every look
   */
  static open(at: number, file = "/proc/stat"): StolenTime | null {
    try {
      return new StolenTime(openSync(file, "r"), at);
    } catch {
      return null;
    }
  }

  /** The steal time since the last look, for the processors that have any. */
  look(at: number): readonly StolenSpan[] {
    const now = this.#read();
    const kept = now.flatMap((each, processor) => {
      const lasted = each - (this.#before[processor] ?? each);
      if (lasted <= 0) return [];
      const since = Math.min(at - lasted, Math.max(this.#fullAt[processor] ?? this.#begin, at - mostGathering));
      this.#fullAt[processor] = at;
      return [{ processor, since, at, lasted }];
    });
    this.#before = now;
    return kept;
  }

  #read(): readonly number[] {
    const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
    return readStolen(this.#buffer.toString("latin1", 0, length));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
