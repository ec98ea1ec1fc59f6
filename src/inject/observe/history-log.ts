/**
 * The lines of a history as bytes outside the heap: thousands of retained objects would make the garbage collector stop the run for milliseconds.
 */

const chunkBytes = 1 << 20;
/** The most UTF-8 bytes for one UTF-16 code unit. */
const widest = 3;

/** The position of a reader. */
export interface Mark {
  chunk: number;
  offset: number;
}

export class HistoryLog {
  /** All but the last are full; `#used` counts the bytes of the last. */
  readonly #chunks: Buffer[] = [Buffer.allocUnsafeSlow(chunkBytes)];
  #used = 0;

  /** @param line contains only what JSON can represent */
  add(line: object): void {
    const text = `${JSON.stringify(line)}\n`;
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

  /** The bytes added since `mark`, whole lines in each part; moves `mark` to the end. */
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

  /** The lines added since `mark`, parsed. */
  read(mark: Mark): readonly object[] {
    const texts = this.since(mark).flatMap((part) => part.toString("utf8").trimEnd().split("\n"));
    return texts.map((text): object => JSON.parse(text));
  }
}
