/** One thread's shard of a breadth-first search: its states, its part of the frontier, and the tallies of the properties. */
import type { Machine } from "../../../model/language/machine.ts";
import { propertyCrash } from "../crash.ts";
import { type Check, checksOf, type Tally } from "../properties/checks.ts";
import { ReferenceInterpreter } from "../properties/reference-interpreter.ts";
import { compileCanonical } from "../symmetry/symmetry.ts";
import { compileOwner, compileRouter, type Mailbox, type Router } from "./emit.ts";
import { compileExpander, type Emit, type Expander } from "./expander.ts";
import { createStore, OutOfMemory, type StateStore } from "./store.ts";

export interface SearchOptions {
  /** Its name, for messages. */
  readonly model: string;
  readonly mostBytes: number;
  readonly isSymmetric: boolean;
  readonly self: number;
  /** One a thread, or none where there is only one. */
  readonly outboxes: readonly Mailbox[];
  readonly inboxes: readonly Mailbox[];
  /** For the tests that plant a wrong explorer. */
  readonly faults?: SearchFaults | undefined;
}

export interface SearchFaults {
  /** See `StoreOptions`. */
  readonly masks?: readonly number[];
  /** States that are never expanded. */
  readonly drops?: (state: number) => boolean;
}

/** How often a state is expanded twice, to see whether the same comes of it: the first ones, then one in so many. */
const repeatedFirst = 64;
const repeatedEvery = 4096;

export class Search {
  readonly store: StateStore;
  readonly tallies: readonly Tally[];
  readonly expander: Expander;
  readonly #reference: ReferenceInterpreter;
  readonly #router: Router;
  readonly #options: SearchOptions;
  readonly #threads: number;
  readonly #checks: readonly Check[];
  /** The next state to expand, and the end of the level it belongs to. */
  #next = 0;
  #end = 0;
  /** How many states an outbox has room for, less the most that one state can add. */
  readonly #outboxRoom: number;

  /** @param copy the same machine, built once more: it has to find the same successors */
  constructor(machine: Machine, copy: Machine, options: SearchOptions) {
    this.#options = options;
    this.#threads = Math.max(1, options.outboxes.length);
    this.#reference = new ReferenceInterpreter(options.model, copy);
    const { words } = this.#reference.expander.packing;
    this.store = createStore({ words, mostBytes: options.mostBytes, masks: options.faults?.masks });
    this.#router = compileRouter({ words, store: this.store, self: options.self, outboxes: options.outboxes });
    const { emit } = this.#router;
    this.expander = compileExpander(machine, {
      emit: options.isSymmetric ? compileCanonical(this.#reference.expander, emit) : emit,
    });
    this.tallies = machine.properties.map(() => ({ exercised: 0, first: -1 }));
    this.#checks = checksOf(machine.properties, this.tallies);
    const length = options.outboxes.find((_, thread) => thread !== options.self)?.length ?? Number.POSITIVE_INFINITY;
    this.#outboxRoom = (length - 1) / (words + 1) - this.expander.mostSuccessors;
  }

  /** Keeps the first state, if it is this thread's to keep. */
  begin(): void {
    const initial = this.expander.initial();
    const ownerOf = compileOwner(this.#threads, this.expander.packing.words);
    const keep: Emit = (...words) => {
      if (ownerOf(...words) === this.#options.self) this.store.insert(...words);
    };
    const { words } = this.expander.packing;
    if (words !== initial.length) throw new RangeError(`the first state has ${initial.length} words, not ${words}`);
    if (this.#options.isSymmetric) compileCanonical(this.expander, keep)(...initial);
    else keep(...initial);
    this.#end = this.store.size();
  }

  generated(): number {
    return this.#router.generated();
  }

  /** How many states of the level are still to be expanded. */
  get remaining(): number {
    return this.#end - this.#next;
  }

  /** Whether a state that was expanded violates a property. */
  get isViolated(): boolean {
    return this.#checks.some(
      ({ property }, index) => property.kind === "always" && (this.tallies[index]?.first ?? -1) >= 0,
    );
  }

  /** Where the next level begins: it holds what was found since the last call. @returns how many states it has here */
  nextLevel(): number {
    this.#end = this.store.size();
    return this.remaining;
  }

  /**
   * Expands states of the level until `most` of them are done, an outbox is full or the level is at its end.
   * @throws OutOfMemory, and a Crash for what the model does wrong
   */
  expandSome(most: number): void {
    const { self, faults } = this.#options;
    const { words } = this.expander.packing;
    const stop = Math.min(this.#end, this.#next + most);
    while (this.#next < stop && this.#hasRoom()) {
      const state = this.#next;
      if (faults?.drops?.(state) !== true) {
        this.#router.setParent(state * this.#threads + self);
        if (state < repeatedFirst || state % repeatedEvery === 0)
          this.#reference.compare(this.store.states(), state * words);
        this.#expand(state * words);
        this.#check(state);
      }
      this.#next += 1;
    }
  }

  /** Keeps what the other threads have sent. @throws OutOfMemory */
  receive(): void {
    for (const box of this.#options.inboxes) this.#router.drain(box);
  }

  #hasRoom(): boolean {
    const { outboxes } = this.#options;
    for (let thread = 0; thread < outboxes.length; thread += 1) {
      if ((outboxes[thread]?.[0] ?? 0) > this.#outboxRoom) return false;
    }
    return true;
  }

  #expand(offset: number): void {
    try {
      this.expander.expand(this.store.states(), offset);
    } catch (error) {
      if (error instanceof OutOfMemory) throw error;
      // The reference interpreter meets the same error, and knows which action it was in.
      this.#reference.successors(this.store.states(), offset);
      throw error;
    }
  }

  #check(state: number): void {
    const { draft } = this.expander;
    const known = state * this.#threads + this.#options.self;
    for (const check of this.#checks) {
      try {
        check.look(draft, known);
      } catch (error) {
        const where = `${check.property.id} ${check.property.claim}, in ${this.#reference.stateText(this.store.states(), state)}`;
        throw propertyCrash({ model: this.#options.model, where }, error);
      }
    }
  }
}
