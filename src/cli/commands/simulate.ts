/** `simulate`: runs the scheduler on virtual time, with the model as its store, from a seed. */

import { Command, Option } from "commander";
import { UsageError } from "../../evidence/failure.ts";
import { maxSeed } from "../../evidence/token.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, durationText, numberText } from "../../evidence/words.ts";
import type { SimulateEvidence } from "../../simulate/batch/evidence.ts";
import type { SeedLine } from "../../simulate/batch/options.ts";
import type { Shard } from "../../verify/plan.ts";
import { charged } from "../../verify/profiles.ts";
import {
  jsonFlag,
  luaFlag,
  mutantFlag,
  redisFlag,
  type SeedFlag,
  seedFlag,
  simulatedMutants,
} from "../arguments/flags.ts";
import { moduleOf, refuseBesideScheduler, schedulerFlag } from "../arguments/scheduler-flag.ts";
import {
  checkWords,
  integerWithin,
  oneOf,
  type Range,
  readDuration,
  readRange,
  readShard,
  several,
} from "../arguments/values.ts";
import { refuseGuidedFlags, simulateGuided } from "../guided/command.ts";
import { scenariosFlag } from "../own/scenarios.ts";
import type { Output } from "../printing/output.ts";
import { layerLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";
import { simulateOnRedis } from "./lockstep.ts";
import { runBatches } from "./scenario-batches.ts";

interface SimulateFlags extends SeedFlag {
  readonly scenario?: readonly string[];
  readonly seeds?: Range;
  readonly shard: Shard;
  readonly budget?: number;
  readonly mutant?: string;
  readonly cost?: true;
  readonly json?: true;
  readonly on?: "redis";
  readonly token?: string;
  readonly lua?: string;
  readonly redisServer?: string;
  readonly guided?: true;
  readonly runs?: number;
  readonly corpus?: string;
  readonly scheduler?: string;
}

/** How many seeds run where none are named. */
const usualSeeds = 20;

export function simulateCommand(context: Context): Command {
  return new Command("simulate")
    .summary("run many schedulers on virtual time, with faults from a seed")
    .description(
      "Runs the scheduler on virtual time over the model, with faults drawn from the seed. The first seed of a batch runs twice, and both traces must be equal.",
    )
    .addOption(
      new Option("--scenario <name>", "only this scenario; repeatable (default: all)").argParser(several(String)),
    )
    .addOption(new Option("--seeds <a..b>", "every seed from a to b").argParser(readRange))
    .addOption(seedFlag())
    .addOption(
      new Option("--shard <i/n>", "the i-th of n runs on disjoint seeds")
        .default({ index: 1, of: 1 }, "1/1")
        .argParser(readShard),
    )
    .addOption(
      new Option("--budget <time>", "most time, such as 90s or 10m; what has run by then counts").argParser(
        readDuration("--budget"),
      ),
    )
    .option("--guided", "later runs branch from those that reached something new")
    .addOption(
      new Option("--runs <n>", "with --guided: most runs of a scenario (default: 200, without --budget)").argParser(
        integerWithin("--runs", 1, 1_000_000),
      ),
    )
    .option("--corpus <dir>", "with --guided: read what earlier runs reached, and keep what these reach")
    .addOption(mutantFlag("simulate"))
    .addOption(scenariosFlag())
    .addOption(schedulerFlag())
    .addOption(new Option("--cost", "computing takes virtual time, by a measured table; judges D1 alone"))
    .addOption(
      new Option(
        "--on <world>",
        "redis: each command also on a real Redis, whose reply and keys must be the model's",
      ).argParser(oneOf("world", "--on", ["redis"])),
    )
    .addOption(new Option("--token <token>", "with --on redis: the schedule of this run"))
    .addOption(luaFlag())
    .addOption(redisFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof simulate --scenario random-nemesis --seeds 1..2000 --json\n  lockproof simulate --seeds 1..1000000 --shard 3/8 --budget 10m\n  lockproof simulate --guided --budget 10m --corpus ./corpus\n  lockproof simulate --on redis --scenario redis-gone --seeds 1..50\n  lockproof simulate --scheduler ./my-scheduler.ts --scenario silent-nodes",
    )
    .action((flags: SimulateFlags) => simulate(flags, context));
}

async function simulate(flags: SimulateFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const known = await layers.simulatedNames();
  checkWords("scenario", flags.scenario ?? [], known, "--scenario");
  if (flags.scheduler !== undefined) {
    const { cost, guided, mutant, on } = flags;
    refuseBesideScheduler({ "--mutant": mutant, "--guided": guided, "--cost": cost, "--on": on });
  }
  if (flags.guided) {
    refuseRedisFlags(flags);
    await simulateGuided(flags, known, context);
    return;
  }
  refuseGuidedFlags(flags);
  const signal =
    flags.budget === undefined
      ? context.interrupted
      : AbortSignal.any([context.interrupted, context.timeLimit(flags.budget)]);
  if (flags.on === "redis") {
    if (flags.cost === true) throw costOnRedis();
    const chosen = { scenarios: flags.scenario ?? known, seeds: () => seedsOf(flags, context) };
    await simulateOnRedis(chosen, flags, signal, context);
    return;
  }
  refuseRedisFlags(flags);
  checkWords("mutant", flags.mutant === undefined ? [] : [flags.mutant], simulatedMutants(layers), "--mutant");
  const module = flags.scheduler === undefined ? undefined : await moduleOf(flags.scheduler);
  const seeds = seedsOf(flags, context);
  const usual = flags.cost === true ? charged.scenarios : known;
  const onSeed = flags.json ? (line: SeedLine) => output.json(line) : undefined;
  const batches = (flags.scenario ?? usual).map((scenario) => ({
    scenario,
    async run() {
      if (flags.json === undefined)
        output.line(`lockproof simulate   scenario ${scenario}   seeds ${seeds.from}..${seeds.to}`);
      const evidence = await layers.runSimulate({
        ...{ scenario, seeds, shard: flags.shard, signal },
        onProgress: (text) => output.progress(`${scenario}: ${text}`),
        ...withoutUndefined({ onSeed, module, mutant: flags.mutant, isCharged: flags.cost }),
      });
      if (flags.json) output.json(evidence.json);
      else printSimulate(evidence, output);
      if (module !== undefined && evidence.violations.length > 0)
        output.note(`a token of ${module.name} is replayed with --scheduler and the path of it`);
      return evidence.verdict;
    },
  }));
  await runBatches(batches, signal, context);
}

function costOnRedis(): UsageError {
  return new UsageError("--cost with --on redis; allowed: one of them", {
    where: "--cost",
    fix: "leave out one: a real Redis is asked while virtual time stands still",
  });
}

function refuseRedisFlags({ lua, redisServer, token }: SimulateFlags): void {
  const given = Object.entries({ "--token": token, "--lua": lua, "--redis-server": redisServer });
  const [flag] = given.find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  throw new UsageError(`${flag} without --on redis; allowed: with it`, {
    where: flag,
    fix: "add --on redis, or replay a token with lockproof replay",
  });
}

/** `--seeds`, the one `--seed`, or drawn. */
function seedsOf(flags: SimulateFlags, context: Context): Range {
  if (flags.seeds !== undefined && flags.seed !== undefined) {
    throw new UsageError("both --seed and --seeds; allowed: one of them", {
      where: "--seed",
      fix: "name one seed with --seed, or several with --seeds a..b",
    });
  }
  if (flags.seeds !== undefined) {
    context.noteSeed(flags.seeds.from);
    return flags.seeds;
  }
  if (flags.seed !== undefined) {
    context.noteSeed(flags.seed);
    return { from: flags.seed, to: flags.seed };
  }
  const from = context.drawSeed() % (maxSeed - usualSeeds);
  context.noteSeed(from);
  return { from, to: from + usualSeeds - 1 };
}

export function printSimulate(evidence: SimulateEvidence, output: Output): void {
  for (const line of layerLines(evidence, output)) output.line(line);
  const { events_per_second, times_real } = evidence.json;
  const rate = `${numberText(Number(events_per_second))} events/s   ${numberText(Number(times_real))} times real time`;
  output.line();
  output.line(
    `  ${output.verdict(evidence.verdict)}   ${countText(evidence.runs, "seed")} in ${durationText(evidence.duration_ms)}   ${rate}`,
  );
}
