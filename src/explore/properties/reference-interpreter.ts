/** A second copy of the machine, slower: it reports what an action did, and whether it does the same again. */
import type { Machine } from "../../../model/language/machine.ts";
import { actionCrash, unrepeatable } from "../crash.ts";
import { compileExpander, type Expander } from "../search/expander.ts";
import { type FieldTexts, fieldLines, fieldTexts, stepText } from "../view/state-text.ts";

export interface Successor {
  readonly words: readonly number[];
  readonly action: number;
  readonly args: readonly unknown[];
  readonly codes: readonly number[];
}

export class ReferenceInterpreter {
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
    const text = (one: Successor | undefined): string =>
      one === undefined ? "none" : `${stepText(this.machine, one)} to ${one.words}`;
    const at = place < 0 ? first.length : place;
    const where = this.stateText(states, offset);
    throw unrepeatable(
      { model: this.#model, where: `successor ${at + 1} of ${where}` },
      text(first[at]),
      text(second[at]),
    );
  }

  /** @returns the fields of the state at `offset`, as text */
  fieldsAt(states: Int32Array, offset: number): FieldTexts {
    this.expander.load(states, offset);
    return fieldTexts(this.machine.schema, this.expander.draft);
  }

  #where(states: Int32Array, offset: number): string {
    const { action, args } = this.expander.step;
    return `${stepText(this.machine, { action, args })} in ${this.stateText(states, offset)}`;
  }

  stateText(states: Int32Array, offset: number): string {
    return `the state ${fieldLines(this.fieldsAt(states, offset)).join("; ")}`;
  }
}

function isSame(one: Successor, other: Successor | undefined): boolean {
  return (
    one.action === other?.action &&
    String(one.codes) === String(other.codes) &&
    String(one.words) === String(other.words)
  );
}
