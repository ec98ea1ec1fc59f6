/** A small module with mutants of every kind of outcome, instrumented and loaded, and runs that judge it. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Session } from "../../src/mutate/gate/runner.ts";
import type { Measured } from "../../src/mutate/gate/runs.ts";
import type { CodeMutant } from "../../src/mutate/mutant.ts";
import { type Instrumented, instrument } from "../../src/mutate/source/typescript.ts";
import type { GateRun, Reply } from "../../src/mutate/worker/messages.ts";

export const plantedPath = "src/scheduler/planted.ts";
export const plantedText = `export function largest(values: readonly number[]): number {
  let most = 0;
  for (const value of values) {
    if (value > most) most = value;
  }
  return most;
}
export function isEarly(hour: number): boolean {
  return hour < 12;
}
export function folded(): number {
  return 1 < 2 ? 10 : 20;
}
export function unused(count: number): number {
  return count + 1;
}
`;

type Switch = typeof import("../../src/mutate/worker/switch.ts");

interface PlantedFunctions {
  largest(values: readonly number[]): number;
  isEarly(hour: number): boolean;
  folded(): number;
}

interface Planted extends PlantedFunctions {
  readonly ownSwitch: Switch;
}

export interface LoadedModule extends Disposable {
  readonly instrumented: Instrumented;
  readonly module: Planted;
}

/** One copy of the module carries all mutants. */
export async function loadPlanted(): Promise<LoadedModule> {
  const instrumented = await instrument([{ path: plantedPath, text: plantedText }]);
  const folder = mkdtempSync(join(tmpdir(), "lockproof-planted-"));
  const file = join(folder, "planted.ts");
  const switchFile = join(folder, "switch.ts"); // beside it: the test runner would load the original a second time
  copyFileSync(fileURLToPath(new URL("../../src/mutate/worker/switch.ts", import.meta.url)), switchFile);
  const switchUrl = pathToFileURL(switchFile).href;
  writeFileSync(file, instrumented.textOf(plantedPath, switchUrl));
  const loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as PlantedFunctions;
  const ownSwitch = (await import(/* @vite-ignore */ switchUrl)) as Switch;
  return {
    instrumented,
    module: { ...loaded, ownSwitch },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const runs = ["largest", "early", "folded"] as const;

/** Returns whether a run finds the module right; no run asks about noon. */
function judge(module: Planted, scenario: string): boolean {
  if (scenario === "largest") return module.largest([3, 7, 5]) === 7;
  return scenario === "early" ? module.isEarly(3) && !module.isEarly(20) : module.folded() === 10;
}

function replyOf(module: Planted, { run }: { readonly run: GateRun }, active: number): Reply {
  const scenario = run.kind === "simulate" ? run.scenario : "";
  const reached = new Set<number>();
  const { useMutant, recordReached, recordNothing } = module.ownSwitch;
  useMutant(active);
  recordReached(reached);
  try {
    const verdict = judge(module, scenario) ? "held" : "violated";
    const property = verdict === "held" ? null : "S3";
    return {
      verdict,
      property,
      reason: null,
      token: null,
      cost: 1,
      trace: scenario,
      met: [scenario],
      reached: [...reached],
    };
  } finally {
    recordNothing();
    useMutant(0);
  }
}

/** The runs on the code as it is. */
export function measuredRuns(module: Planted): readonly Measured[] {
  return runs.map((scenario) => {
    const run = { kind: "simulate", scenario, seed: 1 } as const;
    const { cost, met, reached, trace } = replyOf(module, { run }, 0);
    return { run, cost, trace, took: 1, reached: new Set(reached), met, found: null };
  });
}

/** Makes the runs in this process. */
export function inProcess(module: Planted): { session(mutant: CodeMutant): Promise<Session> } {
  return {
    session: async () => ({
      make: async (run, _limit, { number }) => replyOf(module, { run }, number),
      [Symbol.asyncDispose]: async () => {},
    }),
  };
}
