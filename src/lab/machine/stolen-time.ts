/**
 * For how long the host of a virtual machine has kept each of its processors from it: /proc/stat, `steal`. To the kernel such time is run by whoever
 * was on the processor. Linux only, and only where the host tells: elsewhere it is 0.
 */
import { closeSync, openSync, readSync } from "node:fs";

/** What /proc/stat counts in: USER_HZ, which is 100 on every architecture that Node runs on. */
const stolenGrain = 10; // ms
const ofProcessor = /^cpu\d+((?: \d+)+)$/;
/** Among the figures of a processor. */
const steal = 7;

/** Of each processor, in ms. @param text of /proc/stat, which may be cut off */
export function readStolen(text: string): readonly number[] {
  return text.split("\n").flatMap((line) => {
    const figures = ofProcessor.exec(line)?.[1]?.trim().split(" ");
    const ticks = Number(figures?.[steal]);
    return Number.isFinite(ticks) ? [ticks * stolenGrain] : [];
  });
}

/** The host kept a processor for `lasted` of the time from `since` to `at`, by whatever clock it was asked by; in ms. */
export interface Kept {
  readonly processor: number;
  readonly since: number;
  readonly at: number;
  readonly lasted: number;
}

/** What is counted in lots of 10 ms may have been gathering since the lot before it was full, unless that is longer ago than this. */
const mostGathering = 500;

/** The file stays open: a look takes 10 µs. */
export class StolenTime implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1 << 14);
  #before: readonly number[];
  readonly #begin: number;
  /** By processor: when its last lot was full. */
  readonly #fullAt: number[] = [];

  private constructor(file: number, at: number) {
    this.#file = file;
    this.#begin = at;
    this.#before = this.#read();
  }

  /** null: this system does not tell
   * @param at the time now, by the clock of every look
   */
  static open(at: number, file = "/proc/stat"): StolenTime | null {
    try {
      return new StolenTime(openSync(file, "r"), at);
    } catch {
      return null;
    }
  }

  /** What has been added since the last look, of the processors of which anything has. */
  look(at: number): readonly Kept[] {
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
