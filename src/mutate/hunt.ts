/** Makes the runs of the gate for one mutant until one finds it. */
import type { Runner, Session } from "./gate/runner.ts";
import type { Measured } from "./gate/runs.ts";
import { nearestFirst } from "./gate/test-runs.ts";
import { type CodeMutant, type Edit, type Part, partOf } from "./mutant.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { probeOf } from "./source/lua.ts";
import { layerOf, type Reply, runName } from "./worker/messages.ts";
import { type Ended, isEnded, type RunLimit } from "./worker/worker.ts";

export interface HuntOptions {
  readonly runner: Pick<Runner, "session">;
  /** By part, in the order in which they are made. */
  readonly runs: ReadonlyMap<Part, readonly Measured[]>;
  /** The mutants whose place runs while modules are loaded. */
  readonly loaded: ReadonlySet<number>;
  /** Most runs for one mutant. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** Monotone milliseconds. */
  readonly now: () => number;
  /** @returns why the program does the same with it; null: it may differ */
  readonly equivalence: (mutant: CodeMutant) => string | null;
}

/** @returns null when the signal ended it @throws BrokenRunError where the worker processes do not start */
export async function hunt(mutant: CodeMutant, options: HuntOptions): Promise<Outcome | null> {
  const { equivalence, most, now, runner, signal } = options;
  const same = equivalence(mutant);
  if (same !== null) return outcomeOf(mutant, "equivalent", { reason: same });
  const startedAt = now();
  const seconds = (): number => Math.round(now() - startedAt) / 1_000;
  const runs = runsReaching(mutant, options).slice(0, most);
  if (runs.length === 0) return outcomeOf(mutant, "no_coverage");
  const session = await runner.session(mutant);
  if (signal.aborted) {
    if (!isEndedSession(session)) await session[Symbol.asyncDispose]();
    return null; // the signal has ended the process: that says nothing about the mutant
  }
  if (isEndedSession(session)) return outcomeOf(mutant, "broken", { reason: session.reason, seconds: seconds() });
  await using _ = session;
  const lost = new Lost();
  for (const [at, measured] of runs.entries()) {
    if (signal.aborted) return null;
    const { found, met } = await make(mutant, measured, session);
    if (signal.aborted) return null;
    lost.compare(measured.met, met);
    if (found !== null) return killed(mutant, measured, found, { runs: at + 1, seconds: seconds() });
  }
  const isReached = mutant.number > 0 || (await isProbeFound(mutant, runs, session));
  const made = { runs: runs.length, seconds: seconds(), reason: lost.text };
  return signal.aborted ? null : outcomeOf(mutant, isReached ? "survived" : "no_coverage", made);
}

function isEndedSession(found: Session | Ended): found is Ended {
  return "verdict" in found;
}

/** A script has no switch that could report where it ran. A place that runs only at loading is reached by every run. */
function runsReaching({ file, number }: CodeMutant, { loaded, runs }: HuntOptions): readonly Measured[] {
  const part = partOf(file);
  const ofPart = runs.get(part) ?? [];
  if (number === 0) return ofPart;
  const reaching = ofPart.filter(({ reached }) => reached.has(number));
  if (part === "checkers") return nearestFirst(reaching, file);
  return loaded.has(number) ? [...reaching, ...ofPart.filter(({ reached }) => !reached.has(number))] : reaching;
}

/** A run that takes so much longer than without the mutant does not end. */
function limitOf({ run, took }: Measured): RunLimit {
  if (run.kind === "simulate") return { cpu: Math.max(5_000, took * 10), real: Math.max(60_000, took * 100) };
  return { cpu: Math.max(60_000, took * 5), real: Math.max(60_000, took * 5) };
}

type Found = Ended | (Reply & { readonly verdict: "violated" | "broken" });

interface Made {
  /** null: nothing. */
  readonly found: Found | null;
  readonly met: readonly string[];
}

async function make(mutant: CodeMutant, measured: Measured, session: Session): Promise<Made> {
  const made = await attempt(mutant, measured, session, scriptEdit(mutant));
  const first = made.found;
  // A run on real servers measures time, which anything on the machine may disturb: what it finds counts when it finds it twice.
  const isRepeated =
    first !== null &&
    !isEnded(first) &&
    first.trace === null &&
    measured.run.kind !== "simulate" &&
    measured.run.kind !== "tests";
  return isRepeated ? await attempt(mutant, measured, session, scriptEdit(mutant)) : made;
}

async function attempt({ number }: CodeMutant, measured: Measured, session: Session, edit: Edit | null): Promise<Made> {
  const reply = await session.make(measured.run, limitOf(measured), { number, edit });
  if (isEnded(reply)) return { found: reply, met: [] };
  const { met, verdict } = reply;
  return { found: verdict === "violated" || verdict === "broken" ? { ...reply, verdict } : null, met };
}

/** Properties and kinds of load met without the mutant, and by no run with it: the gate then finds nothing, and is inconclusive. */
class Lost {
  readonly #before = new Set<string>();
  readonly #after = new Set<string>();

  compare(before: readonly string[], after: readonly string[]): void {
    for (const one of before) this.#before.add(one);
    for (const one of after) this.#after.add(one);
  }

  /** null: nothing. */
  get text(): string | null {
    const lost = [...this.#before].filter((one) => !this.#after.has(one));
    return lost.length === 0 ? null : `never met with it: ${lost.join(", ")}`;
  }
}

function scriptEdit(mutant: CodeMutant): Edit | null {
  const { end, file, number, replacement, start } = mutant;
  return number > 0 ? null : { end, file, replacement, start };
}

async function isProbeFound(mutant: CodeMutant, runs: readonly Measured[], session: Session): Promise<boolean> {
  for (const measured of runs)
    if ((await attempt(mutant, measured, session, probeOf(mutant))).found !== null) return true;
  return false;
}

function killed(
  mutant: CodeMutant,
  { run }: Measured,
  found: Found,
  made: { readonly runs: number; readonly seconds: number },
): Outcome {
  const { reason, verdict } = found;
  if (isUnloadable(mutant, reason)) return outcomeOf(mutant, "broken", { reason, ...made });
  const { property = null, token = null } = "property" in found ? found : {};
  const where = { layer: layerOf(run), run: runName(run), how: verdict };
  return outcomeOf(mutant, "killed", { ...where, property, token, reason, ...made });
}

/** A script that Redis does not compile. */
function isUnloadable({ number }: CodeMutant, reason: string | null): boolean {
  return number === 0 && reason !== null && /Redis does not compile/.test(reason);
}
