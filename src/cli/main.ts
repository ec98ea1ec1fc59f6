/** The process around a command: signals, streams, the clock, and the exit code. */
import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CommanderError } from "commander";
import { z } from "zod";
import { exitCodes } from "../check/verdict.ts";
import { now } from "./clock.ts";
import type { Context } from "./context.ts";
import { explainFailure, showStack } from "./ending.ts";
import type { Layers } from "./layers.ts";
import { createOutput, type Output, surviveClosedPipe } from "./output.ts";
import { createProgram } from "./program.ts";
import { maxSeed } from "./values.ts";

/** @param words the arguments after the program's name @returns the exit code; never rejects */
export async function main(words: readonly string[]): Promise<number> {
  const output = createOutput(surviveClosedPipe(process.stdout), surviveClosedPipe(process.stderr), process.env);
  const interrupted = interruption(output);
  try {
    return await run(words, {
      output,
      env: process.env,
      layers: async () => (await import("./wiring.ts")).loadLayers(),
      interrupted: interrupted.signal,
      version: await packageVersion(),
    });
  } catch (error) {
    return explainFailure(error, output, process.env, undefined);
  } finally {
    interrupted.release();
  }
}

export interface World {
  readonly output: Output;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly layers: () => Promise<Layers>;
  readonly interrupted: AbortSignal;
  readonly version: string;
}

/** One command in a given world. @returns the exit code; never rejects */
export async function run(words: readonly string[], world: World): Promise<number> {
  const { output, env, layers, interrupted, version } = world;
  let exitCode: number = exitCodes.broken; // until a command says otherwise, it has not succeeded
  let seed: number | undefined;
  const context: Context = {
    output,
    env,
    layers,
    interrupted,
    now,
    wallClock: () => new Date().toISOString(),
    timeLimit: (milliseconds) => AbortSignal.timeout(milliseconds),
    drawSeed: () => randomInt(0, maxSeed + 1),
    noteSeed: (chosen) => {
      seed = chosen;
    },
    exit: (code) => {
      exitCode = code;
    },
    onFault: (error) => showStack(error, output, env),
  };
  try {
    await createProgram(context, version).parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.held; // --help, --version
    return explainFailure(error, output, env, seed);
  }
}

/** The first Ctrl-C asks the run to end and clean up; the second ends the process. */
function interruption(output: Output): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(exitCodes.broken);
    output.note(`${name}: ending the run; once more to stop at once`);
    controller.abort();
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}

/** The package's own version, from the nearest package.json above: src/ in a checkout and dist/src/ when published lie at different depths. */
async function packageVersion(): Promise<string> {
  const schema = z.object({ name: z.literal("lockproof"), version: z.string() });
  for (const up of ["../../package.json", "../../../package.json"]) {
    try {
      return schema.parse(JSON.parse(await readFile(new URL(up, import.meta.url), "utf8"))).version;
    } catch {
      // Not there, or not ours: the next one up.
    }
  }
  return "unknown";
}
