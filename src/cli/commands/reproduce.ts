/** `reproduce FILE`: a recorded failure on real servers, reproduced in the simulator. */

import { Command, Option } from "commander";
import { exitCodeOf, type Verdict } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { UsageError } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, quoted, replayCommand } from "../../evidence/words.ts";
import { notRegular } from "../../files/file-kind.ts";
import type { ReproducedProperty, Reproduction } from "../../reproduce/reproduce.ts";
import { chooseSeed, jsonFlag, mutantFlag, mutantIds, type SeedFlag, seedFlag } from "../arguments/flags.ts";
import { checkWords, readDuration } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";

interface ReproduceFlags extends SeedFlag {
  readonly budget: number;
  readonly mutant?: string;
  readonly json?: true;
}

export function reproduceCommand(context: Context): Command {
  return new Command("reproduce")
    .alias("lift")
    .summary("reproduce a recorded failure in the simulator")
    .description(
      "Judges a history that inject wrote, and looks for a simulated run of its scenario and faults that violates the same property. The run is shrunk and printed as a token.",
    )
    .argument("<file>", "the history: JSON lines, as inject or verify wrote them")
    .addOption(
      new Option("--budget <time>", "for search and shrinking")
        .default(60_000, "60s")
        .argParser(readDuration("--budget")),
    )
    .addOption(seedFlag())
    .addOption(mutantFlag("inject"))
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof reproduce reports/latest/inject-redis-gone-8213-fault.jsonl.gz\n  lockproof reproduce history.jsonl --budget 5m --json",
    )
    .action((file: string, flags: ReproduceFlags) => run(file, flags, context));
}

async function run(file: string, flags: ReproduceFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const { mutant } = flags;
  checkWords("mutant", mutant === undefined ? [] : [mutant], mutantIds(layers, "inject"), "--mutant");
  const found = notRegular(file);
  if (found !== null) {
    throw new UsageError(`found ${found}; allowed: a regular file`, {
      where: `lockproof reproduce ${quoted(file)}`,
      fix: "name a history that inject or verify wrote",
    });
  }
  const seed = chooseSeed(flags, context);
  if (flags.json === undefined) output.line(`lockproof reproduce ${visible(file)}   from seed ${seed}`);
  const reproduction = await layers.reproduce({
    ...{ file, seed, budget: flags.budget, signal: context.interrupted },
    onProgress: (text) => output.progress(text),
    ...withoutUndefined({ mutant }),
  });
  const verdict = verdictOf(reproduction);
  if (flags.json) output.json({ ...reproduction, verdict });
  else {
    for (const line of linesOf(reproduction)) output.line(`  ${visible(line)}`);
    output.line(
      `  ${output.verdict(verdict)}   ${countText(reproduction.seeds, "seed")} of ${reproduction.scenario} in ${reproduction.seconds} s`,
    );
  }
  context.exit(exitCodeOf(verdict));
}

/** A run that was not found proves nothing: the simulator may have the failure all the same. */
function verdictOf({ properties }: Reproduction): Verdict {
  if (properties.length === 0) return "not_exercised";
  return properties.some(({ kind }) => kind === "lifted") ? "violated" : "unknown";
}

function linesOf({ properties }: Reproduction): readonly string[] {
  if (properties.length === 0) return ["the history breaks none of its properties: nothing to reproduce"];
  return properties.flatMap((one) => [`${one.property}  real:       ${one.real}`, ...resultLines(one)]);
}

function resultLines(one: ReproducedProperty): readonly string[] {
  switch (one.kind) {
    case "not_found":
      return [
        `    not found: ${one.seeds} seeds kept ${one.property}; a longer --budget or another --seed may find it`,
      ];
    case "not_simulated":
      return [`    not judged in simulation: ${one.reason}`];
    case "lifted": {
      const { actions, faults, faultTimes, isSettled, seed, story, token } = one;
      return [
        ...story.slice(0, 3).map((line) => `    simulated:  ${line}`),
        `    from seed ${seed}, faults as ${faultTimes}; left of it: ${countText(faults, "fault")}, ${countText(actions, "action")}${isSettled ? "" : " (time ran out: it may be smaller still)"}`,
        `    replay: ${replayCommand(token)}`,
      ];
    }
  }
}
