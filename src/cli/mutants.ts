/** `mutants`: each planted bug must be caught; a gate that lets one through proves less than it says. */
import { Command, Option } from "commander";
import { exitCodes } from "../check/verdict.ts";
import type { LayerEvidence, MutantEvidence } from "../report/evidence.ts";
import { countText, replayCommand } from "../report/words.ts";
import type { Context } from "./context.ts";
import {
  chooseSeed,
  jsonFlag,
  redisFlag,
  runsFlag,
  type SeedFlag,
  type ServerFlags,
  seedFlag,
  serversOf,
  toxiproxyFlag,
} from "./flags.ts";
import type { Mutant } from "./layers.ts";
import { checkWords, several } from "./values.ts";

interface MutantsFlags extends SeedFlag, ServerFlags {
  readonly mutant?: readonly string[];
  readonly runs: number;
  readonly json?: true;
}

export function mutantsCommand(context: Context): Command {
  return new Command("mutants")
    .summary("every planted bug must be caught")
    .description("Runs each planted bug until a layer catches it. Exit 1 when one survives.")
    .addOption(new Option("--mutant <id>", "only this one; repeatable (default: all)").argParser(several(String)))
    .addOption(runsFlag(300, "how many runs a wrong script gets"))
    .addOption(seedFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExamples:\n  lockproof mutants\n  lockproof mutants --runs 100 --json")
    .action((flags: MutantsFlags) => hunt(flags, context));
}

async function hunt(flags: MutantsFlags, context: Context): Promise<void> {
  const { output } = context;
  const { mutants } = await context.layers();
  const ids = mutants.map((mutant) => mutant.id);
  checkWords("mutant", flags.mutant ?? [], ids, "--mutant");
  const chosen = mutants.filter((mutant) => flags.mutant?.includes(mutant.id) ?? true);
  const seed = chooseSeed(flags, context);
  if (flags.json === undefined) output.line(`lockproof mutants   seed ${seed}`);
  const found: MutantEvidence[] = [];
  for (const mutant of chosen) {
    output.progress(`mutant ${mutant.id}`);
    const evidence = await runMutant(mutant, flags, seed, context);
    found.push(evidence);
    if (flags.json) output.json(evidence);
    else for (const line of mutantLines(evidence, Math.max(...ids.map((id) => id.length)))) output.line(line);
  }
  const survived = found.some((one) => one.verdict === "survived");
  const open = found.some((one) => one.verdict === "void");
  context.exit(survived ? exitCodes.violated : open ? exitCodes.inconclusive : exitCodes.held);
}

/** `void` when the run ended without a verdict: it says nothing about the mutant. */
async function runMutant(mutant: Mutant, flags: MutantsFlags, seed: number, context: Context): Promise<MutantEvidence> {
  const said = await runLayer(mutant, flags, seed, context);
  const killed = said.verdict === "violated";
  const missed = said.verdict === "held" || said.verdict === "not_exercised";
  const named = said.violations.find((violation) => violation.property === mutant.property) ?? said.violations[0];
  return {
    id: mutant.id,
    origin: mutant.origin,
    layer: mutant.layer,
    verdict: killed ? "killed" : missed ? "survived" : "void",
    property: named?.property ?? mutant.property,
    runs_to_kill: killed ? said.runs : null,
    token: named?.token ?? null,
  };
}

async function runLayer(
  { id, layer, scenario, concurrent }: Mutant,
  flags: MutantsFlags,
  seed: number,
  context: Context,
): Promise<LayerEvidence> {
  const layers = await context.layers();
  const shared = { seed, signal: context.interrupted, onProgress: (text: string) => context.output.progress(text) };
  const { redisServer, toxiproxyServer } = serversOf(flags);
  const redis = redisServer === undefined ? {} : { redisServer };
  if (layer === "conform") {
    // What only an interleaving shows is rarer: such a mutant gets ten times the runs.
    const style = concurrent === true ? { concurrent, runs: flags.runs * 10 } : { runs: flags.runs };
    return layers.runConform({ ...shared, ...redis, ...style, mutant: id });
  }
  const toxiproxy = toxiproxyServer === undefined ? {} : { toxiproxyServer };
  return layers.runInject({ ...shared, ...redis, ...toxiproxy, scenario: scenario ?? "", planted: id });
}

function mutantLines(
  { id, verdict, property, runs_to_kill, token, origin }: MutantEvidence,
  width: number,
): readonly string[] {
  const runs = runs_to_kill === null ? "" : `   ${countText(runs_to_kill, "run")}`;
  return [
    `${verdict.padEnd("survived".length)}  ${id.padEnd(width)}  ${property}${runs}   ${origin}`,
    ...(token === null ? [] : [`          replay: ${replayCommand(token)}`]),
  ];
}
