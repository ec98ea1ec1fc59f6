/** `lift FILE`: a failure of the real world, met again in the simulator. */
import { Command, Option } from "commander";
import { exitCodeOf, type Verdict } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { UsageError } from "../../evidence/failure.ts";
import { countText, quoted, replayCommand } from "../../evidence/words.ts";
import { notRegular } from "../../files/file-kind.ts";
import type { Lift, Lifted } from "../../reproduce/reproduce.ts";
import { chooseSeed, jsonFlag, mutantFlag, mutantIds, type SeedFlag, seedFlag } from "../arguments/flags.ts";
import { checkWords, readDuration } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";

interface LiftFlags extends SeedFlag {
  readonly budget: number;
  readonly mutant?: string;
  readonly json?: true;
}

export function liftCommand(context: Context): Command {
  return new Command("lift")
    .summary("reproduce a recorded failure in the simulator")
    .description(
      "Judges a history that inject wrote, and looks for a simulated run of the same scenario, with the recorded faults, that violates the same property. The run is shrunk and printed as a token.",
    )
    .argument("<file>", "the history: JSON lines, as inject wrote them")
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
      "\nExamples:\n  lockproof lift reports/latest/inject-redis-gone-8213-fault.jsonl\n  lockproof lift history.jsonl --budget 5m --json",
    )
    .action((file: string, flags: LiftFlags) => run(file, flags, context));
}

async function run(file: string, flags: LiftFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const { mutant } = flags;
  checkWords("mutant", mutant === undefined ? [] : [mutant], mutantIds(layers, "inject"), "--mutant");
  const found = notRegular(file);
  if (found !== null) {
    throw new UsageError(`found ${found}; allowed: a regular file`, {
      where: `lockproof lift ${quoted(file)}`,
      fix: "name a history that inject or verify wrote",
    });
  }
  const seed = chooseSeed(flags, context);
  if (flags.json === undefined) output.line(`lockproof lift ${visible(file)}   from seed ${seed}`);
  const lifted = await layers.lift({
    ...{ file, seed, budget: flags.budget, signal: context.interrupted },
    onProgress: (text) => output.progress(text),
    ...(mutant === undefined ? {} : { mutant }),
  });
  const verdict = verdictOf(lifted);
  if (flags.json) output.json({ ...lifted, verdict });
  else {
    for (const line of linesOf(lifted)) output.line(`  ${visible(line)}`);
    output.line(
      `  ${output.verdict(verdict)}   ${countText(lifted.seeds, "seed")} of ${lifted.scenario} in ${lifted.seconds} s`,
    );
  }
  context.exit(exitCodeOf(verdict));
}

/** Found: the failure is there. Not found: it may be there all the same. */
function verdictOf({ properties }: Lift): Verdict {
  if (properties.length === 0) return "not_exercised";
  return properties.some(({ kind }) => kind === "lifted") ? "violated" : "unknown";
}

function linesOf({ properties }: Lift): readonly string[] {
  if (properties.length === 0) return ["the history breaks none of its properties: nothing to lift"];
  return properties.flatMap((one) => [`${one.property}  real:       ${one.real}`, ...comeOf(one)]);
}

function comeOf(one: Lifted): readonly string[] {
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
