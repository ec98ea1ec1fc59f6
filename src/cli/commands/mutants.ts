/** `mutants`: checks that every mutant is killed. */

import { Command, Option } from "commander";
import { exitCodes } from "../../check/verdict.ts";
import { UsageError } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, replayCommand } from "../../evidence/words.ts";
import type { Layers, Mutant } from "../../verify/layers.ts";
import {
  matrixLines,
  mutantLayers,
  nameOf,
  seedsNeeded,
  seedsSummary,
  seedsTable,
} from "../../verify/mutant-matrix.ts";
import { mutantsPage } from "../../verify/mutant-page.ts";
import { type MutantOutcome, MutantRunner, mostSeeds } from "../../verify/mutant-run.ts";
import type { ServerFlags } from "../../verify/servers.ts";
import {
  chooseSeed,
  jsonFlag,
  redisFlag,
  runsFlag,
  type SeedFlag,
  seedFlag,
  toxiproxyFlag,
} from "../arguments/flags.ts";
import { checkWords, integerWithin, oneOf, several } from "../arguments/values.ts";
import { writeResultFile } from "../printing/result-file.ts";
import type { Context } from "../process/context.ts";

interface MutantsFlags extends SeedFlag, ServerFlags {
  readonly mutant?: readonly string[];
  readonly layer?: readonly Mutant["layer"][];
  readonly matrix?: true;
  readonly runs: number;
  readonly rounds: number;
  readonly page?: string;
  readonly json?: true;
}

/** How long one plan is shrunk where several rounds are measured, in milliseconds. */
const shrinkFor = 10_000;

/** @param version of the package, for the page */
export function mutantsCommand(context: Context, version: string): Command {
  return new Command("mutants")
    .summary("check that every mutant is caught")
    .description(
      "Runs each mutant until a layer catches it, the cheapest layer first. Exit 1: one survives; 2: one is void, since it could not be made, its run had no verdict, or the unchanged system fails too.",
    )
    .addOption(new Option("--id, --mutant <id>", "only this one; repeatable (default: all)").argParser(several(String)))
    .addOption(
      new Option("--layer <name>", `only this layer: ${mutantLayers.join(", ")}; repeatable`).argParser(
        several(oneOf("layer", "--layer", mutantLayers)),
      ),
    )
    .option("--matrix", "each mutant on every layer that can run it")
    .addOption(runsFlag(300, "runs of a mutant of the scripts"))
    .addOption(
      new Option("--rounds <n>", "hunts of each in the simulator, from different seeds")
        .default(1)
        .argParser(integerWithin("--rounds", 1, 1_000)),
    )
    .option("--page <file>", "write the seeds that the simulator needed here, as Markdown")
    .addOption(seedFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof mutants\n  lockproof mutants --layer simulate --rounds 20\n  lockproof mutants --layer conform --runs 100 --json",
    )
    .action((flags: MutantsFlags) => hunt(flags, context, version));
}

async function hunt(flags: MutantsFlags, context: Context, version: string): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const chosen = choose(flags, layers);
  const seed = chooseSeed(flags, context);
  if (flags.json === undefined) output.line(`lockproof mutants   seed ${seed}`);
  const shrunk = { shrinkFor: flags.rounds > 1 ? shrinkFor : 0, isControlled: true };
  const runner = new MutantRunner({ ...flags, ...shrunk, seed, seeds: mostSeeds }, layers, context);
  const outcomes: MutantOutcome[] = [];
  const killed = new Set<string>();
  const width = Math.max(...chosen.map(({ id }) => id.length));
  for (const mutant of chosen) {
    if (context.interrupted.aborted) break;
    if (killed.has(nameOf(mutant)) && flags.matrix === undefined) continue;
    output.progress(`mutant ${mutant.id}, ${mutant.layer}`);
    const outcome = await runner.run(mutant);
    outcomes.push(outcome);
    if (outcome.evidence.verdict === "killed") killed.add(nameOf(mutant));
    if (flags.json) output.json(jsonOf(outcome));
    else for (const line of outcomeLines(outcome, width)) output.line(line);
  }
  const unseen = unseenOf(flags, layers);
  if (flags.json === undefined) {
    output.line();
    for (const line of matrixLines({ chosen, known: layers.mutants, outcomes, unseen })) output.line(line);
    if (flags.rounds > 1) {
      for (const line of ["", ...seedsTable(outcomes, mostSeeds), "", seedsSummary(outcomes)]) output.line(line);
    }
  }
  context.exit(exitCodeOf(chosen, outcomes)); // before the page, so that an error there cannot hide the verdict
  if (flags.page !== undefined) {
    const date = context.wallClock();
    const { rounds } = flags;
    await writeResultFile(
      "--page",
      flags.page,
      mutantsPage({ outcomes, unseen, rounds, seed, most: mostSeeds, date, version }),
    );
  }
}

