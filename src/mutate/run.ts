/** Mutates the project's own sources, and makes the runs of the gate for one mutant after another. */
import { equivalentMutants } from "../../scenarios/mutants/equivalent.ts";
import { openLab } from "../lab/lab.ts";
import { type Chosen, choose, type MutantChoice, type Mutants, readMutants } from "./choose.ts";
import { equivalentsOf } from "./equivalence.ts";
import { keyOf as hashOf, readBaseline, writeBaseline } from "./gate/baseline-file.ts";
import { type Baseline, foundText, measure, usable } from "./gate/measure.ts";
import { Runner } from "./gate/runner.ts";
import { inOrder, type Measured, type RunChoice, runsFor } from "./gate/runs.ts";
import { type HuntOptions, hunt } from "./hunt.ts";
import { type CodeMutant, type Part, partOf } from "./mutant.ts";
import type { Outcome } from "./outcome.ts";
import { copiedFolders, ownRoot, writeCopy } from "./source/sources.ts";
import { openState } from "./state-file.ts";
import type { GateRun } from "./worker/messages.ts";

export interface MutateOptions extends MutantChoice {
  readonly parts: readonly Part[];
  readonly gate: RunChoice;
  /** Most runs for one mutant. */
  readonly most: number;
  readonly workers: number;
  /** The file that keeps results; null: none does. */
  readonly state: string | null;
  /** Whether mutants that no run killed before run again. */
  readonly again: boolean;
  readonly redisServer: string | null;
  readonly signal: AbortSignal;
  /** Monotone milliseconds. */
  readonly now: () => number;
  readonly onProgress: (text: string) => void;
  /** Called with each result as soon as it is known. @param isKept whether an earlier run made it */
  readonly onOutcome: (mutant: CodeMutant, outcome: Outcome, isKept: boolean) => void;
  /** Called once it is known that there are such mutants. */
  readonly onChosen: () => void;
  /** Called with each run that finds something in the code as it is, and so can judge no mutant. */
  readonly onUnusable: (run: string) => void;
}

export interface Mutated extends Chosen {
  /** As many as `chosen`, unless the signal ended the run. */
  readonly outcomes: readonly (readonly [CodeMutant, Outcome])[];
}

/** @throws UsageError for a choice of no mutant; BrokenRunError where the copy cannot be made, or no run passes */
export async function runMutate(options: MutateOptions): Promise<Mutated> {
  const { again, onOutcome, onProgress, signal } = options;
  const root = ownRoot();
  onProgress("instrumenting the sources");
  const read = await readMutants(root, options.parts);
  const { all, chosen } = choose(read.mutants, options, root);
  options.onChosen();
  const state = openState(options.state);
  const outcomes: (readonly [CodeMutant, Outcome])[] = [];
  const left: CodeMutant[] = [];
  for (const mutant of chosen) {
    const known = state.kept.get(mutant.id);
    if (known === undefined || (again && known.kind !== "killed")) left.push(mutant);
    else {
      outcomes.push([mutant, known]);
      onOutcome(mutant, known, true);
    }
  }
  if (left.length > 0 && !signal.aborted) {
    await huntInCopy(left, { ...options, chosen, read, root }, (mutant, outcome) => {
      state.keep(outcome);
      outcomes.push([mutant, outcome]);
      onOutcome(mutant, outcome, false);
    });
  }
  return { all, chosen, outcomes };
}

type OnOutcome = (mutant: CodeMutant, outcome: Outcome) => void;

interface InCopy extends MutateOptions {
  /** Those that have run already, and those that have not. */
  readonly chosen: readonly CodeMutant[];
  readonly read: Mutants;
  readonly root: string;
}

/** Only files of which a mutant runs have their switches, since each costs time. */
async function huntInCopy(mutants: readonly CodeMutant[], options: InCopy, onOutcome: OnOutcome): Promise<void> {
  const { gate, parts, read, redisServer, signal, workers } = options;
  const paths = new Set(options.chosen.filter(({ number }) => number > 0).map(({ file }) => file));
  await using lab = await openLab(); // however this process ends, its folder is removed
  const { instrumented } = read;
  const root = writeCopy(lab.folder, { root: options.root, parts, instrumented, paths: [...paths] });
  const judged = parts.filter((part) => mutants.some(({ file }) => partOf(file) === part));
  const planned = new Map(judged.map((part) => [part, runsFor(part, gate, root)]));
  const baseline = await baselineOf([...planned.values()].flat(), { ...options, root });
  for (const run of foundText(baseline.runs)) options.onUnusable(run);
  if (signal.aborted) return;
  const { loaded } = baseline;
  const measured = usable(baseline.runs);
  const texts = new Map(read.sources.map(({ path, text }) => [path, text]));
  const shared = {
    ...options,
    ...{ loaded, runs: byPart(planned, measured), equivalence: equivalentsOf(equivalentMutants, texts) },
  };
  const queue = mutants.values(); // all workers take from it
  const work = async (): Promise<void> => {
    await using runner = new Runner({ root, redisServer, signal, proof: proofAmong(measured), loaded });
    await huntAll(queue, { ...shared, runner }, onOutcome);
  };
  await Promise.all(Array.from({ length: workers }, work));
}

async function baselineOf(planned: readonly GateRun[], options: InCopy): Promise<Baseline> {
  const runs = [...new Map(planned.map((run) => [keyOf(run), run])).values()]; // parts share some of them
  if (runs.length === 0) return { runs: [], loaded: new Set() };
  if (options.state === null) return await measure(runs, null, options);
  const path = `${options.state}.baseline`;
  const key = hashOf(options.root, copiedFolders(options.parts), runs);
  const measured = await measure(runs, readBaseline(path, key, runs), options);
  writeBaseline(path, key, measured);
  return measured;
}

function byPart(
  planned: ReadonlyMap<Part, readonly GateRun[]>,
  measured: readonly Measured[],
): ReadonlyMap<Part, readonly Measured[]> {
  const known = new Map(measured.map((one) => [keyOf(one.run), one]));
  return new Map(
    [...planned].map(([part, runs]) => [part, inOrder(runs.flatMap((run) => known.get(keyOf(run)) ?? []))]),
  );
}

function keyOf(run: GateRun): string {
  return JSON.stringify(run);
}

/** The shortest run that is a function of its seed. */
function proofAmong(runs: readonly Measured[]): Measured | null {
  const simulated = runs.filter(({ run }) => run.kind === "simulate");
  return simulated.toSorted((one, other) => one.cost - other.cost)[0] ?? null;
}

async function huntAll(queue: Iterable<CodeMutant>, options: HuntOptions, onOutcome: OnOutcome): Promise<void> {
  for (const mutant of queue) {
    if (options.signal.aborted) return;
    const outcome = await hunt(mutant, options);
    if (outcome === null) return;
    onOutcome(mutant, outcome);
  }
}
