/** `report DIR…`: the evidence of several runs in one report. */
import { Command, Option } from "commander";
import { annotations } from "../report/annotations.ts";
import { gatherEvidence, mergedMeta, readReport, type StoredReport } from "../report/collect.ts";
import { UsageError } from "../report/failure.ts";
import { openRunFolder, writeReport } from "../report/write.ts";
import type { Context } from "./context.ts";
import { coverageFlag, readCoverage } from "./coverage.ts";
import { jsonFlag } from "./flags.ts";
import { notHeldLines, propertyTable, summaryLine } from "./verdict-lines.ts";

interface ReportFlags {
  readonly reports: string;
  readonly coverage?: string;
  readonly json?: true;
}

export function reportCommand(context: Context): Command {
  return new Command("report")
    .summary("merges the evidence of several runs into one report")
    .description(
      "Joins report folders, such as the shards of a night: the worst verdict stays, exercise counts are summed.",
    )
    .argument("<dir...>", "folders that verify wrote")
    .addOption(new Option("--reports <dir>", "where the merged report goes").default("reports"))
    .addOption(coverageFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExample:\n  lockproof report shards/*/latest --reports reports")
    .action((folders: readonly string[], flags: ReportFlags) => merge(folders, flags, context));
}

async function merge(folders: readonly string[], flags: ReportFlags, context: Context): Promise<void> {
  const { output } = context;
  const coverage = await readCoverage(flags.coverage);
  const [first, ...others] = await Promise.all(folders.map(readReport));
  if (first === undefined) return; // commander asks for at least one
  const parts = [first, ...others] as const;
  refuseTwice(parts);
  const meta = { ...mergedMeta(parts), ...(coverage === undefined ? {} : { line_coverage_percent: coverage }) };
  const folder = await openRunFolder(flags.reports, context.wallClock(), meta.seed);
  const composed = await writeReport(await gatherEvidence(parts, folder), meta, folder);
  const { verdict, exit_code } = composed.report;
  if (flags.json) {
    output.json({ verdict, exit_code, seed: meta.seed, merged: parts.map((part) => part.run), report: folder });
  } else {
    output.line(`lockproof report   ${parts.length} merged   seed ${meta.seed}   report ${folder}`);
    for (const line of notHeldLines(composed)) output.line(line);
    output.line();
    for (const line of propertyTable(composed.properties, [], output)) output.line(line);
    output.line();
    output.line(summaryLine(composed.properties, exit_code));
  }
  if (context.env["GITHUB_ACTIONS"] === "true") for (const line of annotations(composed)) output.note(line);
  context.exit(exit_code);
}

/** The same run given twice would count twice. */
function refuseTwice(parts: readonly StoredReport[]): void {
  const seen = new Map<string, string>();
  for (const { folder, report, evidence } of parts) {
    const print = JSON.stringify([report, evidence]);
    const before = seen.get(print);
    if (before !== undefined) {
      throw new UsageError(`${folder} holds the same run as ${before}, and would be counted twice`, {
        where: folder,
        fix: "name each run once",
      });
    }
    seen.set(print, folder);
  }
}
