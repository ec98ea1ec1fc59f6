/** `inject`: the scheduler on a real Redis with real faults, each run paired with a fault-free control. */

import { Command, Option } from "commander";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { PropertyId } from "../../check/properties.ts";
import { exitCodeOf, joinVerdicts, type Verdict } from "../../check/verdict.ts";
import { maxSeed } from "../../evidence/token.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { durationText } from "../../evidence/words.ts";
import type { SutCommand } from "../../sut/command.ts";
import type { Layers } from "../../verify/layers.ts";
import { type ServerFlags, serversOf } from "../../verify/servers.ts";
import {
  chooseSeed,
  greeted,
  jsonFlag,
  mutantFlag,
  mutantIds,
  redisFlag,
  runsFlag,
  type SeedFlag,
  seedFlag,
  sutFlag,
  topologyFlag,
  toxiproxyFlag,
} from "../arguments/flags.ts";
import { checkWords, readProperties, several } from "../arguments/values.ts";
import { scenariosFlag } from "../own/scenarios.ts";
import { layerLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";

interface InjectFlags extends SeedFlag, ServerFlags {
  readonly scenario?: readonly string[];
  readonly redis?: RedisTopology;
  readonly processes?: true;
  readonly sut?: SutCommand;
  readonly exclude?: readonly PropertyId[];
  readonly mutant?: string;
  readonly runs: number;
  readonly dir?: string;
  readonly json?: true;
}

export function injectCommand(context: Context): Command {
  return new Command("inject")
    .summary("run the scheduler on a real Redis under real faults")
    .description(
      "Runs the scheduler on a real Redis behind Toxiproxy, once with the scenario's faults and once without, on the same seed.",
    )
    .addOption(
      new Option("--scenario <name>", "only this scenario; repeatable (default: all)").argParser(several(String)),
    )
    .addOption(mutantFlag("inject"))
    .addOption(seedFlag())
    .addOption(runsFlag(1, "runs, each on the next seed"))
    .addOption(topologyFlag())
    .addOption(new Option("--processes", "speak the line protocol to the instances"))
    .addOption(scenariosFlag())
    .addOption(sutFlag().conflicts("processes"))
    .addOption(
      new Option("--exclude <ids>", "properties that may stay open, such as D2,K3; a violation counts").argParser(
        readProperties("--exclude"),
      ),
    )
    .addOption(new Option("--dir <folder>", "keep the histories here, for `lockproof check` and `lockproof reproduce`"))
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof inject --scenario redis-gone\n  lockproof inject --scenario failover-loses-writes --redis cluster\n  lockproof inject --scenario reply-lost --runs 20 --json",
    )
    .action((flags: InjectFlags) => inject(flags, context));
}

async function inject(flags: InjectFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const known = await layers.scenarioNames();
  checkWords("scenario", flags.scenario ?? [], known, "--scenario");
  checkWords("mutant", flags.mutant === undefined ? [] : [flags.mutant], mutantIds(layers, "inject"), "--mutant");
  const chosen = flags.scenario ?? (await namesOn(flags.redis, layers)) ?? known;
  const system = await greeted(flags, layers, context);
  const first = chooseSeed(flags, context);
  const { dir, exclude, processes, redis } = flags;
  const verdicts: Verdict[] = [];
  for (let run = 0; run < flags.runs; run += 1) {
    const seed = (first + run) % (maxSeed + 1);
    for (const scenario of chosen) {
      if (flags.json === undefined) output.line(`lockproof inject   scenario ${scenario}   seed ${seed}`);
      const evidence = await layers.runInject({
        ...serversOf(flags),
        ...withoutUndefined({ redis, processes, system, exclude, dir, mutant: flags.mutant }),
        scenario,
        seed,
        signal: context.interrupted,
        onProgress: (text) => output.progress(text),
      });
      verdicts.push(evidence.verdict);
      context.judged(evidence.verdict);
      if (flags.json) output.json({ scenario, seed, verdict: evidence.verdict, ...evidence.json });
      else for (const line of layerLines(evidence, output)) output.line(line);
      if (flags.json === undefined)
        output.line(`  ${output.verdict(evidence.verdict)}   ${durationText(evidence.duration_ms)}`);
    }
  }
  context.exit(exitCodeOf(joinVerdicts(verdicts)));
}

/** The scenarios that can run on the chosen servers. */
async function namesOn(redis: RedisTopology | undefined, layers: Layers): Promise<readonly string[] | undefined> {
  if (redis === undefined) return undefined;
  return (await layers.gateScenarios("full", redis)).map(({ scenario }) => scenario);
}
