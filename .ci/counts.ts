/**
 * `node .ci/counts.ts RESULTS TESTS GATE`: prints the failed tests, and last `N passed, N failed`. Exits with 0 only if none failed.
 * RESULTS is what vitest's JSON reporter wrote; TESTS and GATE are the exit codes of the tests and of `.ci/verdict.ts`.
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

const [path = "", tests = "", gate = ""] = process.argv.slice(2);
const results = read();
let failed = 0;
for (const { assertionResults, message, name, status } of results.testResults) {
  const own = assertionResults.filter((one) => one.status === "failed");
  for (const { failureMessages, fullName } of own) say(name, `${fullName}: ${failureMessages.join("\n")}`);
  // A file that cannot be loaded has no tests.
  const isUnloaded = own.length === 0 && status === "failed";
  if (isUnloaded) say(name, message);
  failed += own.length + (isUnloaded ? 1 : 0);
}
// Types, lint and the budget of time are not counted by vitest; nor is a run that ended without results.
const isOther = failed === 0 && (tests !== "0" || results.numPassedTests === 0);
const isRefused = gate !== "0";
failed += (isOther ? 1 : 0) + (isRefused ? 1 : 0);
process.stdout.write(`${results.numPassedTests + (isRefused ? 0 : 1)} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function read(): z.infer<typeof resultsSchema> {
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
