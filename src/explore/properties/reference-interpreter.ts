/** A second copy of the machine, slower and more talkative: it says what an action did, and whether it does so again. */
import type { Machine } from "../../../model/language/machine.ts";
import { actionCrash, unrepeatable } from "../crash.ts";
import { compileExpander, type Expander } from "../search/expander.ts";
import { type Told, tellFields, tellState, tellStep } from "../view/state-text.ts";

export interface Successor {
  readonly words: readonly number[];
  readonly action: number;
  readonly args: readonly unknown[];
  readonly codes: readonly number[];
}

export class Twin {
  readonly expander: Expander;
  readonly machine: Machine;
  readonly #model: string;
  #found: Successor[] = [];

  constructor(model: string, machine: Machine) {
    this.#model = model;
    this.machine = machine;
    this.expander = compileExpander(machine, {
      isTraced: true,
      isWatched: true,
      emit: (...words) => {
        const { action, args, codes } = this.expander.step;
        this.#found.push({ words, action, args, codes });
      },
    });
  }

  /** @throws BrokenRunError naming the action, the state, and where it is outside its schema the field, its value and its bound */
  successors(states: Int32Array, offset: number): readonly Successor[] {
    this.#found = [];
    try {
      this.expander.expand(states, offset);
    } catch (error) {
      throw actionCrash({ model: this.#model, where: this.#where(states, offset) }, error);
    }
    return this.#found;
  }

  /** @throws BrokenRunError where the same state does not give the same successors in the same order twice */
  compare(states: Int32Array, offset: number): void {
    const first = this.successors(states, offset);
    const second = this.successors(states, offset);
    const place = first.findIndex((one, index) => !isSame(one, second[index]));
    if (place < 0 && first.length === second.length) return;
    const told = (one: Successor | undefined): string =>
      one === undefined ? "none" : `${tellStep(this.machine, one)} to ${one.words}`;
    const at = place < 0 ? first.length : place;
    const where = this.tellWhole(states, offset);
    throw unrepeatable(
      { model: this.#model, where: `successor ${at + 1} of ${where}` },
      told(first[at]),
      told(second[at]),
    );
  }

  /** @returns the fields of the state at `offset`, in words */
  tell(states: Int32Array, offset: number): Told {
    this.expander.load(states, offset);
    return tellState(this.machine.schema, this.expander.draft);
  }

  #where(states: Int32Array, offset: number): string {
    const { action, args } = this.expander.step;
    return `${tellStep(this.machine, { action, args })} in ${this.tellWhole(states, offset)}`;
  }

  tellWhole(states: Int32Array, offset: number): string {
    return `the state ${tellFields(this.tell(states, offset)).join("; ")}`;
  }
}

function isSame(one: Successor, other: Successor | undefined): boolean {
  return (
    one.action === other?.action &&
    String(one.codes) === String(other.codes) &&
    String(one.words) === String(other.words)
  );
}
