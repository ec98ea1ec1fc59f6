/** `explore`: visits every interleaving of a model in a scope. */

import { Command, Option } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, durationText, numberText } from "../../evidence/words.ts";
import type { ExploreEvidence } from "../../explore/evidence.ts";
import type { ExploreOptions } from "../../explore/run.ts";
import { jsonFlag } from "../arguments/flags.ts";
import { integerWithin } from "../arguments/values.ts";
import type { Output } from "../printing/output.ts";
import { layerLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";

interface ExploreFlags {
  readonly model: string;
  readonly scope?: string;
  readonly threads: number;
  readonly memoryMb: number;
  readonly symmetry?: boolean;
  readonly mutant?: string;
  readonly json?: true;
}

type Explore = (options: ExploreOptions) => Promise<ExploreEvidence>;

/** @param explore loaded when it is first used */
export function exploreCommand(context: Context, explore: Explore = exploreOurs): Command {
  return new Command("explore")
    .summary("visit every interleaving of a model")
    .description(
      "Visits every state that a model can reach in its scope, and judges its properties, liveness included. Counterexamples are shortest ones.",
    )
    .requiredOption("--model <name>", "which model")
    .option("--scope <name|k=v,...>", "a scope of the model by name, bounds, or a name and then bounds")
    .addOption(new Option("--threads <n>", "most threads").default(1).argParser(integerWithin("--threads", 1, 64)))
    .addOption(
      new Option("--memory-mb <n>", "most memory of the process; past it the verdict is unknown")
        .default(2048)
        .argParser(integerWithin("--memory-mb", 1, 65_536)),
    )
    .option("--symmetry", "count states that differ only in names once; not with liveness")
    .option("--no-symmetry", "count every state, also in a named scope that reduces them")
    .option("--mutant <id>", "with this mutant of the model")
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof explore --model job-store\n  lockproof explore --model job-store --scope N=2,I=1,V=3,J=1,C=2,M=3,D=1,K=1 --threads 2 --json",
    )
    .action(async (flags: ExploreFlags) => {
      const evidence = await explore({
        model: flags.model,
        threads: flags.threads,
        memoryMb: flags.memoryMb,
        signal: context.interrupted,
        onProgress: (text) => context.output.progress(text),
        now: () => context.now(),
        ...withoutUndefined({ scope: flags.scope, symmetry: flags.symmetry, mutant: flags.mutant }),
      });
      if (flags.json) context.output.json(evidence.json);
      else printExplore(evidence, context.output);
      context.exit(exitCodeOf(evidence.verdict));
    });
}

export async function exploreOurs(options: ExploreOptions): Promise<ExploreEvidence> {
  const { runExplore } = await import("../../explore/run.ts");
  return runExplore(options);
}

export function printExplore(evidence: ExploreEvidence, output: Output): void {
  for (const line of layerLines(evidence, output)) output.line(line);
  const { unique_states, generated_states, depth, states_per_second, symmetry } = evidence.json;
  const found = `${countText(unique_states, "state")}   ${numberText(generated_states)} generated   depth ${depth}`;
  const rate = `${durationText(evidence.duration_ms)}   ${numberText(states_per_second)} states a second   symmetry ${symmetry}`;
  for (const { property, claim, reason } of evidence.json.not_judged) {
    output.line(`not judged in this scope: ${property} ${claim}: ${reason}`);
  }
  if (evidence.json.threads_note !== null) output.line(`threads: ${evidence.json.threads_note}`);
  output.line();
  output.line(`  ${output.verdict(evidence.verdict)}   ${found}   ${rate}`);
}
