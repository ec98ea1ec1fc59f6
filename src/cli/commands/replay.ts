/** `replay TOKEN`: runs again what a token names. */
import { Command, Option } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import type { ReplayToken } from "../../evidence/token.ts";
import { replayCommand as replayLine } from "../../evidence/words.ts";
import { htmlFlag, jsonFlag, luaFlag, redisFlag, sutFlag, toxiproxyFlag } from "../arguments/flags.ts";
import { newestReportFlag, readNamedToken, tokenText } from "../arguments/named-token.ts";
import { schedulerFlag } from "../arguments/scheduler-flag.ts";
import { scenariosFlag } from "../own/scenarios.ts";
import { writePicture } from "../printing/picture-file.ts";
import { writeTrace } from "../printing/trace-file.ts";
import { violationsLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";
import { prepareRerun, type RerunFlags } from "../rerun.ts";

type ReplayFlags = RerunFlags & {
  readonly json?: true;
  readonly html?: string;
  readonly trace?: string;
  readonly reports?: string;
};

export function replayCommand(context: Context): Command {
  return new Command("replay")
    .summary("run again what a token names")
    .description("Runs again what a token names, and shows where model and system diverge.")
    .argument("<token>", tokenText)
    .addOption(htmlFlag())
    .option("--trace <file>", "write a simulated run's events here, one a line")
    .option(
      "--point-of-no-return",
      "first moment from which a failing simulated run fails under any draw (up to a minute)",
    )
    .addOption(new Option("--doom").implies({ pointOfNoReturn: true }).hideHelp()) // its former name
    .addOption(newestReportFlag())
    .addOption(scenariosFlag())
    .addOption(luaFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(sutFlag())
    .addOption(schedulerFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExamples:\n  lockproof replay lp1:conform:8213:q1ZKSSxJ…\n  lockproof replay latest:1")
    .action((text: string, flags: ReplayFlags) => replay(text, flags, context));
}

async function replay(text: string, flags: ReplayFlags, context: Context): Promise<void> {
  const { output } = context;
  const { token, text: full, violation } = await readNamedToken(text, flags.reports);
  context.noteSeed(token.seed);
  const run = await prepareRerun({ token, flags, context, isExplained: flags.html !== undefined });
  if (flags.json === undefined) {
    output.line(titleOf(token));
    if (violation !== null) output.line(`${violation.name} of ${violation.run}: ${replayLine(full)}`);
  }
  const { evidence, json, print, trace } = await run();
  if (flags.json) output.json(json);
  else {
    print();
    // Last, so that it is what a terminal shows.
    for (const line of violationsLines(evidence.violations)) output.line(line);
  }
  context.exit(exitCodeOf(evidence.verdict)); // before the files, so that an error there cannot hide a violation
  if (flags.trace !== undefined) await writeTrace(flags.trace, trace ?? [], output);
  if (flags.html !== undefined) await writePicture(flags.html, evidence.violations, output);
}

function titleOf({ layer, subject, seed, mutant }: ReplayToken): string {
  return `lockproof replay   ${layer} ${subject}   seed ${seed}${mutant === undefined ? "" : `   mutant ${mutant}`}`;
}
