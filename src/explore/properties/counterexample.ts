/** The counterexample of a property: the steps from the first state on, and for `eventually` the loop that never ends. */
import type { Graph } from "../search/graph.ts";
import { compileCanonical } from "../symmetry/symmetry.ts";
import { changeLines, fieldLines, stepText } from "../view/state-text.ts";
import type { ReferenceInterpreter, Successor } from "./reference-interpreter.ts";

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
export function retrace(
  graph: Graph,
  reference: ReferenceInterpreter,
  states: readonly number[],
  isSymmetric: boolean,
): Walk {
  const same = isSymmetric ? representative(reference) : (words: readonly number[]) => words;
  let words = reference.expander.initial();
  const steps: TracedStep[] = [];
  const walked: Successor[] = [];
  for (const state of states.slice(1)) {
    const wanted = String(graph.wordsOf(state));
    const taken = successorsOf(reference, words).find((successor) => String(same(successor.words)) === wanted);
    if (taken === undefined) throw new RangeError(`step ${steps.length + 1} of a counterexample cannot be taken again`);
    steps.push(tracedStep(reference, words, taken));
    walked.push(taken);
    words = taken.words;
  }
  return { steps, taken: walked };
}

export function firstStateLines(reference: ReferenceInterpreter): readonly string[] {
  const words = Int32Array.from(reference.expander.initial());
  return fieldLines(reference.fieldsAt(words, 0));
}

/** The lines of a report: the steps, and what each changed. */
export function counterexampleLines({ steps, loop, initial }: Counterexample): readonly string[] {
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

function successorsOf(reference: ReferenceInterpreter, words: readonly number[]): readonly Successor[] {
  return reference.successors(Int32Array.from(words), 0);
}

function tracedStep(reference: ReferenceInterpreter, before: readonly number[], taken: Successor): TracedStep {
  const was = reference.fieldsAt(Int32Array.from(before), 0);
  const is = reference.fieldsAt(Int32Array.from(taken.words), 0);
  return { action: stepText(reference.machine, taken), changes: changeLines(was, is) };
}

function representative(reference: ReferenceInterpreter): (words: readonly number[]) => readonly number[] {
  let found: readonly number[] = [];
  const canonical = compileCanonical(reference.expander, (...words) => {
    found = words;
  });
  return (words) => {
    canonical(...words);
    return found;
  };
}
