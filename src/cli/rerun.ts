/** A run again, from its token: what its layer says, for whoever wants to print or to draw it. */
import { z } from "zod";
import { redisTopologies } from "../../scenarios/declare/fault-places.ts";
import { propertyIds } from "../check/properties.ts";
import { visible } from "../evidence/escape.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";
import type { ReplayToken } from "../evidence/token.ts";
import { type ServerFlags, serversOf } from "../verify/servers.ts";
import { mutantIds } from "./arguments/flags.ts";
import { checkWords } from "./arguments/values.ts";
import { printConform } from "./commands/conform.ts";
import { exploreOurs, printExplore } from "./commands/explore.ts";
import { lockstepOptionsOf, printLockstep, scheduleMutants } from "./commands/lockstep.ts";
import { printSimulate } from "./commands/simulate.ts";
import { layerLines } from "./printing/verdict-lines.ts";
import type { Context } from "./process/context.ts";

/** A type, not an interface, so that commander's option bags fit it. */
export type RerunFlags = ServerFlags & { readonly lua?: string; readonly doom?: true };

export interface Rerun {
  readonly evidence: LayerEvidence;
  /** As the layer's own command prints it with `--json`. */
  readonly json: object;
  /** All that happened, line for line, where the layer has such a thing. */
  readonly trace?: readonly string[];
  /** As the layer's own command prints it. */
  print(): void;
}

/** How far `explain` looks for since when a counterexample was doomed: a few seconds. */
export const doomStates = 200_000;

/**
 * @param isExplained whether it is also to be worked out since when a counterexample was doomed
 * @param announce called once the token has been found to be one that can be run
 */
export async function rerun(
  token: ReplayToken,
  flags: RerunFlags,
  context: Context,
  isExplained: boolean,
  announce: () => void = () => {},
): Promise<Rerun> {
  if (flags.doom && token.layer !== "simulate") {
    throw new UsageError(`--doom with a token of layer ${token.layer}; allowed: simulate`, {
      where: "--doom",
      fix: "leave it out: explain says of an explored counterexample since when it was doomed",
    });
  }
  switch (token.layer) {
    case "conform":
      return await rerunConform(token, flags, context, announce);
    case "inject":
      return await rerunInject(token, flags, context, announce);
    case "explore":
      return await rerunExplore(token, context, isExplained, announce);
    case "simulate":
      return token.options?.["on"] === "redis"
        ? await rerunOnRedis(token, flags, context, announce)
        : await rerunSimulate(token, flags, context, announce);
    default:
      throw new UsageError(
        `the token is of layer ${token.layer}; this program replays conform, inject, explore and simulate`,
        {
          where: "token: layer",
          fix: "replay it with the lockproof that printed it",
        },
      );
  }
}

async function rerunConform(
  token: ReplayToken,
  flags: RerunFlags,
  context: Context,
  announce: () => void,
): Promise<Rerun> {
  const layers = await context.layers();
  checkWords("mutant", token.mutant === undefined ? [] : [token.mutant], mutantIds(layers, "conform"), "token: mutant");
  announce();
  const { redisServer } = serversOf(flags);
  const evidence = await layers.runConform({
    runs: token.runs ?? 1,
    seed: token.seed,
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
    ...(token.mutant === undefined ? {} : { mutant: token.mutant }),
    ...(token.plan === undefined ? {} : { plan: token.plan }),
    ...(token.options?.["concurrent"] === true ? { concurrent: true } : {}),
    ...(flags.lua === undefined ? {} : { luaDir: flags.lua }),
    ...(redisServer === undefined ? {} : { redisServer }),
  });
  const now = evidence.json.script_set;
  if (token.script_set !== undefined && token.script_set !== now) {
    context.output.note(`the token was made with scripts ${token.script_set}; these are ${now}: the run may differ`);
  }
  return {
    evidence,
    json: { seed: token.seed, ...evidence.json },
    print: () => printConform(evidence, context.output),
  };
}

