/** The process around a command: signals, streams, the clock, and the exit code. */
import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CommanderError } from "commander";
import { z } from "zod";
import { exitCodes, type Verdict } from "../check/verdict.ts";
import { maxSeed } from "../evidence/token.ts";
import { now } from "../verify/clock.ts";
import type { Layers } from "../verify/layers.ts";
import { createOutput, guardStream, type Output } from "./printing/output.ts";
import type { Context } from "./process/context.ts";
import { type Ending, explainFailure, explainLostOutput, showStack } from "./process/ending.ts";
import { endedInTime, loadedUnless, watchSignals } from "./process/interruption.ts";
import { createProgram } from "./program.ts";

/** The process that supervises this one, as the launcher represents it. */
export interface Supervisor {
  /** Aborted when it has ended. */
  readonly orphaned: AbortSignal;
  /** Reports a violation, which counts whatever happens to this process afterwards. */
  onViolation(): void;
}

/** @param words the arguments after the program's name @returns the exit code; never rejects */
export async function main(words: readonly string[], { onViolation, orphaned }: Supervisor): Promise<number> {
  const stdout = guardStream(process.stdout);
  const output = createOutput(stdout, guardStream(process.stderr), process.env);
  using interrupted = watchSignals(output, orphaned);
  const ending = await endingOf(words, {
    output,
    env: process.env,
    layers: async () => (await import("../verify/wiring.ts")).loadLayers(),
    interrupted: interrupted.signal,
    version: await packageVersion(),
    onViolation,
  });
  const lost = await stdout.written();
  return lost === undefined ? ending.code : explainLostOutput(lost, ending, output);
}

export interface CommandPorts {
  readonly output: Output;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly layers: () => Promise<Layers>;
  readonly interrupted: AbortSignal;
  readonly version: string;
  onViolation?(): void;
}

/** Runs one command. @returns the exit code; never rejects */
export async function run(words: readonly string[], ports: CommandPorts): Promise<number> {
  return (await endingOf(words, ports)).code;
}

/** No later failure masks a violation. An interrupted command is broken, whatever verdict its layer returns, unless signals are how it ends. */
async function endingOf(words: readonly string[], ports: CommandPorts): Promise<Ending> {
  const { env, interrupted, output, version } = ports;
  const state: State = { exitCode: exitCodes.broken, isViolated: false, endsBySignal: false, seed: undefined };
  const ended = (code: number, isVerdict = true): Ending => ({
    code: state.isViolated ? exitCodes.violated : interrupted.aborted && !state.endsBySignal ? exitCodes.broken : code,
    isVerdict,
  });
  try {
    const program = createProgram(contextOf(ports, state), version);
    const given = words.length === 0 ? ["--help"] : words;
    await endedInTime(program.parseAsync(given, { from: "user" }), interrupted);
    return ended(state.exitCode);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ended(exitCodes.held, false);
    // An interrupted layer throws because of the interruption, which has been reported.
    if (interrupted.aborted) showStack(error, output, env);
    return ended(interrupted.aborted ? exitCodes.broken : explainFailure(error, output, env, state.seed));
  }
}

/** The reports of a command so far. */
interface State {
  /** Broken until the command sets it. */
  exitCode: number;
  isViolated: boolean;
  /** A signal ends the command as its time limit does. */
  endsBySignal: boolean;
  seed: number | undefined;
}

function contextOf({ env, interrupted, layers, onViolation, output }: CommandPorts, state: State): Context {
  const judged = (verdict: Verdict) => {
    if (verdict !== "violated" || state.isViolated) return;
    state.isViolated = true;
    onViolation?.();
  };
  return {
    output,
    env,
    layers: () => loadedUnless(interrupted, layers),
    interrupted,
    endsBySignal: () => {
      state.endsBySignal = true;
    },
    now,
    wallClock: () => new Date().toISOString(),
    timeLimit: (milliseconds) => AbortSignal.timeout(milliseconds),
    drawSeed: () => randomInt(0, maxSeed + 1),
    noteSeed: (chosen) => {
      state.seed = chosen;
    },
    judged,
    exit: (code) => {
      state.exitCode = code;
      if (code === exitCodes.violated) judged("violated");
    },
    onFault: (error) => showStack(error, output, env),
  };
}

/** The version in the nearest package.json above: src/ in a checkout and dist/src/ in a package lie at different depths. */
async function packageVersion(): Promise<string> {
  const schema = z.object({ name: z.literal("lockproof"), version: z.string() });
  for (const up of ["../../package.json", "../../../package.json"]) {
    try {
      return schema.parse(JSON.parse(await readFile(new URL(up, import.meta.url), "utf8"))).version;
    } catch {
      // Missing, or of another package: try the next folder up.
    }
  }
  return "unknown";
}
