/** `simulate --guided`: later runs branch from those that reached something new. */
import { findScenario } from "../../../scenarios/registry.ts";
import { UsageError } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, durationText, numberText } from "../../evidence/words.ts";
import type { SeedLine } from "../../simulate/batch/options.ts";
import type { GuidedEvidence } from "../../simulate/guided/guided.ts";
import type { Shard } from "../../verify/plan.ts";
import { chooseSeed, type SeedFlag, simulatedMutants } from "../arguments/flags.ts";
import { checkWords } from "../arguments/values.ts";
import { type Batch, runBatches } from "../commands/scenario-batches.ts";
import type { Output } from "../printing/output.ts";
import { layerLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";

interface GuidedFlags extends SeedFlag {
  readonly scenario?: readonly string[];
  readonly shard: Shard;
  readonly budget?: number;
  readonly runs?: number;
  readonly corpus?: string;
  readonly mutant?: string;
  readonly json?: true;
  readonly seeds?: unknown;
  readonly cost?: true;
  readonly on?: string;
}

/** How many runs are made where neither they nor their time are limited. */
const usualRuns = 200;

/** @param known scenarios that can be simulated; by default those run whose faults are drawn: the others leave little to vary */
export async function simulateGuided(flags: GuidedFlags, known: readonly string[], context: Context): Promise<void> {
  const { output } = context;
  refuseOtherFlags(flags);
  const layers = await context.layers();
  checkWords("mutant", flags.mutant === undefined ? [] : [flags.mutant], simulatedMutants(layers), "--mutant");
  const names = flags.scenario ?? known.filter((name) => findScenario(name)?.nemesis !== undefined);
  const seed = chooseSeed(flags, context);
  const { budget, corpus, mutant, shard } = flags;
  const runs = flags.runs ?? (budget === undefined ? usualRuns : undefined);
  const onSeed = flags.json ? (line: SeedLine) => output.json(line) : undefined;
  const endsAt = budget === undefined ? null : context.now() + budget;
  const batches: Batch[] = [];
  // All corpora are read before anything runs, so that a damaged one costs nothing.
  for (const [index, scenario] of names.entries()) {
    const onProgress = (text: string) => output.progress(`${scenario}: ${text}`);
    const asked = { scenario, seed, shard, onProgress, ...withoutUndefined({ runs, corpus, mutant, onSeed }) };
    const run = await layers.prepareGuided(asked);
    batches.push({
      scenario,
      async run() {
        if (flags.json === undefined) output.line(headOf(scenario, seed, shard));
        const evidence = await run(limitOf(endsAt, names.length - index, context));
        if (flags.json) output.json(evidence.json);
        else printGuided(evidence, scenario, output);
        return evidence.verdict;
      },
    });
  }
  await runBatches(batches, context.interrupted, context);
}

/** The scenarios that are left share the time that is left. */
function limitOf(endsAt: number | null, left: number, context: Context) {
  const { interrupted } = context;
  if (endsAt === null) return { signal: interrupted };
  const budget = Math.max(1, Math.floor((endsAt - context.now()) / left));
  return { budget, signal: AbortSignal.any([interrupted, context.timeLimit(budget)]) };
}

function headOf(scenario: string, seed: number, { index, of }: Shard): string {
  return `lockproof simulate --guided   scenario ${scenario}   seed ${seed}${of === 1 ? "" : `   shard ${index}/${of}`}`;
}

function printGuided(evidence: GuidedEvidence, scenario: string, output: Output): void {
  for (const line of layerLines(evidence, output)) output.line(line);
  const { changed, filled, fresh, kept, read, redrawn, reordered, runs, seed, shard, situations } = evidence.guided;
  const rate = `${numberText(Number(evidence.json["events_per_second"]))} events/s`;
  const reached = Object.values(situations).reduce((sum, count) => sum + count, 0);
  const from = read === undefined ? "" : `; ${countText(read.runs, "run")} read from ${countText(read.files, "file")}`;
  const part = shard === "1/1" ? "" : ` --shard ${shard}`;
  output.line();
  output.line(
    `  ${output.verdict(evidence.verdict)}   ${countText(runs, "run")} in ${durationText(evidence.duration_ms)}   ${rate}`,
  );
  output.line(
    `  ${fresh + filled} of new seeds (${filled} with more faults), ${redrawn} drawn anew, ${changed} changed, ${reordered} reordered; ${countText(reached, "situation")}, ${countText(kept, "run")} kept${from}`,
  );
  output.line(`  again: lockproof simulate --guided --scenario ${scenario} --seed ${seed}${part} --runs ${runs}`);
}

/** Flags that another way of running simulations has. */
function refuseOtherFlags({ cost, on, seeds }: GuidedFlags): void {
  if (on !== undefined) throw notWith("--on", "leave it out, or replay a token that was found on a real Redis");
  if (cost === true) throw notWith("--cost", "leave it out: guided runs take no time for computing");
  if (seeds !== undefined) throw notWith("--seeds", "name the first seed with --seed, and how many runs with --runs");
}

function notWith(flag: string, fix: string): UsageError {
  return new UsageError(`${flag} with --guided; allowed: one of them`, { where: flag, fix });
}

/** @throws UsageError for a flag of guided simulation without it */
export function refuseGuidedFlags({ corpus, runs }: Pick<GuidedFlags, "corpus" | "runs">): void {
  const flag = runs !== undefined ? "--runs" : corpus === undefined ? undefined : "--corpus";
  if (flag === undefined) return;
  throw new UsageError(`${flag} without --guided; allowed: with it`, {
    where: flag,
    fix: "add --guided, or choose seeds with --seeds a..b",
  });
}
