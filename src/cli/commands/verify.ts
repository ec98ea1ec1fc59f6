/** `verify`: runs all layers within a budget, and writes one report. */

import { Command, Option } from "commander";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { LayerEvidence } from "../../evidence/evidence.ts";
import { UsageError } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, durationText } from "../../evidence/words.ts";
import type { Composed } from "../../report/document/compose.ts";
import type { RunIdentity } from "../../report/document/identity.ts";
import { announceRun, dropRunFolder, openRunFolder, prepareReport } from "../../report/files/write.ts";
import type { Environment } from "../../report/schema.ts";
import type { Language } from "../../report/texts/words.ts";
import type { SutCommand, SystemUnderTest } from "../../sut/command.ts";
import { type GatePlan, runGate } from "../../verify/gate.ts";
import type { Finding, Layers, PlacedScenario } from "../../verify/layers.ts";
import { type GateLayer, gateLayers, planGate, type Shard } from "../../verify/plan.ts";
import { type ProfileName, profileNames, profiles } from "../../verify/profiles.ts";
import { type ServerFlags, serversOf } from "../../verify/servers.ts";
import {
  chooseSeed,
  greeted,
  jsonFlag,
  languageFlag,
  languagesOf,
  luaFlag,
  redisFlag,
  type SeedFlag,
  seedFlag,
  sutFlag,
  topologyFlag,
  toxiproxyFlag,
} from "../arguments/flags.ts";
import {
  checkWords,
  integerWithin,
  oneOf,
  readDuration,
  readProperty,
  readShard,
  several,
} from "../arguments/values.ts";
import { scenariosFlag } from "../own/scenarios.ts";
import type { Output } from "../printing/output.ts";
import {
  checklistLines,
  notHeldLines,
  propertyTable,
  repeatLines,
  summaryLine,
  violationsLines,
} from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";
import { coverageFlag, readCoverage } from "../process/coverage.ts";
import { endWith } from "../process/ending.ts";
import { describeEnvironment, loadBetween, sampleLoad } from "../process/environment.ts";
import { describeCode, hashScripts, scriptSetOf } from "../process/identity.ts";
import { stepAbandoned } from "../process/interruption.ts";
import { ProgressBoard } from "../progress/board.ts";
import { reachedLine } from "../reports/interrupted.ts";
import { lastLines } from "../reports/last-lines.ts";
import { saveRun } from "../reports/saved-run.ts";
import { addViewers } from "../reports/trace-viewers.ts";

interface VerifyFlags extends SeedFlag, ServerFlags {
  readonly profile: ProfileName;
  readonly budget?: number;
  readonly layer?: readonly GateLayer[];
  readonly scenario?: readonly string[];
  readonly redis?: RedisTopology;
  readonly property?: readonly PropertyId[];
  readonly shard: Shard;
  readonly lua?: string;
  readonly sut?: SutCommand;
  readonly reports: string;
  readonly keep: number;
  readonly coverage?: string;
  readonly lang?: Language;
  readonly json?: true;
}

export function verifyCommand(context: Context): Command {
  return new Command("verify")
    .summary("run every layer within a budget, and write one report")
    .description("Runs a canary of each layer that must fail, then every layer, and writes a report.")
    .addOption(
      new Option("--profile <name>", `how much to run: ${profileNames.join(", ")}`)
        .default("quick")
        .argParser(oneOf("profile", "--profile", profileNames)),
    )
    .addOption(seedFlag())
    .addOption(
      new Option("--budget <time>", "most time, such as 90s or 2h (default: the profile's)").argParser(
        readDuration("--budget"),
      ),
    )
    .addOption(
      new Option("--layer <name>", "only this layer; repeatable").argParser(
        several(oneOf("layer", "--layer", gateLayers)),
      ),
    )
    .addOption(new Option("--scenario <name>", "only this scenario of inject; repeatable").argParser(several(String)))
    .addOption(
      new Option("--property <id>", "print only this property, although all count; repeatable").argParser(
        several(readProperty),
      ),
    )
    .addOption(
      new Option("--shard <i/n>", "the i-th of n runs on disjoint seeds")
        .default({ index: 1, of: 1 }, "1/1")
        .argParser(readShard),
    )
    .addOption(scenariosFlag())
    .addOption(luaFlag())
    .addOption(sutFlag().conflicts(["lua", "redis"]))
    .addOption(topologyFlag())
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(new Option("--reports <dir>", "where the report goes").default("reports"))
    .addOption(
      new Option("--keep <n>", "runs that stay there; older ones go, unless they were violated")
        .default(10)
        .argParser(integerWithin("--keep", 1, 1_000_000)),
    )
    .addOption(coverageFlag())
    .addOption(languageFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof verify\n  lockproof verify --profile soak --shard 3/8 --budget 2h\n  lockproof verify --layer inject --scenario redis-gone --seed 8213",
    )
    .action((flags: VerifyFlags) => verify(flags, context));
}

