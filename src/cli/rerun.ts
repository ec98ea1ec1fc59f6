/** Runs again what a token names. The result can be printed or drawn. */
import { z } from "zod";
import { redisTopologies } from "../../scenarios/declare/fault-places.ts";
import { propertyIds } from "../check/properties.ts";
import { visible } from "../evidence/escape.ts";
import type { LayerEvidence } from "../evidence/evidence.ts";
import { UsageError } from "../evidence/failure.ts";
import type { ReplayToken } from "../evidence/token.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import type { SutCommand, SystemUnderTest } from "../sut/command.ts";
import type { Layers } from "../verify/layers.ts";
import { type ServerFlags, serversOf } from "../verify/servers.ts";
import { greeted, mutantIds, simulatedMutants } from "./arguments/flags.ts";
import { moduleOfToken } from "./arguments/scheduler-flag.ts";
import { checkWords } from "./arguments/values.ts";
import { printConform } from "./commands/conform.ts";
import { exploreOurs, printExplore } from "./commands/explore.ts";
import { lockstepOptionsOf, printLockstep, scheduleMutants } from "./commands/lockstep.ts";
import { printSimulate } from "./commands/simulate.ts";
import { layerLines } from "./printing/verdict-lines.ts";
import type { Context } from "./process/context.ts";

/** A type, not an interface, so that commander's option bags fit it. */
export type RerunFlags = ServerFlags & {
  readonly lua?: string;
  readonly pointOfNoReturn?: true;
  readonly sut?: SutCommand;
  /** The scheduler of lockproof.config.ts; used where the token was made with a scheduler written elsewhere. */
  readonly configuredSut?: SutCommand;
  readonly scheduler?: string;
};

export interface RerunRequest {
  readonly token: ReplayToken;
  readonly flags: RerunFlags;
  readonly context: Context;
  /** Whether the point of no return of an explored counterexample is computed. */
  readonly isExplained: boolean;
}

export interface Rerun {
  readonly evidence: LayerEvidence;
  /** As the layer's own command prints it with `--json`. */
  readonly json: object;
  /** All events in order, where the layer records them. */
  readonly trace?: readonly string[];
  /** As the layer's own command prints it, without the violations. */
  print(): void;
}

function unexplained<Evidence extends LayerEvidence>(evidence: Evidence): Evidence {
  return { ...evidence, violations: [] };
}

/** Checks the token at once, and returns the run itself, so that nothing is printed about a run that cannot begin. */
type Prepare = (request: RerunRequest, layers: Layers) => Promise<() => Promise<Rerun>>;

const preparations: Readonly<Partial<Record<ReplayToken["layer"], Prepare>>> = {
  conform: prepareConform,
  explore: prepareExplore,
  simulate: (request, layers) =>
    request.token.options?.["on"] === "redis" ? prepareLockstep(request, layers) : prepareSimulate(request, layers),
  inject: prepareInject,
};

/** @throws UsageError for a token that cannot be run */
export async function prepareRerun(request: RerunRequest): Promise<() => Promise<Rerun>> {
  const { context, flags, token } = request;
  if (flags.pointOfNoReturn && token.layer !== "simulate") {
    throw new UsageError(`--point-of-no-return with a token of layer ${token.layer}; allowed: simulate`, {
      where: "--point-of-no-return",
      fix: "leave it out: explain names the point of no return of an explored counterexample",
    });
  }
  if (flags.scheduler !== undefined && token.layer !== "simulate") await moduleOfToken(token, flags);
  const prepare = preparations[token.layer];
  if (prepare === undefined) {
    throw new UsageError(
      `the token is of layer ${token.layer}; this program replays conform, inject, explore and simulate`,
      { where: "token: layer", fix: "replay it with the lockproof that printed it" },
    );
  }
  return prepare(request, await context.layers());
}

/** Options of every layer. */
function sharedOptions({ token, context }: RerunRequest) {
  return {
    seed: token.seed,
    signal: context.interrupted,
    onProgress: (text: string) => context.output.progress(text),
  };
}

/** @throws UsageError where the token names a mutant that the layer does not have */
function checkMutant({ mutant }: ReplayToken, known: readonly string[]): void {
  checkWords("mutant", mutant === undefined ? [] : [mutant], known, "token: mutant");
}

async function prepareConform(request: RerunRequest, layers: Layers): Promise<() => Promise<Rerun>> {
  const { context, flags, token } = request;
  checkMutant(token, mutantIds(layers, "conform"));
  return async () => {
    const { mutant, plan } = token;
    const evidence = await layers.runConform({
      ...sharedOptions(request),
      ...withoutUndefined({ mutant, plan, luaDir: flags.lua, redisServer: flags.redisServer }),
      runs: token.runs ?? 1,
      concurrent: token.options?.["concurrent"] === true,
    });
    const now = evidence.json.script_set;
    if (token.script_set !== undefined && token.script_set !== now) {
      context.output.note(`the token was made with scripts ${token.script_set}; these are ${now}: the run may differ`);
    }
    return {
      evidence,
      json: { seed: token.seed, ...evidence.json },
      print: () => printConform(unexplained(evidence), context.output),
    };
  };
}

/** The servers of the run, where they are not those that the scenario names. */
const topologySchema = z.enum(redisTopologies);

