/** The steps between the states that a search has kept, found when they are first asked for: a state is expanded once, however many claims look at it. */
import type { Machine } from "../../../model/language/machine.ts";
import { compileExpander } from "./expander.ts";
import type { Graph } from "./graph.ts";
import { type Budget, Ints } from "./ints.ts";

/** Places in the lists of all steps. */
interface Span {
  readonly from: number;
  /** The first that is another state's. */
  readonly to: number;
}

export class Steps {
  /** The state that a step leads to. */
  readonly targets: Ints;
  /** Which demand of fairness it belongs to; -1: none. */
  readonly demands: Ints;
  /** Absent: no limit. */
  readonly budget: Budget | undefined;
  readonly #graph: Graph;
  readonly #expand: (states: Int32Array, offset: number) => void;
  /** By state; -1: not asked for yet. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  #state = -1;

  /** @throws OutOfMemory where the budget has no room for two numbers a state */
  constructor(graph: Graph, machine: Machine, budget?: Budget) {
    this.budget = budget;
    budget?.take(2 * graph.bound * Int32Array.BYTES_PER_ELEMENT);
    this.targets = new Ints(budget);
    this.demands = new Ints(budget);
    this.#graph = graph;
    this.#from = new Int32Array(graph.bound).fill(-1);
    this.#to = new Int32Array(graph.bound);
    const demandOf = demandsOf(machine);
    const expander = compileExpander(machine, {
      isTraced: true,
      emit: (...words) => this.#found(graph.find(words), demandOf(expander.step.action, expander.step.codes)),
    });
    this.#expand = (states, offset) => expander.expand(states, offset);
  }

  /** Those of a state that lead to another one. @throws RangeError where one leads to a state that was never kept */
  of(state: number): Span {
    const known = this.#from[state] ?? -1;
    if (known >= 0) return { from: known, to: this.#to[state] ?? known };
    const { states, offset } = this.#graph.at(state);
    const from = this.targets.length;
    this.#state = state;
    this.#expand(states, offset);
    const to = this.targets.length;
    this.#from[state] = from;
    this.#to[state] = to;
    return { from, to };
  }

  #found(target: number, demand: number): void {
    if (target < 0) throw new RangeError(`state ${this.#state} has a successor that was never kept`);
    if (target === this.#state) return;
    this.targets.push(target);
    this.demands.push(demand);
  }
}

/** Numbers the demands of weak fairness: one an action, or one for every choice of its arguments. */
export function demandsOf(machine: Machine): (action: number, codes: readonly number[]) => number {
  const numbers = new Map<string, number>();
  return (action, codes) => {
    const fair = machine.actions[action]?.fair;
    if (fair === undefined) return -1;
    const key = fair === "each" ? `${action} ${codes}` : `${action}`;
    const demand = numbers.get(key) ?? numbers.size;
    numbers.set(key, demand);
    return demand;
  };
}