async function rerunInject(
  token: ReplayToken,
  flags: RerunFlags,
  context: Context,
  announce: () => void,
): Promise<Rerun> {
  const layers = await context.layers();
  // Checks of the contract are not scenarios; the planted bugs that they catch name them.
  const contract = layers.mutants.flatMap(({ layer, scenario }) =>
    layer === "inject" && scenario !== undefined ? [scenario] : [],
  );
  checkWords("scenario", [token.subject], [...(await layers.scenarioNames()), ...contract], "token: subject");
  checkWords("mutant", token.mutant === undefined ? [] : [token.mutant], mutantIds(layers, "inject"), "token: mutant");
  announce();
  const elsewhere = topologySchema.safeParse(token.options?.["redis"]);
  const excluded = z.array(z.enum(propertyIds)).catch([]).parse(token.options?.["exclude"]);
  const evidence = await layers.runInject({
    ...serversOf(flags),
    ...(elsewhere.success ? { redis: elsewhere.data } : {}),
    ...(token.options?.["processes"] === true ? { processes: true } : {}),
    ...(excluded.length === 0 ? {} : { exclude: excluded }),
    ...(token.mutant === undefined ? {} : { planted: token.mutant }),
    scenario: token.subject,
    seed: token.seed,
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
  });
  return {
    evidence,
    json: { scenario: token.subject, seed: token.seed, verdict: evidence.verdict, ...evidence.json },
    print() {
      for (const line of layerLines(evidence, context.output)) context.output.line(line);
    },
  };
}

/** The schedule of a simulated run, on a real Redis again. */
async function rerunOnRedis(
  token: ReplayToken,
  flags: RerunFlags,
  context: Context,
  announce: () => void,
): Promise<Rerun> {
  const layers = await context.layers();
  checkWords("mutant", token.mutant === undefined ? [] : [token.mutant], scheduleMutants(layers), "token: mutant");
  announce();
  const evidence = await layers.runLockstep(lockstepOptionsOf(token, { ...flags, ...serversOf(flags) }, context));
  return { evidence, json: evidence.json, print: () => printLockstep(evidence, context.output) };
}

/** How long `--doom` looks. */
const doomTakes = 60_000;

async function rerunSimulate(
  token: ReplayToken,
  flags: RerunFlags,
  context: Context,
  announce: () => void,
): Promise<Rerun> {
  const layers = await context.layers();
  checkWords(
    "mutant",
    token.mutant === undefined ? [] : [token.mutant],
    mutantIds(layers, "simulate"),
    "token: mutant",
  );
  announce();
  const { chronicle, doom, evidence, line, trace } = await layers.replaySimulate({
    token,
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
    ...(flags.doom ? { doom: { takes: doomTakes } } : {}),
  });
  return {
    evidence,
    json: doom === null ? line : { ...line, doom: { property: doom.property, ...doom.doom } },
    trace,
    print() {
      for (const told of chronicle) context.output.line(visible(told));
      printSimulate(evidence, context.output);
      context.output.line(`  ${line.events} events   trace ${line.trace_hash}`);
      for (const told of doom?.lines ?? []) context.output.line(`  ${told}`);
    },
  };
}

/** On other servers than the scenario says by itself. */
const topologySchema = z.enum(redisTopologies);

const exploreOptions = z.object({
  model: z.string(),
  scope: z.record(z.string(), z.number()).optional(),
  symmetry: z.union([z.boolean(), z.enum(["on", "off"])]).optional(),
});

/** Exhaustive, so there is no seed to it: model, scope and mutant say all. */
async function rerunExplore(
  token: ReplayToken,
  context: Context,
  isExplained: boolean,
  announce: () => void,
): Promise<Rerun> {
  const parsed = exploreOptions.safeParse(token.options);
  if (!parsed.success) {
    throw new UsageError("the token does not say which model was explored", {
      where: "token: options",
      fix: "replay it with the lockproof that printed it",
    });
  }
  const { model, scope, symmetry } = parsed.data;
  announce();
  const evidence = await exploreOurs({
    model,
    symmetry: symmetry === true || symmetry === "on",
    signal: context.interrupted,
    onProgress: (text) => context.output.progress(text),
    now: () => context.now(),
    ...(isExplained ? { doomStates } : {}),
    ...(scope === undefined ? {} : { scope }),
    ...(token.mutant === undefined ? {} : { mutant: token.mutant }),
  });
  return { evidence, json: evidence.json, print: () => printExplore(evidence, context.output) };
}