async function verify(flags: VerifyFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  checkLayers(flags);
  const system = await greeted(flags, layers, context);
  const scenarios = await chosenScenarios(flags, layers, system);
  const simulated = system === undefined ? await chosenSimulated(flags, layers) : [];
  const coverage = await readCoverage(flags.coverage);
  const seed = chooseSeed(flags, context);
  const startedAt = context.wallClock();
  const start = context.now();
  const folder = await openRunFolder(flags.reports, startedAt, seed);
  if (flags.json === undefined)
    output.line(
      `lockproof verify   profile ${flags.profile}   seed ${seed}${shardWord(flags.shard)}   report ${folder}`,
    );
  const code = await describeCode();
  const subject = subjectOf(code.version, flags, system);
  const idle = sampleLoad();
  const meta = (rounds: number, environment: Environment) => ({
    profile: flags.profile,
    seed,
    started_at: startedAt,
    duration_ms: context.now() - start,
    environment,
    identity: { ...code, ...subject, shard: flags.shard, rounds, chosen: chosenOf(flags, system) },
    line_coverage_percent: coverage,
  });
  try {
    await announceRun(meta(0, describeEnvironment([], null)), folder);
  } catch (error) {
    await dropRunFolder(folder);
    throw error;
  }
  using board = boardOf(flags, context);
  const plan = planGate({ ...flags, seed, system, scenarios, simulated, folder }, layers, (text) => board.detail(text));
  board.begin(plan);
  const { evidence, rounds } = await runOrDrop({ plan, board, folder }, flags, context);
  const load = loadBetween(idle, sampleLoad());
  const environment = describeEnvironment(await findings(flags, layers, context), load);
  const prepared = prepareReport(evidence, meta(rounds, environment), languagesOf(flags));
  const { composed } = prepared;
  if (flags.json) for (const line of jsonLines(composed, folder)) output.json(line);
  else if (context.interrupted.aborted) printReached(composed, reachedLine(evidence, plan.steps.length), output);
  else print(composed, flags, output);
  await endWith(composed, context, async () => {
    await saveRun(prepared, { folder, keep: flags.keep }, context);
    await addViewers(prepared, folder, context);
  });
  if (flags.json === undefined) for (const line of lastLines(composed, folder, flags.reports)) output.line(line);
}

function shardWord({ index, of }: Shard): string {
  return of === 1 ? "" : `   shard ${index}/${of}`;
}

/** @throws UsageError for a layer that a scheduler written elsewhere has no part in */
function checkLayers({ layer = [], sut }: VerifyFlags): void {
  const other = layer.find((each) => each !== "inject");
  if (sut === undefined || other === undefined) return;
  throw new UsageError(`found --layer ${other} with --sut; allowed: inject, since ${other} is about our own code`, {
    where: "--layer",
    fix: "leave it out",
  });
}

/** The scheduler that is judged, and the scripts that it runs where it is ours. */
function subjectOf(version: string, { lua }: VerifyFlags, system?: SystemUnderTest) {
  if (system !== undefined)
    return { script_set: null, system_under_test: { name: system.name, version: system.version } };
  return { script_set: scriptSetOf(lua), system_under_test: { name: "lockproof scheduler", version } };
}

function chosenOf({ layer, lua, redis, scenario }: VerifyFlags, system?: SystemUnderTest): RunIdentity["chosen"] {
  return {
    ...(system !== undefined && { system: { name: system.name, version: system.version, asked: [...system.asked] } }),
    layers: layer === undefined ? null : [...layer],
    scenarios: scenario === undefined ? null : [...scenario],
    redis: redis ?? null,
    scripts: hashScripts(lua),
  };
}

/** The scenarios of inject; none where inject is not among the layers. */
async function chosenScenarios(
  { layer, profile, redis, scenario }: VerifyFlags,
  layers: Layers,
  system?: SystemUnderTest,
): Promise<readonly PlacedScenario[]> {
  const isSimulatedOnly = scenario === undefined || layer?.includes("simulate") === true;
  if (isSimulatedOnly && layer !== undefined && !layer.includes("inject")) return [];
  const known = await layers.scenarioNames();
  checkWords("scenario", scenario ?? [], known, "--scenario");
  if (scenario === undefined && system !== undefined) return await layers.systemScenarios(profile, system);
  if (scenario === undefined) return await layers.gateScenarios(profile, redis);
  return scenario.map((name) => withoutUndefined({ scenario: name, redis }));
}

