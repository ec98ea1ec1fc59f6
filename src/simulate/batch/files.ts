/** Writes the files of a failure beside the report: its plan, to be kept as a regression or replayed, and the trace of the plan's run. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExplicitPlan, PlanFile } from "../plan/plan-file.ts";
import { type RunOptions, runPlan } from "../run/run.ts";

export interface FailureFiles {
  readonly dir: string;
  /** The name of the files without their extensions. */
  readonly name: string;
  readonly plan: PlanFile;
  readonly explicit: ExplicitPlan;
  readonly createScheduler?: RunOptions["createScheduler"] | undefined;
}

/** @returns their names, relative to `dir` */
export async function writeFailure({
  createScheduler,
  dir,
  explicit,
  name,
  plan,
}: FailureFiles): Promise<readonly string[]> {
  const { lines } = await runPlan({
    plan: explicit,
    properties: [plan.property],
    withText: true,
    createScheduler,
  });
  const files = [`${name}.plan.json`, `${name}.trace.txt`] as const;
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, files[0]), `${JSON.stringify(plan, null, 2)}\n`);
  await writeFile(join(dir, files[1]), `${lines.join("\n")}\n`);
  return files;
}
