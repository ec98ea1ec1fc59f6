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

/** The file stays open: a look takes 10 µs. */
export class StolenTime implements Disposable {
  readonly #file: number;
  readonly #buffer = Buffer.alloc(1 << 14);
  #before: readonly number[];

  private constructor(file: number) {
    this.#file = file;
    this.#before = this.#read();
  }

  /** null: this system does not tell */
  static open(file = "/proc/stat"): StolenTime | null {
    try {
      return new StolenTime(openSync(file, "r"));
    } catch {
      return null;
    }
  }

  /** Since the last look, of the processor that was kept for longest; in ms. */
  look(): number {
    const now = this.#read();
    const stolen = now.map((each, processor) => each - (this.#before[processor] ?? each));
    this.#before = now;
    return Math.max(0, ...stolen);
  }

  #read(): readonly number[] {
    const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
    return readStolen(this.#buffer.toString("latin1", 0, length));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
