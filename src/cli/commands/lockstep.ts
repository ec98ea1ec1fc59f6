/** `simulate --on redis`: lockstep runs, the schedule of a simulated run on a real Redis. */

import { UsageError } from "../../evidence/failure.ts";
import { decodeToken, type ReplayToken } from "../../evidence/token.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, durationText, numberText } from "../../evidence/words.ts";
import type { LockstepEvidence, LockstepLine } from "../../lockstep/batch-evidence.ts";
import type { LockstepOptions } from "../../lockstep/run.ts";
import type { Layers } from "../../verify/layers.ts";
import type { Shard } from "../../verify/plan.ts";
import { mutantIds } from "../arguments/flags.ts";
import { checkWords } from "../arguments/values.ts";
import type { Output } from "../printing/output.ts";
import { layerLines } from "../printing/verdict-lines.ts";
import type { Context } from "../process/context.ts";
import { runBatches } from "./scenario-batches.ts";

export interface LockstepFlags {
  readonly token?: string;
  readonly mutant?: string;
  readonly lua?: string;
  readonly redisServer?: string;
  readonly shard?: Shard;
  readonly json?: true;
}

type Asked = Omit<LockstepOptions, "now" | "createScheduler">;

interface ChosenSeeds {
  readonly scenarios: readonly string[];
  /** Read only where no token names the seed. */
  readonly seeds: () => LockstepOptions["seeds"];
}

export async function simulateOnRedis(
  { scenarios, seeds }: ChosenSeeds,
  flags: LockstepFlags,
  signal: AbortSignal,
  context: Context,
): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const token = flags.token === undefined ? undefined : readToken(flags.token);
  const mutant = flags.mutant ?? token?.mutant;
  checkWords("mutant", mutant === undefined ? [] : [mutant], scheduleMutants(layers), "--mutant");
  const range = token === undefined ? seeds() : { from: token.seed, to: token.seed };
  const asked: readonly Asked[] =
    token === undefined
      ? scenarios.map((scenario) => ({ scenario, seeds: range, ...shared(flags, context), signal }))
      : [{ ...lockstepOptionsOf(token, flags, context), signal }];
  const batches = asked.map((one) => ({
    scenario: one.scenario,
    async run() {
      if (flags.json === undefined)
        output.line(`lockproof simulate --on redis   scenario ${one.scenario}   seeds ${range.from}..${range.to}`);
      const onSeed = flags.json ? (line: LockstepLine) => output.json(line) : undefined;
      const evidence = await layers.runLockstep({ ...one, ...withoutUndefined({ mutant, onSeed }) });
      if (flags.json) output.json(evidence.json);
      else printLockstep(evidence, output);
      return evidence.verdict;
    },
  }));
  await runBatches(batches, signal, context);
}

/** The schedule of the run that a token names. */
export function lockstepOptionsOf(token: ReplayToken, flags: LockstepFlags, context: Context): Asked {
  const { mutant, seed, subject } = token;
  return {
    scenario: subject,
    seeds: { from: seed, to: seed },
    token,
    ...shared(flags, context),
    ...withoutUndefined({ mutant }),
  };
}

/** Mutants of the scripts and of the scheduler: either side can be the wrong one. */
export function scheduleMutants(layers: Layers): readonly string[] {
  return [...mutantIds(layers, "conform"), ...mutantIds(layers, "simulate")];
}

function shared({ lua, redisServer, shard }: LockstepFlags, { interrupted, output }: Context) {
  return {
    signal: interrupted,
    onProgress: (text: string) => output.progress(text),
    ...withoutUndefined({ shard, luaDir: lua, redisServer }),
  };
}

function readToken(text: string): ReplayToken {
  const token = decodeToken(text);
  if (token.layer === "simulate") return token;
  throw new UsageError(`a token of layer ${token.layer}; allowed: simulate`, {
    where: "--token",
    fix: "give the token of a simulated run; lockproof replay runs the others",
  });
}

export function printLockstep(evidence: LockstepEvidence, output: Output): void {
  for (const line of layerLines(evidence, output)) output.line(line);
  const { agreed, broken, commands, compared, not_drivable, parted, reasons } = evidence.json;
  const outcomes = { agreed, parted, "not drivable": not_drivable, broken };
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${numberText(Number(count ?? 0))} ${outcome}`);
  const kinds = countText(Object.keys(compared ?? {}).length, "kind");
  output.line();
  for (const reason of Array.isArray(reasons) ? reasons : []) output.line(`  ${reason}`);
  output.line(
    `  ${output.verdict(evidence.verdict)}   ${countText(evidence.runs, "seed")} in ${durationText(evidence.duration_ms)}   ${counts.join("   ")}   ${numberText(Number(commands))} commands on both sides, ${kinds} of answers`,
  );
}
