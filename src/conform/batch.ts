/** The runs of a batch, one plan after another, up to the signal, or a divergence. */

import type { PropertyId } from "../check/properties.ts";
import { BrokenRunError } from "../evidence/failure.ts";
import { cut, untilCut } from "../lab/process/wait.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import { brokenProperty } from "./broken-property.ts";
import { type Divergence, execute, type Watcher } from "./execute.ts";
import { brokenRun, LostStoreError } from "./lost-store.ts";
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
  /** Makes some runs more after the first divergence, which would hide those that break other properties; absent: ends with it. */
  readonly goesOn?: boolean;
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
  /** The first divergence of each other property. */
  readonly others: readonly Failed[];
  /** Cut off by the signal before all runs were made. */
  readonly isCut: boolean;
}

/** A run takes milliseconds; one that lasts this long after the signal waits for a store that does not answer. */
const graceAfterSignal = 1_000;

/** Runs after the first divergence. */
const mostAfterFirst = 100;

/** @throws BrokenRunError where the store gave no answer, or the first run is not repeatable */
export async function runBatch(subject: Subject, scripts: ScriptSet, options: BatchOptions): Promise<Batch> {
  const { signal, plan: given, onProgress } = options;
  const planned = given === null ? options.runs : 1;
  const tally = createTally();
  const traffic = noTraffic();
  const cover = new Cover();
  let [runs, commands, isCut] = [0, 0, false];
  const failed = new Map<PropertyId, Failed>();
  let left = options.goesOn === true ? mostAfterFirst : 0;
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
    if (made.divergence) {
      const property = brokenProperty(made.divergence);
      if (!failed.has(property)) failed.set(property, { plan, divergence: made.divergence });
    }
    if (failed.size > 0) {
      left -= 1;
      return left >= 0;
    }
    if (index === 0) {
      const divergence = await proveRepeatable(subject, scripts, plan, tally.traceHash());
      if (divergence !== null) failed.set(brokenProperty(divergence), { plan, divergence });
    }
    if (runs % 20 === 0) onProgress?.(`conform: run ${runs} of ${planned}, ${commands} commands`);
    return true;
  };
  const named: PlanVisitor = async (plan, index) => {
    try {
      return await visit(plan, index);
    } catch (thrown) {
      // A store that is lost after a divergence was seen does not mask it.
      if (failed.size > 0 && thrown instanceof LostStoreError) return false;
      throw brokenRun(thrown, `run ${index + 1} of ${planned}`, tokenOf(options, scripts, plan));
    }
  };
  if (given === null) await visitPlans(options, named);
  else await named(given, 0);
  const [first = null, ...others] = failed.values();
  return { tally, traffic, watchable: cover.plans, runs, planned, commands, failed: first, others, isCut };
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

/**
 * The first run of a batch is made twice: a run that is not a function of its seed could not be replayed.
 * @returns where the second one departs from the model: by the server's clock it is at another time
 */
async function proveRepeatable(
  subject: Subject,
  scripts: ScriptSet,
  plan: Plan,
  hash: string,
): Promise<Divergence | null> {
  const again = createTally();
  const { divergence } = await execute(subject, scripts, plan, again);
  if (divergence !== null || again.traceHash() === hash) return divergence;
  throw new BrokenRunError(`conform: the first run gave trace ${hash}, and when made again ${again.traceHash()}`, {
    where: "conform",
    fix: "report it: a run must be a function of its token",
  });
}
