/** `inject`: the scheduler on a real Redis with real faults, each run paired with a fault-free control. */
import { Command, Option } from "commander";
import { exitCodeOf, joinVerdicts, type Verdict } from "../check/verdict.ts";
import { durationText } from "../report/words.ts";
import type { Context } from "./context.ts";
import {
  chooseSeed,
  jsonFlag,
  mutantFlag,
  mutantIds,
  redisFlag,
  runsFlag,
  type SeedFlag,
  type ServerFlags,
  seedFlag,
  serversOf,
  toxiproxyFlag,
} from "./flags.ts";
import { checkWords, maxSeed, several } from "./values.ts";
import { layerLines } from "./verdict-lines.ts";

interface InjectFlags extends SeedFlag, ServerFlags {
  readonly scenario?: readonly string[];
  readonly mutant?: string;
  readonly runs: number;
  readonly json?: true;
}

export function injectCommand(context: Context): Command {
  return new Command("inject")
    .summary("the scheduler on a real Redis under real faults")
    .description(
      "Runs the scheduler on a real Redis behind Toxiproxy, once with the scenario's faults and once without, on the same seed.",
    )
    .addOption(
      new Option("--scenario <name>", "only this scenario; repeatable (default: all)").argParser(several(String)),
    )
    .addOption(mutantFlag("inject"))
    .addOption(seedFlag())
    .addOption(runsFlag(1, "how often, each time on the next seed"))
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof inject --scenario redis-gone\n  lockproof inject --scenario reply-lost --runs 20 --json",
    )
    .action((flags: InjectFlags) => inject(flags, context));
}

async function inject(flags: InjectFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const known = await layers.scenarioNames();
  checkWords("scenario", flags.scenario ?? [], known, "--scenario");
  checkWords("mutant", flags.mutant === undefined ? [] : [flags.mutant], mutantIds(layers, "inject"), "--mutant");
  const first = chooseSeed(flags, context);
  const verdicts: Verdict[] = [];
  for (let run = 0; run < flags.runs; run += 1) {
    const seed = (first + run) % (maxSeed + 1);
    for (const scenario of flags.scenario ?? known) {
      if (flags.json === undefined) output.line(`lockproof inject   scenario ${scenario}   seed ${seed}`);
      const evidence = await layers.runInject({
        ...serversOf(flags),
        ...(flags.mutant === undefined ? {} : { planted: flags.mutant }),
        scenario,
        seed,
        signal: context.interrupted,
        onProgress: (text) => output.progress(text),
      });
      verdicts.push(evidence.verdict);
      if (flags.json) output.json({ scenario, seed, verdict: evidence.verdict, ...evidence.json });
      else for (const line of layerLines(evidence, output)) output.line(line);
      if (flags.json === undefined)
        output.line(`  ${output.verdict(evidence.verdict)}   ${durationText(evidence.duration_ms)}`);
    }
  }
  context.exit(exitCodeOf(joinVerdicts(verdicts)));
}
