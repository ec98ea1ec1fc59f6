/** The states that a search has kept, of all its threads together. */
import { compileOwner } from "./emit.ts";
import { attachStore, type StoreMemory } from "./store.ts";

export interface StoredStates {
  readonly memory: StoreMemory;
  readonly size: number;
}

/** A state's number is its place in its thread's store times the number of threads, plus that thread's number. */
export class Graph {
  readonly words: number;
  readonly #stores: readonly ReturnType<typeof attachStore>[];
  readonly #ownerOf: (...words: readonly number[]) => number;

  constructor(words: number, kept: readonly StoredStates[]) {
    this.words = words;
    this.#stores = kept.map(({ memory, size }) => attachStore(words, memory, size));
    this.#ownerOf = compileOwner(kept.length, words);
  }

  get size(): number {
    return this.#stores.reduce((sum, store) => sum + store.size, 0);
  }

  /** All numbers are below this; with more than one thread not all of them are states. */
  get bound(): number {
    return this.#stores.reduce((most, store) => Math.max(most, store.size), 0) * this.#stores.length;
  }

  has(state: number): boolean {
    return Math.floor(state / this.#stores.length) < (this.#storeOf(state)?.size ?? 0);
  }

  /** Where the words of a state are. */
  at(state: number): { readonly states: Int32Array; readonly offset: number } {
    const store = this.#storeOf(state);
    if (store === undefined || !this.has(state)) throw new RangeError(`no state ${state}`);
    return { states: store.states, offset: Math.floor(state / this.#stores.length) * this.words };
  }

  wordsOf(state: number): readonly number[] {
    const { states, offset } = this.at(state);
    return [...states.subarray(offset, offset + this.words)];
  }

  /** -1 for the first state. */
  parentOf(state: number): number {
    return this.#storeOf(state)?.parents[Math.floor(state / this.#stores.length)] ?? -1;
  }

  /** @returns its number, or -1 */
  find(words: readonly number[]): number {
    const thread = this.#ownerOf(...words);
    const place = this.#stores[thread]?.find(...words) ?? -1;
    return place < 0 ? -1 : place * this.#stores.length + thread;
  }

  /** The shortest way to a state, from the first one on, both included. */
  pathTo(state: number): readonly number[] {
    const path: number[] = [];
    for (let at = state; at >= 0; at = this.parentOf(at)) path.push(at);
    return path.reverse();
  }

  #storeOf(state: number): ReturnType<typeof attachStore> | undefined {
    return this.#stores[state % this.#stores.length];
  }
}
