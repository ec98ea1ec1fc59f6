/** One batch of seeds for each scenario, until a signal or the budget ends the command. */
import { exitCodeOf, joinVerdicts, type Verdict } from "../../check/verdict.ts";
import type { Context } from "../process/context.ts";

export interface Batch {
  readonly scenario: string;
  /** Runs the batch and prints its result. */
  run(): Promise<Verdict>;
}

/** Sets the exit code. Batches that the budget leaves out are named, and make the whole unknown at best. */
export async function runBatches(batches: readonly Batch[], signal: AbortSignal, context: Context): Promise<void> {
  const verdicts: Verdict[] = [];
  for (const { run } of batches) {
    const verdict = await run();
    verdicts.push(verdict);
    context.judged(verdict);
    if (signal.aborted) break;
  }
  const left = batches.slice(verdicts.length).map(({ scenario }) => scenario);
  if (left.length > 0 && !context.interrupted.aborted) {
    verdicts.push("unknown");
    context.output.note(`not begun: ${left.join(", ")}`);
  }
  context.exit(exitCodeOf(joinVerdicts(verdicts)));
}