async function prepareInject(request: RerunRequest, layers: Layers): Promise<() => Promise<Rerun>> {
  const { context, flags, token } = request;
  // Checks of the contract are not scenarios; the mutants that they catch name them.
  const contract = layers.mutants.flatMap(({ layer, scenario }) =>
    layer === "inject" && scenario !== undefined ? [scenario] : [],
  );
  checkWords("scenario", [token.subject], [...(await layers.scenarioNames()), ...contract], "token: subject");
  checkMutant(token, mutantIds(layers, "inject"));
  const system = await systemOf(request, layers);
  return async () => {
    const excluded = z.array(z.enum(propertyIds)).catch([]).parse(token.options?.["exclude"]);
    const evidence = await layers.runInject({
      ...sharedOptions(request),
      ...serversOf(flags),
      ...withoutUndefined({
        redis: topologySchema.safeParse(token.options?.["redis"]).data,
        processes: token.options?.["processes"] === true ? true : undefined,
        system,
        exclude: excluded.length === 0 ? undefined : excluded,
        mutant: token.mutant,
      }),
      scenario: token.subject,
    });
    return {
      evidence,
      json: { scenario: token.subject, seed: token.seed, verdict: evidence.verdict, ...evidence.json },
      print() {
        for (const line of layerLines(unexplained(evidence), context.output)) context.output.line(line);
      },
    };
  };
}

const identitySchema = z.object({ name: z.string(), version: z.string() });

/** The scheduler that a token was made with has to be named again: a token holds its name and version, and no path. */
async function systemOf({ context, flags, token }: RerunRequest, layers: Layers): Promise<SystemUnderTest | undefined> {
  const made = identitySchema.safeParse(token.options?.["sut"]).data;
  const sut = flags.sut ?? (made === undefined ? undefined : flags.configuredSut);
  if (made === undefined && sut === undefined) return undefined;
  if (made === undefined || sut === undefined) {
    const found = made === undefined ? "--sut beside a token of our own scheduler" : "no --sut";
    const allowed = made === undefined ? "none" : `the command of ${made.name} ${made.version}`;
    throw new UsageError(`found ${found}; allowed: ${allowed}`, {
      where: "--sut",
      fix: made === undefined ? "leave it out" : `give --sut "<the command of ${made.name}>"`,
    });
  }
  const system = await greeted({ ...flags, sut }, layers, context);
  if (system !== undefined && (system.name !== made.name || system.version !== made.version)) {
    context.output.note(
      `the token was made with ${made.name} ${made.version}; this is ${system.name} ${system.version}: the run may differ`,
    );
  }
  return system;
}

async function prepareLockstep({ context, flags, token }: RerunRequest, layers: Layers): Promise<() => Promise<Rerun>> {
  checkMutant(token, scheduleMutants(layers));
  await moduleOfToken(token, flags);
  return async () => {
    const evidence = await layers.runLockstep(lockstepOptionsOf(token, flags, context));
    return { evidence, json: evidence.json, print: () => printLockstep(unexplained(evidence), context.output) };
  };
}

/** How long `--point-of-no-return` searches, in milliseconds. */
const pointOfNoReturnTakes = 60_000;

async function prepareSimulate(request: RerunRequest, layers: Layers): Promise<() => Promise<Rerun>> {
  const { context, flags, token } = request;
  const { output } = context;
  checkMutant(token, simulatedMutants(layers));
  const module = await moduleOfToken(token, flags);
  return async () => {
    const { signal, onProgress } = sharedOptions(request);
    const { log, evidence, line, pointOfNoReturn, trace } = await layers.replaySimulate({
      ...{ token, signal, onProgress },
      ...withoutUndefined({
        module,
        pointOfNoReturn: flags.pointOfNoReturn ? { takes: pointOfNoReturnTakes } : undefined,
      }),
    });
    const point = pointOfNoReturn && { property: pointOfNoReturn.property, ...pointOfNoReturn.found };
    return {
      evidence,
      // `doom` is its former name, which scripts may read.
      json: point === null ? line : { ...line, point_of_no_return: point, doom: point },
      trace,
      print() {
        for (const entry of log) output.line(visible(entry));
        printSimulate(unexplained(evidence), output);
        output.line(`  ${line.events} events   trace ${line.trace_hash}`);
        for (const entry of pointOfNoReturn?.lines ?? []) output.line(`  ${entry}`);
      },
    };
  };
}

/** The most states that `explain` visits to find the point of no return: a few seconds. */
export const pointOfNoReturnStates = 200_000;

const exploreOptions = z.object({
  model: z.string(),
  scope: z.record(z.string(), z.number()).optional(),
  symmetry: z.union([z.boolean(), z.enum(["on", "off"])]).optional(),
});

/** Exploration is exhaustive and has no seed: model, scope and mutant determine the run. */
async function prepareExplore(request: RerunRequest): Promise<() => Promise<Rerun>> {
  const { context, isExplained, token } = request;
  const parsed = exploreOptions.safeParse(token.options);
  if (!parsed.success) {
    throw new UsageError("the token does not say which model was explored", {
      where: "token: options",
      fix: "replay it with the lockproof that printed it",
    });
  }
  const { model, scope, symmetry } = parsed.data;
  return async () => {
    const { signal, onProgress } = sharedOptions(request);
    const evidence = await exploreOurs({
      ...{ model, symmetry: symmetry === true || symmetry === "on", signal, onProgress, now: () => context.now() },
      ...withoutUndefined({
        scope,
        mutant: token.mutant,
        pointOfNoReturnStates: isExplained ? pointOfNoReturnStates : undefined,
      }),
    });
    return { evidence, json: evidence.json, print: () => printExplore(unexplained(evidence), context.output) };
  };
}
