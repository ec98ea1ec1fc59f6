/** `report DIR…`: merges the evidence of several runs into one report, or compares two. */
import { Command, Option } from "commander";
import { copyFiles, gatherEvidence, leavesOf, mergedMeta, readReport } from "../../report/document/collect.ts";
import { type Mixture, mixtures, refuseUnmergeable } from "../../report/document/shards.ts";
import { openRunFolder, prepareReport, saveReport } from "../../report/files/write.ts";
import type { Language } from "../../report/texts/words.ts";
import { jsonFlag, languageFlag, languagesOf } from "../arguments/flags.ts";
import { oneOf, several } from "../arguments/values.ts";
import { checklistLines, notHeldLines, propertyTable, repeatLines, summaryLine } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";
import { coverageFlag, readCoverage } from "../process/coverage.ts";
import { endWith } from "../process/ending.ts";
import { placesOf } from "../process/github.ts";
import { compareReports } from "./comparison.ts";
import { lastLines } from "./last-lines.ts";

interface ReportFlags {
  readonly reports: string;
  readonly coverage?: string;
  readonly mixed?: readonly Mixture[];
  readonly compare?: true;
  readonly lang?: Language;
  readonly json?: true;
}

export function reportCommand(context: Context): Command {
  return new Command("report")
    .summary("merge several reports into one, or compare two")
    .description(
      "Merges report folders, such as the shards of a night. The worst verdict counts; a missing shard leaves the whole inconclusive.",
    )
    .argument("<dir...>", "folders that verify wrote")
    .addOption(new Option("--reports <dir>", "where the merged report goes").default("reports"))
    .addOption(coverageFlag())
    .addOption(
      new Option("--mixed <what>", `merge although these differ: ${mixtures.join(", ")}; repeatable`).argParser(
        several(oneOf("mixture", "--mixed", mixtures)),
      ),
    )
    .addOption(
      new Option("--compare", "say what is worse or better in the second of two runs").conflicts(["coverage", "mixed"]),
    )
    .addOption(languageFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof report shards/*/latest --reports reports\n  lockproof report --compare reports/20261124T101703Z-8213 reports/latest",
    )
    .action((folders: readonly string[], flags: ReportFlags) =>
      flags.compare ? compareReports(folders, flags.json === true, context) : merge(folders, flags, context),
    );
}

async function merge(folders: readonly string[], flags: ReportFlags, context: Context): Promise<void> {
  const { output } = context;
  const coverage = await readCoverage(flags.coverage);
  const [first, ...others] = await Promise.all(folders.map(readReport));
  if (first === undefined) return; // commander asks for at least one
  const parts = [first, ...others] as const;
  refuseUnmergeable(leavesOf(parts), flags.mixed ?? []);
  const merged = mergedMeta(parts);
  const meta = { ...merged, line_coverage_percent: coverage ?? merged.line_coverage_percent };
  const folder = await openRunFolder(flags.reports, context.wallClock(), meta.seed);
  const gathered = gatherEvidence(parts);
  const prepared = prepareReport(gathered.evidence, meta, languagesOf(flags), gathered.timelines);
  const { composed } = prepared;
  const { verdict, exit_code } = composed.report;
  if (flags.json) {
    output.json({ verdict, exit_code, seed: meta.seed, merged: parts.map((part) => part.run), report: folder });
  } else {
    output.line(`lockproof report   ${parts.length} merged   seed ${meta.seed}   report ${folder}`);
    for (const line of notHeldLines(composed)) output.line(line);
    for (const line of repeatLines(composed.layers)) output.line(line);
    output.line();
    for (const line of propertyTable(composed.properties, [], output)) output.line(line);
    output.line();
    for (const line of checklistLines(composed)) output.line(line);
    output.line(summaryLine(composed.properties, exit_code));
  }
  await endWith(composed, context, async () => {
    await copyFiles(gathered.files, folder);
    await saveReport(prepared, folder, placesOf(composed, context.env));
  });
  if (flags.json === undefined) for (const line of lastLines(composed, folder, flags.reports)) output.line(line);
}
