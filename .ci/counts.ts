/**
 * `node .ci/counts.ts GATE (RESULTS EXIT)…`: prints the failed tests, and last `N passed, N failed`. Exits with 0 only if none failed.
 * GATE is the exit code of `.ci/verdict.ts`. Of each run of tests, RESULTS is what vitest's JSON reporter wrote, and EXIT its exit code.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { visible } from "../src/evidence/escape.ts";
import { messageOf } from "../src/evidence/failure.ts";

const resultsSchema = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** The last lines of CI are all that is kept of it: what a test says is cut to this many characters. */
const longest = 400;

const [gate = "", ...runs] = process.argv.slice(2);
const isRefused = gate !== "0";
let passed = isRefused ? 0 : 1;
let failed = isRefused ? 1 : 0;
// Without a run, one without results is counted.
for (let index = 0; index < Math.max(1, runs.length); index += 2) count(runs[index] ?? "", runs[index + 1] ?? "");
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function count(path: string, exit: string): void {
  const results = read(path);
  let failures = 0;
  for (const { assertionResults, message, name, status } of results.testResults) {
    const own = assertionResults.filter((one) => one.status === "failed");
    for (const { failureMessages, fullName } of own) say(name, `${fullName}: ${failureMessages.join("\n")}`);
    // A file that cannot be loaded has no tests.
    const isUnloaded = own.length === 0 && status === "failed";
    if (isUnloaded) say(name, message);
    failures += own.length + (isUnloaded ? 1 : 0);
  }
  // Types, lint and the budget of time are not counted by vitest; nor is a run that ended without results.
  const isOther = failures === 0 && (exit !== "0" || results.numPassedTests === 0);
  passed += results.numPassedTests;
  failed += failures + (isOther ? 1 : 0);
}

function read(path: string): z.infer<typeof resultsSchema> {
  try {
    return resultsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    say(path, `no results of the tests: ${messageOf(error)}`);
    return { numPassedTests: 0, testResults: [] };
  }
}

function say(file: string, found: string): void {
  const line = stripVTControlCharacters(found).replaceAll(/\s+/g, " ").slice(0, longest);
  process.stdout.write(`FAILED ${relative(process.cwd(), file)}: ${visible(line)}\n`);
}
