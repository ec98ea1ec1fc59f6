/**
 * What happened, as the lines of its file, beside the heap: objects that are kept by the thousand have the garbage collector stop the run for
 * milliseconds, bytes do not.
 */

const chunkBytes = 1 << 20;
/** UTF-8 bytes that one character of a string takes at most. */
const widest = 3;

/** How far somebody has read. */
export interface Mark {
  chunk: number;
  offset: number;
}

export class HistoryLog {
  /** All but the last are full; `#used` is of the last. */
  readonly #chunks: Buffer[] = [Buffer.allocUnsafeSlow(chunkBytes)];
  #used = 0;

  /** @param said nothing that JSON has no form for */
  add(said: object): void {
    const text = `${JSON.stringify(said)}\n`;
    const most = text.length * widest;
    let last = this.#last;
    if (last.length - this.#used < most) {
      this.#chunks[this.#chunks.length - 1] = last.subarray(0, this.#used);
      last = Buffer.allocUnsafeSlow(Math.max(chunkBytes, most));
      this.#chunks.push(last);
      this.#used = 0;
    }
    this.#used += last.write(text, this.#used, "utf8");
  }

  get #last(): Buffer {
    const last = this.#chunks.at(-1);
    if (last === undefined) throw new RangeError("a log without a chunk");
    return last;
  }

  /** What has come since, whole lines in each part; `mark` is moved to the end. */
  since(mark: Mark): readonly Buffer[] {
    const parts: Buffer[] = [];
    for (let index = mark.chunk; index < this.#chunks.length; index += 1) {
      const chunk = this.#chunks[index];
      const isLast = index === this.#chunks.length - 1;
      const part = chunk?.subarray(index === mark.chunk ? mark.offset : 0, isLast ? this.#used : chunk.length);
      if (part !== undefined && part.length > 0) parts.push(part);
    }
    mark.chunk = this.#chunks.length - 1;
    mark.offset = this.#used;
    return parts;
  }

  /** The lines that have come since, as what they were. */
  read(mark: Mark): readonly object[] {
    const texts = this.since(mark).flatMap((part) => part.toString("utf8").trimEnd().split("\n"));
    return texts.map((text): object => JSON.parse(text));
  }
}