/** The scenarios of simulate. A named scenario is run by inject, unless the layers name simulate. */
async function chosenSimulated({ layer, scenario }: VerifyFlags, layers: Layers): Promise<readonly string[]> {
  const isAsked = layer === undefined ? scenario === undefined : layer.includes("simulate");
  if (!isAsked) return [];
  const known = await layers.simulatedNames();
  checkWords("scenario", scenario ?? [], known, "--scenario");
  return scenario ?? known;
}

/** The findings on the machine after the run, which provides missing servers. An error here changes no verdict. */
async function findings(flags: VerifyFlags, layers: Layers, context: Context): Promise<readonly Finding[]> {
  if (context.interrupted.aborted) return []; // the remaining time is for the report
  try {
    return await layers.examine({ ...serversOf(flags), signal: context.interrupted });
  } catch (error) {
    context.onFault(error);
    return [];
  }
}

interface Gated {
  readonly evidence: readonly LayerEvidence[];
  readonly rounds: number;
}

interface Started {
  readonly plan: GatePlan;
  readonly board: ProgressBoard;
  readonly folder: string;
}

function budgetOf({ budget, profile }: VerifyFlags): number {
  return budget ?? profiles[profile].budget;
}

function boardOf(flags: VerifyFlags, { now, output }: Context): ProgressBoard {
  return new ProgressBoard({ output, now, profile: flags.profile, budget: budgetOf(flags) });
}

/** A run that breaks before there is any evidence leaves no folder. */
async function runOrDrop({ board, folder, plan }: Started, flags: VerifyFlags, context: Context): Promise<Gated> {
  let rounds = 0;
  try {
    const evidence = await runGate(plan, {
      now: context.now,
      interrupted: context.interrupted,
      abandoned: stepAbandoned(context.interrupted),
      outOfTime: context.timeLimit(budgetOf(flags)),
      progress: (text) => board.detail(text),
      stepBegun: (step) => board.stepBegun(step),
      stepEnded: (step, verdict) => board.stepEnded(step, verdict),
      note: (text) => context.output.note(text),
      onFault: context.onFault,
      judged: context.judged,
      onRound: (count) => {
        rounds = count;
        if (!context.interrupted.aborted) board.roundBegun(count);
      },
    });
    return { evidence, rounds };
  } catch (error) {
    await dropRunFolder(folder);
    if (context.interrupted.aborted) context.output.note("interrupted before anything was checked: there is no report");
    throw error;
  }
}

/** Prints an interrupted run: violations found before the interruption count, and are printed as always. */
function printReached({ layers, properties, report }: Composed, reached: string, output: Output): void {
  for (const line of violationsLines(layers.flatMap(({ violations }) => violations))) output.line(line);
  output.line(reached);
  output.line(summaryLine(properties, report.exit_code));
}

function print(composed: Composed, flags: VerifyFlags, output: Output): void {
  const { report, properties } = composed;
  for (const line of notHeldLines(composed)) output.line(line);
  for (const line of repeatLines(composed.layers)) output.line(line);
  output.line();
  for (const line of propertyTable(properties, flags.property ?? [], output)) output.line(line);
  output.line();
  for (const { name, verdict, runs, duration_ms } of report.layers) {
    output.line(
      `  ${name.padEnd(8)}  ${output.verdict(verdict, 13)}  ${countText(runs, "run")} in ${durationText(duration_ms)}`,
    );
  }
  for (const line of checklistLines(composed)) output.line(line);
  output.line(summaryLine(properties, report.exit_code));
}

/** One line for each layer, property, violation and checklist line, then one for the whole. */
function jsonLines({ report, layers }: Composed, folder: string): readonly object[] {
  const { verdict, exit_code, profile, seed, duration_ms } = report;
  return [
    ...report.layers.map(({ name, ...layer }) => ({ layer: name, ...layer })),
    ...report.properties.map(({ id, ...property }) => ({ property: id, ...property })),
    ...layers
      .flatMap((layer) => layer.violations)
      .map((violation) => ({ violation: violation.property, ...violation })),
    ...report.checklist.map(({ id, ...line }) => ({ line: id, ...line })),
    { verdict, exit_code, profile, seed, duration_ms, report: folder },
  ];
}
