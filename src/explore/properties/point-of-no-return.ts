/**
 * The point of no return of a counterexample: the first of its states from which every fair continuation within the scope breaks the property.
 *
 * A continuation that keeps an `always` never meets a state where it does not hold. One that keeps an `eventually` owes it again and again at
 * most for a while. Either way it ends up going round in one strongly connected component, or resting in one state, and it is fair in doing so:
 * see liveness.ts. So the violation is inevitable from a state exactly if no such component that keeps the property can be reached from it.
 * Nothing is approximated; where the states are too many, the answer is that it was not computed.
 */
import type { Machine, Property } from "../../../model/language/machine.ts";
import { compileExpander, type Expander } from "../search/expander.ts";
import { Ints } from "../search/ints.ts";
import { demandsOf } from "../search/steps.ts";
import { createStore } from "../search/store.ts";
import { components } from "./components.ts";
import { fairComponents } from "./liveness.ts";

type Ask = (draft: unknown) => boolean;
type Words = readonly number[];

export interface Question {
  readonly machine: Machine;
  /** The one that is broken: an `always` by the last state, an `eventually` by going round in the last ones or resting there. */
  readonly property: Property;
  /** The counterexample's states, packed, the first one first. */
  readonly path: readonly Words[];
  /** Most states to visit, over all. */
  readonly mostStates: number;
}

export type PointOfNoReturnAnswer =
  /** `state`: the first from which it is inevitable, by its place in the path; not `isFirst` where those before it had too many successors. */
  | { readonly kind: "inevitable"; readonly state: number; readonly states: number; readonly isFirst: boolean }
  /** After each state before the one that breaks the property, some fair continuation keeps it. */
  | { readonly kind: "avoidable"; readonly states: number }
  | { readonly kind: "too_many"; readonly states: number };

export function pointOfNoReturn(question: Question): PointOfNoReturnAnswer {
  const { property, path } = question;
  const search = new Continuations(question);
  // The state that breaks an `always` needs no judging; with an `eventually` even the last state may leave a way out.
  const judged = property.kind === "always" ? path.length - 1 : path.length;
  let state = judged;
  while (state > 0) {
    const answer = search.judge(state - 1);
    if (answer === "too_many" && state === judged) return { kind: "too_many", states: search.states };
    if (answer === "too_many") return { kind: "inevitable", state, states: search.states, isFirst: false };
    if (answer === "avoidable") break;
    state -= 1;
  }
  if (state === judged && judged > 0) return { kind: "avoidable", states: search.states };
  return { kind: "inevitable", state, states: search.states, isFirst: true };
}

/** From which state of the path on an `eventually` is owed without ever being paid again. */
export function owedSince({ machine, property, path }: Omit<Question, "mostStates">): number {
  const debt = new Debt(machine, property);
  const owed = debt.along(path);
  return owed.lastIndexOf(0) + 1;
}

/** The debt of a state: 1 where an `eventually` has to come to hold after it. An `always` owes nothing, but may be broken. */
class Debt {
  readonly #looker: Expander;
  readonly #property: Property;

  constructor(machine: Machine, property: Property) {
    this.#looker = compileExpander(machine, { emit: () => {} });
    this.#property = property;
  }

  /** @param before the debt before; null: this is the first state */
  after(before: number | null, words: Words): number {
    if (this.#property.kind !== "eventually") return 0;
    const { after } = this.#property;
    const begins = after === undefined ? before === null : this.#asks(after as Ask, words);
    return (before === 1 || begins) && !this.holds(words) ? 1 : 0;
  }

  along(path: readonly Words[]): readonly number[] {
    const owed: number[] = [];
    for (const words of path) owed.push(this.after(owed.at(-1) ?? null, words));
    return owed;
  }

  holds(words: Words): boolean {
    return this.#asks(this.#property.holds as Ask, words);
  }

  #asks(question: Ask, words: Words): boolean {
    this.#looker.load(Int32Array.from(words), 0);
    return question(this.#looker.draft);
  }
}

/** The states that can follow those of the path. */
class Continuations {
  /** Visited so far. */
  states = 0;
  readonly #question: Question;
  readonly #debt: Debt;
  readonly #owed: readonly number[];

  constructor(question: Question) {
    this.#question = question;
    this.#debt = new Debt(question.machine, question.property);
    this.#owed = this.#debt.along(question.path);
  }

  /** Visits the states that can follow the one at this place of the path, as far as they keep an `always`. */
  judge(place: number): "inevitable" | "avoidable" | "too_many" {
    const { machine, property, path, mostStates } = this.#question;
    const steps = { starts: new Ints(), targets: new Ints(), demands: new Ints() };
    const demandOf = demandsOf(machine);
    let found: { words: Words; demand: number }[] = [];
    const expander = compileExpander(machine, {
      isTraced: true,
      emit: (...words) => {
        found.push({ words, demand: demandOf(expander.step.action, expander.step.codes) });
      },
    });
    const { words } = expander.packing;
    const store = createStore({ words: words + 1, mostBytes: 2 ** 30 });
    const numberOf = (state: Words, owed: number): number => {
      store.insert(...state, owed);
      return store.find(...state, owed);
    };
    numberOf(path[place] ?? [], this.#owed[place] ?? 0);
    steps.starts.push(0);
    for (let node = 0; node < store.size(); node += 1) {
      this.states += 1;
      if (this.states > mostStates) return "too_many";
      const at = node * (words + 1);
      const own = [...store.states().subarray(at, at + words)];
      const owed = store.states()[at + words] ?? 0;
      found = [];
      expander.expand(Int32Array.from(own), 0);
      const moves = found.filter((each) => String(each.words) !== String(own));
      if (owed === 0 && moves.every(({ demand }) => demand < 0)) return "avoidable"; // it may rest here
      for (const move of moves) {
        const breaks = property.kind === "always" && !this.#debt.holds(move.words);
        steps.targets.push(breaks ? -1 : numberOf(move.words, this.#debt.after(owed, move.words)));
        steps.demands.push(move.demand);
      }
      steps.starts.push(steps.targets.length);
    }
    const component = components(steps);
    const fair = fairComponents(steps, component);
    const keeps = (node: number): boolean => (store.states()[node * (words + 1) + words] ?? 0) === 0;
    return component.some((each, node) => fair.has(each) && keeps(node)) ? "avoidable" : "inevitable";
  }
}
