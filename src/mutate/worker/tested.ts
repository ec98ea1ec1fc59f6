/** Runs tests of the copy with the active mutant, and reads what they report. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { openLab } from "../../lab/lab.ts";
import type { RunResult } from "./messages.ts";
import { reachedName } from "./switch.ts";

const reportSchema = z.object({
  success: z.boolean(),
  numTotalTests: z.number(),
  testResults: z.array(
    z.object({
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Names the file for the results of the tests that this process belongs to (vitest.config.ts): those of a mutant go elsewhere. */
const resultsName = "LOCKPROOF_TEST_RESULTS";

/** The copy in which this file lies. */
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Ends with the first test that fails. @param isCovered whether the places that ran are reported */
export async function tested(
  files: readonly string[],
  isCovered: boolean,
): Promise<RunResult & { readonly reached: readonly number[] }> {
  await using lab = await openLab(); // its guardian ends the tests when this process is killed
  const [report, reachedFolder] = [join(lab.folder, "report.json"), join(lab.folder, "reached")];
  mkdirSync(reachedFolder);
  if (isCovered) process.env[reachedName] = reachedFolder;
  delete process.env[resultsName];
  const program = await lab.program({ name: "vitest", file: process.execPath, args: argumentsFor(files, report) });
  program.stdout.resume();
  const how = await program.ended;
  delete process.env[reachedName];
  const reached = readdirSync(reachedFolder).flatMap((name) => numbersIn(join(reachedFolder, name)));
  const nothing = { property: null, token: null, trace: null, met: [], reached: [...new Set(reached)] };
  if (!existsSync(report)) return { ...nothing, verdict: "broken", reason: `${how}: ${await program.log()}`, cost: 0 };
  const { numTotalTests: cost, success, testResults } = reportSchema.parse(JSON.parse(readFileSync(report, "utf8")));
  if (success && cost > 0) return { ...nothing, verdict: "held", reason: null, cost };
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === "failed");
  const unloaded = testResults.find(({ status }) => status === "failed")?.message;
  return { ...nothing, verdict: "violated", reason: failed?.fullName ?? unloaded ?? "no test ran", cost };
}

function argumentsFor(files: readonly string[], report: string): readonly string[] {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const output = ["--reporter=json", `--outputFile=${report}`];
  const limits = ["--bail=1", "--maxWorkers=1", "--config", join(root, "vitest.config.ts"), "--project=pure"];
  return [vitest, "run", "--root", root, ...limits, ...output, ...files];
}

function numbersIn(file: string): readonly number[] {
  return z.array(z.number()).parse(JSON.parse(readFileSync(file, "utf8")));
}
