/** `mutate`: the mutation score of the gate. */
import { Command, Option } from "commander";
import { scenarios } from "../../../scenarios/registry.ts";
import { exitCodes } from "../../check/verdict.ts";
import { judgedParts } from "../../mutate/mutant.ts";
import type { Mutated, MutateOptions } from "../../mutate/run.ts";
import { runKinds } from "../../mutate/worker/messages.ts";
import type { Shard } from "../../verify/plan.ts";
import { type ProfileName, profileNames, profiles } from "../../verify/profiles.ts";
import { chooseSeed, jsonFlag, redisFlag, type SeedFlag, seedFlag } from "../arguments/flags.ts";
import { integerWithin, notReadable, oneOf, readDuration, readShard, several } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";
import { jsonOf, outcomeLine, scoreLines, standing, survivorLines } from "./lines.ts";

interface MutateFlags extends SeedFlag {
  readonly file?: readonly string[];
  readonly checkers?: true;
  readonly since?: string;
  readonly sample?: number;
  readonly shard: Shard;
  readonly state?: string;
  readonly again?: true;
  readonly budget?: number;
  readonly layer?: readonly (typeof runKinds)[number][];
  readonly profile: ProfileName;
  readonly most: number;
  readonly workers: number;
  readonly mutant?: readonly string[];
  readonly leastScore: number;
  readonly redisServer?: string;
  readonly json?: true;
}

/** Checked before the sources are read, which takes seconds. */
function readId(text: string): string {
  if (/^[0-9a-f]{12}$/u.test(text)) return text;
  throw notReadable("--mutant", text, "an id of 12 hex digits, as an earlier run printed it");
}

type Mutate = (options: MutateOptions) => Promise<Mutated>;

/** @param mutate loaded when it is first used */
export function mutateCommand(context: Context, mutate: Mutate = mutateOurs): Command {
  return new Command("mutate")
    .summary("measure which changes of the code the gate finds")
    .description(
      "Changes each statement and condition of src/scheduler, src/redis, src/embed and lua/ in turn, and makes the runs of the gate that reach it, the cheapest first, until one finds the change. Needs a checkout. Exit 0: the score reaches --least-score; 1: it does not; 2: the sample is too small, or not every chosen mutant has run.",
    )
    .addOption(new Option("--file <glob>", "only files of this pattern; repeatable").argParser(several(String)))
    .option("--checkers", "change the gate instead, and run the harness's own tests")
    .option("--since <ref>", "only lines that differ from this revision")
    .addOption(new Option("--id, --mutant <id>", "only this one; repeatable").argParser(several(readId)))
    .addOption(
      new Option("--sample <n>", "only so many, drawn from the seed, of each file its share").argParser(
        integerWithin("--sample", 1, 1_000_000),
      ),
    )
    .addOption(
      new Option("--shard <i/n>", "only this part of the mutants")
        .default({ index: 1, of: 1 }, "1/1")
        .argParser(readShard),
    )
    .option("--state <file>", "keep every result here, and continue from it")
    .option("--again", "run those of --state anew that were not killed")
    .addOption(new Option("--budget <time>", "begin no mutant after this").argParser(readDuration("--budget")))
    .addOption(
      new Option(
        "--layer <name>",
        `make these runs: ${runKinds.join(", ")}; repeatable (default: the first three)`,
      ).argParser(several(oneOf("layer", "--layer", runKinds))),
    )
    .addOption(
      new Option("--profile <name>", "of verify, which says how many runs there are")
        .default("quick")
        .argParser(oneOf("profile", "--profile", profileNames)),
    )
    .addOption(
      new Option("--most <n>", "most runs for one mutant").default(60).argParser(integerWithin("--most", 1, 1_000_000)),
    )
    .addOption(
      new Option("--workers <n>", "processes side by side").default(1).argParser(integerWithin("--workers", 1, 64)),
    )
    .addOption(
      new Option("--least-score <percent>", "the score to reach")
        .default(100)
        .argParser(integerWithin("--least-score", 0, 100)),
    )
    .addOption(seedFlag())
    .addOption(redisFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof mutate --since main --least-score 90\n  lockproof mutate --sample 1500 --seed 1 --state reports/mutate.jsonl --budget 20m\n  lockproof mutate --file 'src/scheduler/view/*.ts' --json",
    )
    .action((flags: MutateFlags) => run(flags, context, mutate));
}

async function mutateOurs(options: MutateOptions): Promise<Mutated> {
  const { ownRoot } = await import("../../mutate/source/sources.ts");
  ownRoot(); // before anything that the published package does not have is loaded
  const { runMutate } = await import("../../mutate/run.ts");
  return runMutate(options);
}

async function run(flags: MutateFlags, context: Context, mutate: Mutate): Promise<void> {
  const { output } = context;
  const seed = chooseSeed(flags, context);
  const limits = [context.interrupted, ...(flags.budget === undefined ? [] : [context.timeLimit(flags.budget)])];
  const mutated = await mutate({
    ...optionsOf(flags, seed),
    signal: AbortSignal.any(limits),
    now: () => context.now(),
    onProgress: (text) => output.progress(text),
    onChosen: () => flags.json === undefined && output.line(`lockproof mutate   seed ${seed}`),
    onUnusable: (found) => output.note(`left out, since it finds something in the code as it is: ${found}`),
    onOutcome(mutant, outcome, isKept) {
      if (flags.json) output.json(jsonOf(mutant, outcome));
      else if (!isKept) output.progress(outcomeLine(mutant, outcome));
    },
  });
  const lines = [...survivorLines(mutated), "", ...scoreLines(mutated, flags.leastScore)];
  if (flags.json === undefined) for (const line of lines) output.line(line);
  else for (const line of scoreLines(mutated, flags.leastScore)) output.note(line);
  const codes = { reached: exitCodes.held, missed: exitCodes.violated, open: exitCodes.inconclusive };
  context.exit(codes[standing(mutated, flags.leastScore)]);
}

type Choices = Omit<MutateOptions, "signal" | "now" | "onProgress" | "onChosen" | "onUnusable" | "onOutcome">;

function optionsOf(flags: MutateFlags, seed: number): Choices {
  const { conformRuns, lockstep, simulatedSeeds } = profiles[flags.profile];
  const gate = scenarios.filter((scenario) => scenario.gate === "quick").map(({ name }) => name);
  return {
    ...{ seed, shard: flags.shard, most: flags.most, workers: flags.workers, again: flags.again === true },
    files: flags.file ?? [],
    ids: flags.mutant ?? [],
    parts: flags.checkers === true ? ["checkers"] : judgedParts,
    since: flags.since ?? null,
    sample: flags.sample ?? null,
    state: flags.state ?? null,
    redisServer: flags.redisServer ?? null,
    gate: {
      ...{ seed, conformRuns, simulatedSeeds, inject: gate },
      kinds: flags.layer ?? ["simulate", "conform", "contract"],
      lockstep: lockstep.scenarios.length > 0 ? lockstep.scenarios : profiles.full.lockstep.scenarios,
    },
  };
}
