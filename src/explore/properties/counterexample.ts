/** How a property came to be broken: the steps from the first state on, and for `eventually` the loop that never ends. */
import type { Graph } from "../search/graph.ts";
import { compileCanonical } from "../symmetry/symmetry.ts";
import { tellChanges, tellFields, tellStep } from "../view/state-text.ts";
import type { Successor, Twin } from "./reference-interpreter.ts";

interface TracedStep {
  /** `Deliver(Reserve(i 0, n 0, j 1))` */
  readonly action: string;
  /** `node.0: … -> …`, one a field. */
  readonly changes: readonly string[];
}

export interface Counterexample {
  readonly property: string;
  readonly claim: string;
  readonly initial: readonly string[];
  readonly steps: readonly TracedStep[];
  /** Repeated for ever after `steps`; empty: it rests there for ever. Absent: no liveness. */
  readonly loop?: readonly TracedStep[];
}

/** A step of a way through the graph, from the state before it. */
interface Walk {
  readonly steps: readonly TracedStep[];
  /** The same steps, unread. */
  readonly taken: readonly Successor[];
}

/**
 * Takes the way again, from the first state through the states given.
 * With symmetry the states are representatives, and the steps are those of one true run: its names stay what they are.
 * @param states numbers in the graph, the first state's first
 */
export function retrace(graph: Graph, twin: Twin, states: readonly number[], isSymmetric: boolean): Walk {
  const same = isSymmetric ? representative(twin) : (words: readonly number[]) => words;
  let words = twin.expander.initial();
  const steps: TracedStep[] = [];
  const walked: Successor[] = [];
  for (const state of states.slice(1)) {
    const wanted = String(graph.wordsOf(state));
    const taken = successorsOf(twin, words).find((successor) => String(same(successor.words)) === wanted);
    if (taken === undefined) throw new RangeError(`step ${steps.length + 1} of a counterexample cannot be taken again`);
    steps.push(tracedStep(twin, words, taken));
    walked.push(taken);
    words = taken.words;
  }
  return { steps, taken: walked };
}

export function tellFirst(twin: Twin): readonly string[] {
  const words = Int32Array.from(twin.expander.initial());
  return tellFields(twin.tell(words, 0));
}

/** The lines of a report: what was done, and what it changed. */
export function tellCounterexample({ steps, loop, initial }: Counterexample): readonly string[] {
  const lines = [`start: ${initial.join("; ")}`, ...steps.flatMap((step, index) => stepLines(step, index + 1))];
  if (loop === undefined) return lines;
  if (loop.length === 0) return [...lines, "and there it may rest for ever: no fair action can happen"];
  const looping = loop.flatMap((step, index) => stepLines(step, steps.length + index + 1));
  return [
    ...lines,
    `from here steps ${steps.length + 1} to ${steps.length + loop.length} repeat for ever:`,
    ...looping,
  ];
}

function stepLines({ action, changes }: TracedStep, number: number): readonly string[] {
  return [`${number}. ${action}`, ...changes.map((change) => `     ${change}`)];
}

function successorsOf(twin: Twin, words: readonly number[]): readonly Successor[] {
  return twin.successors(Int32Array.from(words), 0);
}

function tracedStep(twin: Twin, before: readonly number[], taken: Successor): TracedStep {
  const was = twin.tell(Int32Array.from(before), 0);
  const is = twin.tell(Int32Array.from(taken.words), 0);
  return { action: tellStep(twin.machine, taken), changes: tellChanges(was, is) };
}

function representative(twin: Twin): (words: readonly number[]) => readonly number[] {
  let found: readonly number[] = [];
  const canonical = compileCanonical(twin.expander, (...words) => {
    found = words;
  });
  return (words) => {
    canonical(...words);
    return found;
  };
}
