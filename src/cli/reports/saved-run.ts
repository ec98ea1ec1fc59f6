/** Saves a run in the folder of reports: its report and a line of the history. Runs that are too old are removed. */
import { messageOf } from "../../evidence/failure.ts";
import { countText } from "../../evidence/words.ts";
import { type Prepared, saveReport } from "../../report/files/write.ts";
import { pruneRuns } from "../../report/runs/pruning.ts";
import { appendToHistory } from "../../report/runs/run-history.ts";
import type { Context } from "../process/context.ts";
import { placesOf } from "../process/github.ts";

/**
 * @param keep how many runs stay in the folder of reports
 * @throws whatever `saveReport` throws; a history that cannot be written, and an old run that cannot be removed, change no verdict
 */
export async function saveRun(
  prepared: Prepared,
  { folder, keep }: { readonly folder: string; readonly keep: number },
  { env, output }: Pick<Context, "env" | "output">,
): Promise<void> {
  const { composed } = prepared;
  await saveReport(prepared, folder, placesOf(composed, env));
  try {
    appendToHistory(composed.report, folder);
  } catch (error) {
    output.note(`the history of runs was not written: ${messageOf(error)}`);
  }
  try {
    const removed = await pruneRuns(folder, keep);
    if (removed.length > 0) output.note(`removed ${countText(removed.length, "old run")} (--keep ${keep})`);
  } catch (error) {
    output.note(`old runs were not removed: ${messageOf(error)}`);
  }
}
