/** What verify leaves in the folder of reports: the report of the run, and a line of the history. */
import { messageOf } from "../../evidence/failure.ts";
import { type Prepared, saveReport } from "../../report/files/write.ts";
import { appendToHistory } from "../../report/runs/run-history.ts";
import type { Context } from "../process/context.ts";
import { placesOf } from "../process/github.ts";

/** @throws whatever `saveReport` throws; a history that cannot be written changes no verdict */
export async function saveRun(
  prepared: Prepared,
  folder: string,
  { env, output }: Pick<Context, "env" | "output">,
): Promise<void> {
  const { composed } = prepared;
  await saveReport(prepared, folder, placesOf(composed, env));
  try {
    appendToHistory(composed.report, folder);
  } catch (error) {
    output.note(`the history of runs was not written: ${messageOf(error)}`);
  }
}
