/**
 * Since when a counterexample could not end well: the first of its states from which every fair continuation within the scope breaks the property.
 *
 * A continuation that keeps an `always` never meets a state where it does not hold. One that keeps an `eventually` owes it again and again at
 * most for a while. Either way it ends up going round in one strongly connected component, or resting in one state, and it is fair in doing so:
 * see liveness.ts. So a state is doomed exactly if no such component that keeps the property can be reached from it. Nothing is approximated;
 * where the states are too many, the answer is that it was not computed.
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

export interface DoomQuestion {
  readonly machine: Machine;
  /** The one that is broken: an `always` by the last state, an `eventually` by going round in the last ones or resting there. */
  readonly property: Property;
  /** The counterexample's states, packed, the first one first. */
  readonly path: readonly Words[];
  /** Most states to look at, over all. */
  readonly mostStates: number;
}

export type DoomAnswer =
  /** `state`: the first doomed one, by its place in the path; not `isFirst` where those before it were too much to look at. */
  | { readonly kind: "doomed"; readonly state: number; readonly states: number; readonly isFirst: boolean }
  /** None of the states before the one that breaks it is. */
  | { readonly kind: "open"; readonly states: number }
  | { readonly kind: "too_many"; readonly states: number };

export function doomOf(question: DoomQuestion): DoomAnswer {
  const { property, path } = question;
  const looker = new Looker(question);
  // What breaks an `always` needs no judging; of an `eventually` even the last state may be open.
  const judged = property.kind === "always" ? path.length - 1 : path.length;
  let doomed = judged;
  while (doomed > 0) {
    const fate = looker.judge(doomed - 1);
    if (fate === "too_many" && doomed === judged) return { kind: "too_many", states: looker.states };
    if (fate === "too_many") return { kind: "doomed", state: doomed, states: looker.states, isFirst: false };
    if (fate === "open") break;
    doomed -= 1;
  }
  if (doomed === judged && judged > 0) return { kind: "open", states: looker.states };
  return { kind: "doomed", state: doomed, states: looker.states, isFirst: true };
}

/** From which state of the path on an `eventually` is owed without ever being paid again. */
export function owedSince({ machine, property, path }: Omit<DoomQuestion, "mostStates">): number {
  const debt = new Debt(machine, property);
  const owed = debt.along(path);
  return owed.lastIndexOf(0) + 1;
}

/** What a state owes: 1 where an `eventually` has to come to hold after it. An `always` owes nothing, but may be broken. */
class Debt {
  readonly #looker: Expander;
  readonly #property: Property;

  constructor(machine: Machine, property: Property) {
    this.#looker = compileExpander(machine, { emit: () => {} });
    this.#property = property;
  }

  /** @param before what was owed; null: this is the first state */
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

class Looker {
  /** Looked at so far. */
  states = 0;
  readonly #question: DoomQuestion;
  readonly #debt: Debt;
  readonly #owed: readonly number[];

  constructor(question: DoomQuestion) {
    this.#question = question;
    this.#debt = new Debt(question.machine, question.property);
    this.#owed = this.#debt.along(question.path);
  }

  /** Looks at everything that can follow the state at this place of the path, as far as it keeps an `always`. */
  judge(place: number): "doomed" | "open" | "too_many" {
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
      if (owed === 0 && moves.every(({ demand }) => demand < 0)) return "open"; // it may rest here
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
    return component.some((each, node) => fair.has(each) && keeps(node)) ? "open" : "doomed";
  }
}
