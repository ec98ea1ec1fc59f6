/** The part of the state graph in which an `eventually` is still owed: where its claim has not come to hold. */
import type { Machine } from "../../../model/language/machine.ts";
import { compileExpander } from "../search/expander.ts";
import type { Graph } from "../search/graph.ts";
import { Ints } from "../search/ints.ts";
import type { Steps } from "../search/steps.ts";

type Ask = (draft: unknown) => boolean;

/** Nodes are numbered in the order of a breadth-first search from where the claim begins to be owed. */
export interface Region {
  /** The state of the graph that a node is. */
  readonly states: Ints;
  /** The node from which it was first reached; -1: it is owed from here on. */
  readonly parents: Ints;
  /** The edges of node n: `starts[n]` to `starts[n + 1]` - 1. Steps that change nothing are left out. */
  readonly starts: Ints;
  /** The node it leads to; -1: out of the region, where the claim holds. */
  readonly targets: Ints;
  /** Which demand of fairness the step belongs to; -1: none. */
  readonly demands: Ints;
}

/** The entry of a state: its node, or one of these. */
const known = { nothing: -2, holds: -1 } as const;

/** The states that a search has kept, and the steps between them. */
interface Searched {
  readonly graph: Graph;
  readonly machine: Machine;
  readonly steps: Steps;
}

/** Predicates of an `eventually`. */
interface Obligation {
  readonly holds: Ask;
  /** Where the claim begins to be owed; null: in the first state. */
  readonly after: Ask | null;
}

/** @throws OutOfMemory where the budget of the steps has no room */
export function regionOf({ graph, machine, steps }: Searched, { holds, after }: Obligation): Region {
  const region = {
    states: new Ints(steps.budget),
    parents: new Ints(steps.budget),
    starts: new Ints(steps.budget),
    targets: new Ints(steps.budget),
    demands: new Ints(steps.budget),
  };
  steps.budget?.take(graph.bound * Int32Array.BYTES_PER_ELEMENT);
  const nodes = new Int32Array(graph.bound).fill(known.nothing);
  const looker = compileExpander(machine, { emit: () => {} });
  const ask = (question: Ask, of: number): boolean => {
    const { states, offset } = graph.at(of);
    looker.load(states, offset);
    return question(looker.draft);
  };
  /** @returns the node of a state, or -1 where the claim holds */
  const nodeOf = (of: number, parent: number): number => {
    const found = nodes[of] ?? known.nothing;
    if (found !== known.nothing) return found;
    const own = ask(holds, of) ? known.holds : region.states.length;
    nodes[of] = own;
    if (own !== known.holds) {
      region.states.push(of);
      region.parents.push(parent);
    }
    return own;
  };
  for (const first of beginnings(graph, after, ask)) nodeOf(first, -1);
  region.starts.push(0);
  for (let node = 0; node < region.states.length; node += 1) {
    const { from, to } = steps.of(region.states.at(node));
    for (let step = from; step < to; step += 1) {
      region.targets.push(nodeOf(steps.targets.at(step), node));
      region.demands.push(steps.demands.at(step));
    }
    region.starts.push(region.targets.length);
  }
  return region;
}

function* beginnings(
  graph: Graph,
  after: Ask | null,
  ask: (question: Ask, state: number) => boolean,
): Generator<number> {
  for (let state = 0; state < graph.bound; state += 1) {
    if (!graph.has(state)) continue;
    if (after === null ? graph.parentOf(state) < 0 : ask(after, state)) yield state;
  }
}
