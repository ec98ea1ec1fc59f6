/** `simulate --on redis`: the schedule of a simulated run on a real Redis, command for command. */
import { exitCodeOf, joinVerdicts, type Verdict } from "../../check/verdict.ts";
import { UsageError } from "../../evidence/failure.ts";
import { decodeToken, type ReplayToken } from "../../evidence/token.ts";
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

export interface LockstepFlags {
  readonly token?: string;
  readonly mutant?: string;
  readonly lua?: string;
  readonly redisServer?: string;
  readonly shard?: Shard;
  readonly json?: true;
}

type Asked = Omit<LockstepOptions, "now" | "createScheduler">;

export async function simulateOnRedis(
  scenarios: readonly string[],
  seeds: () => LockstepOptions["seeds"],
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
  const verdicts: Verdict[] = [];
  for (const one of asked) {
    if (flags.json === undefined)
      output.line(`lockproof simulate --on redis   scenario ${one.scenario}   seeds ${range.from}..${range.to}`);
    const evidence = await layers.runLockstep({
      ...one,
      ...(mutant === undefined ? {} : { mutant }),
      ...(flags.json ? { onSeed: (line: LockstepLine) => output.json(line) } : {}),
    });
    verdicts.push(evidence.verdict);
    context.judged(evidence.verdict);
    if (flags.json) output.json(evidence.json);
    else printLockstep(evidence, output);
    if (signal.aborted) break;
  }
  const left = asked.slice(verdicts.length).map(({ scenario }) => scenario);
  if (left.length > 0 && !context.interrupted.aborted) {
    verdicts.push("unknown");
    output.note(`not begun: ${left.join(", ")}`);
  }
  context.exit(exitCodeOf(joinVerdicts(verdicts)));
}

/** The schedule of the run that a token names. */
export function lockstepOptionsOf(token: ReplayToken, flags: LockstepFlags, context: Context): Asked {
  const { mutant, seed, subject } = token;
  return {
    scenario: subject,
    seeds: { from: seed, to: seed },
    token,
    ...shared(flags, context),
    ...(mutant === undefined ? {} : { mutant }),
  };
}

/** Wrong scripts and wrong schedulers: each side can be the one that errs. */
export function scheduleMutants(layers: Layers): readonly string[] {
  return [...mutantIds(layers, "conform"), ...mutantIds(layers, "simulate")];
}

function shared({ lua, redisServer, shard }: LockstepFlags, { interrupted, output }: Context) {
  return {
    signal: interrupted,
    onProgress: (text: string) => output.progress(text),
    ...(shard === undefined ? {} : { shard }),
    ...(lua === undefined ? {} : { luaDir: lua }),
    ...(redisServer === undefined ? {} : { redisServer }),
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
