/** `check FILE`: judges a stored history again. */
import { Command, Option } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { type HistoryModel, historyModels } from "../../history/models.ts";
import { recordedCallsText } from "../../history/scheduler/guide.ts";
import { jsonFlag, runsFlag } from "../arguments/flags.ts";
import { oneOf, readDuration } from "../arguments/values.ts";
import { scenariosFlag } from "../own/scenarios.ts";
import type { Context } from "../process/context.ts";

interface CheckFlags {
  readonly model?: HistoryModel;
  readonly budget: number;
  readonly runs: number;
  readonly json?: true;
}

export function checkCommand(context: Context): Command {
  return new Command("check")
    .summary("judge a stored history")
    .description(
      "Judges a stored history (docs/histories.md): one that inject wrote, by the properties that it names, or one of a model, for linearizability.",
    )
    .argument("<file>", "the history: JSON lines, also in gzip")
    .addOption(
      new Option("--model <name>", `the model of the history: ${historyModels.join(", ")}`).argParser(
        oneOf("model", "--model", historyModels),
      ),
    )
    .addOption(
      new Option("--budget <time>", "after this the verdict of a search is unknown")
        .default(60_000, "60s")
        .argParser(readDuration("--budget")),
    )
    .addOption(runsFlag(1, "judgements of a history of a model, for a median time"))
    .addOption(scenariosFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      `\nExamples:\n  lockproof check reports/latest/inject-redis-gone-8213-fault.jsonl.gz\n  lockproof check history.jsonl --model node-jobs --json\n  lockproof check calls.jsonl --model scheduler\n\nHistories of --model scheduler (docs/recorded-calls.md)\n\n${recordedCallsText()}`,
    )
    .action((file: string, flags: CheckFlags) => check(file, flags, context));
}

async function check(file: string, flags: CheckFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const { json, lines, verdict } = await layers.checkFile({
    file,
    model: flags.model ?? null,
    budget: flags.budget,
    runs: flags.runs,
    signal: context.interrupted,
  });
  if (flags.json) output.json(json);
  else {
    output.line(`lockproof check ${visible(file)}`);
    for (const line of lines) output.line(`  ${visible(line)}`);
    output.line(`  ${output.verdict(verdict)}`);
  }
  context.exit(exitCodeOf(verdict));
}
