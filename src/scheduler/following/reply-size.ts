/**
 * How much one reply may bring. After one that did not come in time the next is small, down to one element, so that a slow link gets there as well, and
 * soon: each reply that is late keeps the link busy. Replies that are full and in time grow it back, slowly where one of that size was late before.
 */

/** Bytes of a reply on a link that is not slow. */
const usual = 65_536;
/** A reply after one that was late is so many times smaller. */
const cut = 64;
/** Full replies in time before the next try of a size that was late. */
const patience = 16;

export interface Size {
  readonly limit: number;
  readonly maxBytes: number;
}

export class ReplySize {
  /** The current share of the usual size. */
  #share = 1;
  /** The share that was late last; above 1: none was. */
  #late = 2;
  #inTime = 0;

  /** @param most elements of a reply of the usual size */
  of(most: number): Size {
    return {
      limit: Math.max(1, Math.floor(most * this.#share)),
      maxBytes: Math.max(1, Math.floor(usual * this.#share)),
    };
  }

  late(): void {
    this.#late = this.#share;
    this.#share = Math.max(1 / usual, this.#share / cut);
    this.#inTime = 0;
  }

  /** A reply was in time, and there was more than it could bring. */
  full(): void {
    if (this.#share === 1) return;
    if (this.#share >= this.#late) this.#late = 2;
    this.#inTime += 1;
    if (2 * this.#share >= this.#late / 2 && this.#inTime < patience) return;
    this.#share = Math.min(1, 2 * this.#share);
    this.#inTime = 0;
  }
}
