/** `replay TOKEN`: runs again what a token names. */
import { Command, Option } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import { decodeToken, type ReplayToken } from "../../evidence/token.ts";
import { htmlFlag, jsonFlag, luaFlag, redisFlag, sutFlag, toxiproxyFlag } from "../arguments/flags.ts";
import { writePicture } from "../printing/picture-file.ts";
import { writeTrace } from "../printing/trace-file.ts";
import type { Context } from "../process/context.ts";
import { prepareRerun, type RerunFlags } from "../rerun.ts";

type ReplayFlags = RerunFlags & { readonly json?: true; readonly html?: string; readonly trace?: string };

export function replayCommand(context: Context): Command {
  return new Command("replay")
    .summary("run again what a token names")
    .description("Runs again what a token names, and shows where model and system diverge.")
    .argument("<token>", "the line that begins with lp1:")
    .addOption(htmlFlag())
    .option("--trace <file>", "write a simulated run's events here, one a line")
    .option(
      "--point-of-no-return",
      "first moment from which a failing simulated run fails under any draw (up to a minute)",
    )
    .addOption(new Option("--doom").implies({ pointOfNoReturn: true }).hideHelp()) // its former name
    .addOption(luaFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(sutFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExample:\n  lockproof replay lp1:conform:8213:q1ZKSSxJ…")
    .action((text: string, flags: ReplayFlags) => replay(text, flags, context));
}

async function replay(text: string, flags: ReplayFlags, context: Context): Promise<void> {
  const { output } = context;
  const token = decodeToken(text.trim());
  context.noteSeed(token.seed);
  const run = await prepareRerun({ token, flags, context, isExplained: flags.html !== undefined });
  if (flags.json === undefined) output.line(titleOf(token));
  const { evidence, json, print, trace } = await run();
  if (flags.json) output.json(json);
  else print();
  context.exit(exitCodeOf(evidence.verdict)); // before the files, so that an error there cannot hide a violation
  if (flags.trace !== undefined) await writeTrace(flags.trace, trace ?? [], output);
  if (flags.html !== undefined) await writePicture(flags.html, evidence.violations, output);
}

function titleOf({ layer, subject, seed, mutant }: ReplayToken): string {
  return `lockproof replay   ${layer} ${subject}   seed ${seed}${mutant === undefined ? "" : `   mutant ${mutant}`}`;
}
