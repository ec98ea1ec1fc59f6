/** `report --compare A B`: what is worse or better in the second run. */
import { exitCodes } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { UsageError } from "../../evidence/failure.ts";
import { countText } from "../../evidence/words.ts";
import { readReport } from "../../report/document/collect.ts";
import { compareRuns } from "../../report/runs/comparison.ts";
import { changeText, comparisonText } from "../../report/runs/comparison-words.ts";
import type { Context } from "../process/context.ts";

/** Ends with 1 where something is worse, and with 2 where the runs have nothing in common. */
export async function compareReports(folders: readonly string[], isJson: boolean, context: Context): Promise<void> {
  const { output } = context;
  const [one, other, ...more] = folders;
  if (one === undefined || other === undefined || more.length > 0) {
    throw new UsageError(`found ${countText(folders.length, "folder")} with --compare; allowed: two`, {
      where: "lockproof report --compare",
      fix: "name the folders of two runs, the older one first",
    });
  }
  const [before, after] = await Promise.all([readReport(one), readReport(other)]);
  const comparison = compareRuns(before, after);
  const { changes, compared, missing } = comparison;
  const isWorse = changes.some(({ change }) => change === "worse");
  const code = isWorse ? exitCodes.violated : compared === 0 ? exitCodes.inconclusive : exitCodes.held;
  const sorted = [...changes].sort((a, b) => b.change.localeCompare(a.change));
  const runs = [before, after].map(({ report, run }) => ({ run, profile: report.profile, seed: report.seed }));
  if (isJson) {
    for (const change of sorted) output.json({ ...change, text: changeText(change) });
    output.json({ runs, compared, missing, changes: changes.length, exit_code: code });
  } else {
    for (const { profile, run, seed } of runs)
      output.line(`lockproof report   ${run}   profile ${profile}   seed ${seed}`);
    for (const language of ["en", "zh"] as const) {
      output.line();
      for (const change of sorted) output.line(`  ${visible(changeText(change)[language])}`);
      output.line(`  ${comparisonText(comparison)[language]}`);
    }
  }
  context.exit(code);
}
