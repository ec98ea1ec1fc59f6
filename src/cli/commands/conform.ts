/** `conform`: compares the scripts with the model, step by step, on a real Redis. */

import { Command } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, durationText, numberText, replayCommand } from "../../evidence/words.ts";
import type { ConformEvidence, Layers } from "../../verify/layers.ts";
import {
  chooseSeed,
  jsonFlag,
  luaFlag,
  mutantFlag,
  mutantIds,
  redisFlag,
  runsFlag,
  type SeedFlag,
  seedFlag,
} from "../arguments/flags.ts";
import { checkWords } from "../arguments/values.ts";
import type { Output } from "../printing/output.ts";
import { layerLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";

interface ConformFlags extends SeedFlag {
  readonly runs: number;
  readonly lua?: string;
  readonly concurrent?: true;
  readonly mutant?: string;
  readonly redisServer?: string;
  readonly json?: true;
}

export function conformCommand(context: Context): Command {
  return new Command("conform")
    .summary("compare the scripts with the model on a real Redis")
    .description(
      "Runs generated commands on a real Redis, loses replies, and compares reply and state with the model after every step. A divergence is shrunk.",
    )
    .addOption(runsFlag(300, "command sequences"))
    .addOption(seedFlag())
    .option("--concurrent", "calls of several clients in flight: reordered, repeated, late")
    .addOption(luaFlag())
    .addOption(mutantFlag("conform"))
    .addOption(redisFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof conform --runs 300\n  lockproof conform --concurrent --runs 500\n  lockproof conform --lua ./my-lua --seed 8213 --json",
    )
    .action(async (flags: ConformFlags) => {
      const layers = await context.layers();
      checkWords("mutant", flags.mutant === undefined ? [] : [flags.mutant], mutantIds(layers, "conform"), "--mutant");
      const seed = chooseSeed(flags, context);
      if (flags.json === undefined) context.output.line(`lockproof conform   seed ${seed}`);
      const evidence = await runWith(flags, seed, layers, context);
      if (flags.json) context.output.json({ seed, ...evidence.json });
      else printConform(evidence, context.output);
      context.exit(exitCodeOf(evidence.verdict));
    });
}

function runWith(flags: ConformFlags, seed: number, layers: Layers, context: Context): Promise<ConformEvidence> {
  const { concurrent, lua, mutant, redisServer, runs } = flags;
  return layers.runConform({
    runs,
    seed,
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
    ...withoutUndefined({ concurrent, luaDir: lua, mutant, redisServer }),
  });
}

export function printConform(evidence: ConformEvidence, output: Output): void {
  for (const line of layerLines(evidence, output)) output.line(line);
  const { runs, commands, lost_replies, script_set, token } = evidence.json;
  const lost = `${numberText(lost_replies)} lost ${lost_replies === 1 ? "reply" : "replies"}`;
  output.line();
  output.line(
    `  ${output.verdict(evidence.verdict)}   ${countText(runs, "run")}   ${countText(commands, "command")}   ${lost}   ${durationText(evidence.duration_ms)}   scripts ${script_set}`,
  );
  // The token of a violation has been printed with it.
  if (evidence.verdict !== "violated") output.line(`  replay: ${replayCommand(token)}`);
}
