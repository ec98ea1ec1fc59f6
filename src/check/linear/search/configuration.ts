/** The possible configurations at one moment of a search, and sets of them. */
import type { SequentialObject } from "./operation.ts";

/** How many of each class of unanswered operations have taken effect; classes are numbered, trailing zeros are left out. */
export type Usage = readonly number[];

export const nothingUsed: Usage = [];

export function withOneMore(used: Usage, kind: number): Usage {
  const next = used.slice();
  while (next.length <= kind) next.push(0);
  next[kind] = (next[kind] ?? 0) + 1;
  return next;
}

function isWithin(less: Usage, more: Usage): boolean {
  if (less === more || less.length === 0) return true;
  return less.length <= more.length && less.every((count, kind) => count <= (more[kind] ?? 0));
}

/** Pending operations are numbered by their place in the window, two words of bits say which have taken effect. */
export const mostPending = 62;
const wordBits = 31;

export class Configuration<State> {
  state: State;
  low: number;
  high: number;
  readonly used: Usage;

  constructor(state: State, low: number, high: number, used: Usage) {
    this.state = state;
    this.low = low;
    this.high = high;
    this.used = used;
  }

  has(place: number): boolean {
    return ((place < wordBits ? this.low >>> place : this.high >>> (place - wordBits)) & 1) === 1;
  }

  set(place: number): void {
    if (place < wordBits) this.low |= 1 << place;
    else this.high |= 1 << (place - wordBits);
  }

  clear(place: number): void {
    if (place < wordBits) this.low &= ~(1 << place);
    else this.high &= ~(1 << (place - wordBits));
  }
}

const firstSize = 64;
/** So many are gone through one by one. */
const fewHeld = 4;
/** Slots for each that was held. */
const mostSpare = 16;

/**
 * Open addressing. A configuration is taken as held when one whose state covers its own has the same bits and has used no unanswered operation that
 * it has not: what the one can go on to, the other can.
 */
export class ConfigurationSet<State> {
  readonly #object: Pick<SequentialObject<State, never, never>, "hash" | "covers">;
  #slots: (Configuration<State> | undefined)[] = [];
  readonly #held: Configuration<State>[] = [];
  /** Whether those that are held are in the slots. */
  #isHashed = false;

  constructor(object: Pick<SequentialObject<State, never, never>, "hash" | "covers">) {
    this.#object = object;
  }

  get size(): number {
    return this.#held.length;
  }

  get held(): readonly Configuration<State>[] {
    return this.#held;
  }

  /** Begins anew, in the room that there is where it was not far too much. */
  clear(): void {
    if (this.#isHashed) {
      if (this.#slots.length > mostSpare * this.#held.length) this.#slots = [];
      else this.#slots.fill(undefined);
    }
    this.#isHashed = false;
    this.#held.length = 0;
  }

  /** @returns whether it was new */
  add(one: Configuration<State>): boolean {
    const held = this.#held;
    if (held.length < fewHeld) {
      // Mostly there are one or two.
      for (const other of held) if (this.#covers(other, one)) return false;
      held.push(one);
      return true;
    }
    if (held.length * 2 >= this.#slots.length) this.#grow();
    else if (!this.#isHashed) this.#hash();
    if (!this.#place(one)) return false;
    held.push(one);
    return true;
  }

  #place(one: Configuration<State>): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let at = this.#hashOf(one) & mask; ; at = (at + 1) & mask) {
      const other = slots[at];
      if (other === undefined) {
        slots[at] = one;
        return true;
      }
      if (this.#covers(other, one)) return false;
    }
  }

  #grow(): void {
    this.#slots = new Array(Math.max(firstSize, this.#slots.length * 2));
    this.#hash();
  }

  #hash(): void {
    this.#isHashed = true;
    for (const one of this.#held) this.#place(one);
  }

  #covers(other: Configuration<State>, one: Configuration<State>): boolean {
    return (
      other.low === one.low &&
      other.high === one.high &&
      this.#object.covers(other.state, one.state) &&
      isWithin(other.used, one.used)
    );
  }

  #hashOf({ high, low, state }: Configuration<State>): number {
    const mixed = Math.imul(low ^ Math.imul(high, 0x5bd1e995), 0x85ebca6b);
    return Math.imul(this.#object.hash(state) ^ mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 7;
  }
}
