/** The runs of a batch, one plan after another, up to the first divergence or the signal. */

import { BrokenRunError } from "../evidence/failure.ts";
import { cut, untilCut } from "../lab/process/wait.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import { type Divergence, execute, type Watcher } from "./execute.ts";
import { brokenRun } from "./lost-store.ts";
import { Cover } from "./plan/cover.ts";
import { type PlanStyle, type PlanVisitor, visitPlans } from "./plan/generate.ts";
import type { Plan } from "./plan/plan.ts";
import { addTraffic, noTraffic, type TrafficCounts } from "./plan/traffic.ts";
import { canBeWatched } from "./store/key-evidence.ts";
import type { Subject } from "./subject.ts";
import { createTally, type Tally } from "./tally.ts";
import { type TokenSource, tokenOf } from "./token.ts";

export interface BatchOptions extends TokenSource {
  readonly style: PlanStyle;
  /** The plan of a token, instead of those of the seed. */
  readonly plan: Plan | null;
  readonly signal: AbortSignal;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface Failed {
  readonly plan: Plan;
  readonly divergence: Divergence;
}

export interface Batch {
  readonly tally: Tally;
  readonly traffic: Readonly<TrafficCounts>;
  /** Plans to be run once more with their keys watched. */
  readonly watchable: readonly Plan[];
  /** Runs that were made. */
  readonly runs: number;
  readonly planned: number;
  readonly commands: number;
  readonly failed: Failed | null;
  /** Cut off by the signal before all runs were made. */
  readonly isCut: boolean;
}

/** A run takes milliseconds; one that lasts this long after the signal waits for a store that does not answer. */
const graceAfterSignal = 1_000;

/** @throws BrokenRunError where the store gave no answer, or the first run is not repeatable */
export async function runBatch(subject: Subject, scripts: ScriptSet, options: BatchOptions): Promise<Batch> {
  const { signal, plan: given, onProgress } = options;
  const planned = given === null ? options.runs : 1;
  const tally = createTally();
  const traffic = noTraffic();
  const cover = new Cover();
  let [runs, commands, isCut] = [0, 0, false];
  let failed: Failed | null = null;
  const visit: PlanVisitor = async (plan, index) => {
    const made = await untilCut({ signal, grace: graceAfterSignal }, () =>
      runOnce(subject, scripts, plan, { tally, cover }),
    );
    if (made === cut) {
      isCut = true;
      return false;
    }
    runs += 1;
    commands += made.commands;
    addTraffic(traffic, made.traffic);
    failed = made.divergence && { plan, divergence: made.divergence };
    if (failed) return false;
    if (index === 0) await proveRepeatable(subject, scripts, plan, tally.traceHash());
    if (runs % 20 === 0) onProgress?.(`conform: run ${runs} of ${planned}, ${commands} commands`);
    return true;
  };
  const named: PlanVisitor = async (plan, index) => {
    try {
      return await visit(plan, index);
    } catch (thrown) {
      throw brokenRun(thrown, `run ${index + 1} of ${planned}`, tokenOf(options, scripts, plan));
    }
  };
  if (given === null) await visitPlans(options, named);
  else await named(given, 0);
  return { tally, traffic, watchable: cover.plans, runs, planned, commands, failed, isCut };
}

async function runOnce(
  subject: Subject,
  scripts: ScriptSet,
  plan: Plan,
  { tally, cover }: { readonly tally: Tally; readonly cover: Cover },
): ReturnType<typeof execute> {
  const watcher: Watcher = {
    stepped(record, content) {
      tally.stepped(record, content);
      if (canBeWatched(plan)) cover.stepped(plan, record);
    },
  };
  return await execute(subject, scripts, plan, watcher);
}

/** The first run of a batch is made twice: a run that is not a function of its seed could not be replayed. */
async function proveRepeatable(subject: Subject, scripts: ScriptSet, plan: Plan, hash: string): Promise<void> {
  const again = createTally();
  await execute(subject, scripts, plan, again);
  if (again.traceHash() === hash) return;
  throw new BrokenRunError(`conform: the first run gave trace ${hash}, and when made again ${again.traceHash()}`, {
    where: "src/conform",
    fix: "report it: a run must be a function of its token",
  });
}
