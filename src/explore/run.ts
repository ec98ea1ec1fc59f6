/** `explore`: a model, every interleaving in its scope, every property judged. */
import type { Machine, Model } from "../../model/language/machine.ts";
import { UsageError } from "../evidence/failure.ts";
import { nearestFix } from "../evidence/nearest.ts";
import { numberText } from "../evidence/words.ts";
import { type ExploreEvidence, evidenceOf } from "./evidence.ts";
import { ReferenceInterpreter } from "./properties/reference-interpreter.ts";
import { chooseScope } from "./scope.ts";
import { stops } from "./search/control.ts";
import { buildMachine, loadModel, type Subject } from "./search/job.ts";
import { planMemory } from "./search/memory.ts";
import type { Progress } from "./search/shard.ts";
import { type Found, mailboxBytes, WorkerPool } from "./search/worker-pool.ts";
import { compileCanonical } from "./symmetry/symmetry.ts";

export interface ExploreOptions {
  readonly model: string;
  /** A name that the model has for one, `N=2,I=1`, or the same as an object; what is not named has its standard value. */
  readonly scope?: string | Readonly<Record<string, number>>;
  /** 1 to 64, and fewer where cores or memory do not allow for so many; counts and verdict do not depend on it. */
  readonly threads?: number;
  /** Most memory for the whole process, in MiB; past it the verdict is `unknown`. The process itself takes about 200. */
  readonly memoryMb?: number;
  /** Absent: as the named scope says, else off. */
  readonly symmetry?: boolean | undefined;
  /** The mutant to explore. */
  readonly mutant?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** Monotone milliseconds. */
  readonly now: () => number;
  /** Most states to visit for the point of no return of a counterexample; 0, which is the standard: it is not computed. */
  readonly pointOfNoReturnStates?: number;
  /** Another table of models than ours, for tests. */
  readonly table?: string;
}

const standardMemoryMb = 2048;
const mostThreads = 64;

/** @throws UsageError for a choice that cannot be made, BrokenRunError for what a model does wrong */
export async function runExplore(options: ExploreOptions): Promise<ExploreEvidence> {
  const { threads: asked = 1, memoryMb = standardMemoryMb, now } = options;
  const start = now();
  const table =
    options.table ??
    new URL(`./models${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`, import.meta.url).href;
  const model = await loadModel(table, options.model);
  const subject = chooseSubject(options, model, table);
  checkWithin("--threads", asked, 1, mostThreads);
  checkWithin("--memory-mb", memoryMb, 1, 65_536);
  const reference = new ReferenceInterpreter(model.name, buildMachine(model, subject));
  if (subject.isSymmetric) checkSymmetry(model, reference);
  const onProgress = (progress: Progress): void => options.onProgress?.(progressText(progress, (now() - start) / 1000));
  const plan = planMemory({ threads: asked, memoryMb, mailboxBytes: mailboxBytes(reference.expander) });
  const { threads, stateBytes: mostBytes, note: threadsNote } = plan;
  await using pool = new WorkerPool({
    ...subject,
    threads,
    mostBytes,
    shape: reference.expander,
    signal: options.signal,
    onProgress,
  });
  const found = await pool.search();
  const isComplete = found.stop === stops.none && !isViolated(reference.machine, found);
  const owed = isComplete && reference.machine.properties.some(({ kind }) => kind === "eventually");
  const lassos = owed ? await pool.judgeLiveness(found) : [];
  const unjudged = options.signal.aborted ? stops.interrupted : stops.full;
  const seconds = (now() - start) / 1000;
  return evidenceOf({
    model,
    subject,
    threads,
    threadsNote,
    reference,
    found: lassos === null ? { ...found, stop: unjudged } : found,
    lassos,
    seconds,
    isComplete: isComplete && lassos !== null,
    pointOfNoReturnStates: options.pointOfNoReturnStates ?? 0,
  });
}

function chooseSubject(options: ExploreOptions, model: Model, table: string): Subject {
  const { scope = {}, mutant = null } = options;
  if (mutant !== null && !Object.hasOwn(model.mutants, mutant)) {
    throw new UsageError(
      `model ${model.name}: unknown mutant ${JSON.stringify(mutant)}; allowed: ${Object.keys(model.mutants).join(", ")}`,
      {
        where: "--mutant",
        fix: nearestFix(mutant, Object.keys(model.mutants), "choose one of the mutants named above"),
      },
    );
  }
  const chosen = chooseScope(model, scope);
  return {
    table,
    model: model.name,
    scope: chosen.scope,
    mutant,
    isSymmetric: options.symmetry ?? chosen.isSymmetric,
  };
}

function checkWithin(where: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(`found ${value}; allowed: an integer from ${least} to ${most}`, {
    where,
    fix: `give ${where} ${least}`,
  });
}

/** @throws UsageError where symmetry would be unsound, or cost more than it saves */
function checkSymmetry(model: Model, { machine, expander }: ReferenceInterpreter): void {
  const owed = machine.properties.find(({ kind }) => kind === "eventually");
  if (owed !== undefined) {
    throw new UsageError(`model ${model.name}: symmetry is unsound for ${owed.id}, an eventually: ${owed.claim}`, {
      where: "--symmetry",
      fix: "explore without --symmetry",
    });
  }
  compileCanonical(expander, () => {});
}

function isViolated({ properties }: Machine, { tallies }: Found): boolean {
  return properties.some(({ kind }, index) => kind === "always" && (tallies[index]?.first ?? -1) >= 0);
}

function progressText({ states, frontier, depth }: Progress, seconds: number): string {
  const rate = seconds > 0 ? Math.round(states / seconds) : 0;
  return `explore: ${numberText(states)} states, ${numberText(rate)} a second, frontier ${numberText(frontier)}, depth ${depth}`;
}