/** @throws UsageError for a mutant that does not exist, or that no chosen layer runs */
function choose({ layer, mutant }: MutantsFlags, { mutants }: Layers): readonly Mutant[] {
  checkWords("mutant", mutant ?? [], [...new Set(mutants.map(({ id }) => id))], "--mutant");
  const chosen = mutants.filter((one) => mutant?.includes(one.id) !== false && layer?.includes(one.layer) !== false);
  if (chosen.length > 0) return chosen;
  throw new UsageError(`no mutant of that name for layer ${layer?.join(", ")}`, {
    where: "--layer",
    fix: `name one of ${[...new Set(mutants.filter(({ id }) => mutant?.includes(id)).map((one) => one.layer))].join(", ")}`,
  });
}

/** All undetected ones, unless the flags chose mutants or other layers. */
function unseenOf({ layer, mutant }: MutantsFlags, { unseen }: Layers): Layers["unseen"] {
  const isAsked = mutant === undefined && (layer?.includes("simulate") ?? true);
  return isAsked ? unseen : {};
}

/** A mutant is killed when one layer has killed it. One that is void on some layer is inconclusive, even if another layer has killed it. */
function exitCodeOf(chosen: readonly Mutant[], outcomes: readonly MutantOutcome[]): number {
  const byName = Map.groupBy(outcomes, ({ mutant }) => nameOf(mutant));
  const verdicts = (name: string) => (byName.get(name) ?? []).map(({ evidence }) => evidence.verdict);
  const open = [...new Set(chosen.map(nameOf))].filter((name) => !verdicts(name).includes("killed"));
  if (open.some((name) => verdicts(name).includes("survived"))) return exitCodes.violated;
  const isVoid = outcomes.some(({ evidence }) => evidence.verdict === "void");
  return isVoid || open.length > 0 ? exitCodes.inconclusive : exitCodes.held;
}

function jsonOf({ evidence, hunted, mutant, reason }: MutantOutcome): object {
  const { scenario } = mutant;
  const rounds = hunted !== null && hunted.seeds.length >= 2 ? hunted : undefined;
  return withoutUndefined({
    ...evidence,
    planted_in: mutant.part,
    scenario,
    seeds: rounds?.seeds,
    shrunk: rounds?.shrunk,
    reason: reason ?? undefined,
  });
}

function outcomeLines({ evidence, hunted, mutant, reason }: MutantOutcome, width: number): readonly string[] {
  const { id, layer, origin, property, runs_to_kill, token, verdict } = evidence;
  const noun = layer === "simulate" ? "seed" : "run";
  const runs = runs_to_kill === null ? "" : `, ${countText(runs_to_kill, noun)}`;
  const { median, p90 } = seedsNeeded(hunted?.seeds ?? []);
  const rounds = hunted === null || hunted.seeds.length < 2 ? "" : `, median ${median}, 90 % ${p90}`;
  const where = mutant.scenario === undefined ? layer : `${layer} ${mutant.scenario}`;
  return [
    `${verdict.padEnd("survived".length)}  ${id.padEnd(width)}  ${property}   ${where}${runs}${rounds}   ${origin}`,
    ...(reason === null ? [] : [`          ${reason}`]),
    ...(token === null ? [] : [`          replay: ${replayCommand(token)}`]),
  ];
}
