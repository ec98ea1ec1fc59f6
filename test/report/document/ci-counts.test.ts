/** The last lines of .ci/run. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lockproof-ci-"));
});
afterEach(() => rm(folder, { recursive: true }));

interface Given {
  readonly tests?: number;
  readonly gate?: number;
  /** The results and the exit code of a second run. */
  readonly slow?: readonly string[];
}

function count({ gate = 0, slow = [], tests = 0 }: Given = {}): {
  readonly code: number | null;
  readonly out: readonly string[];
} {
  const runs = [join(folder, "results.json"), String(tests), ...slow];
  const words = [join(root, ".ci/counts.ts"), String(gate), ...runs];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: "utf8", cwd: root });
  return { code: status, out: stdout.trimEnd().split("\n") };
}

const passed = { fullName: "a judge holds", status: "passed", failureMessages: [] };
const failed = {
  fullName: "a judge counts",
  status: "failed",
  failureMessages: ["AssertionError: expected 2\n  at x"],
};

async function results(...assertionResults: readonly (typeof passed | typeof failed)[]): Promise<void> {
  const isFailed = assertionResults.length === 0 || assertionResults.includes(failed);
  const file = { name: join(root, "test/a.test.ts"), status: isFailed ? "failed" : "passed" };
  const testResults = [{ ...file, message: isFailed ? "cannot be loaded" : "", assertionResults }];
  const numPassedTests = 40 + assertionResults.filter((one) => one === passed).length;
  await writeFile(join(folder, "results.json"), JSON.stringify({ numPassedTests, testResults }));
}

describe("the counts of CI", () => {
  it("count verify as one test", async () => {
    await results(passed);
    expect(count()).toEqual({ code: 0, out: ["42 passed, 0 failed"] });
    expect(count({ gate: 1 })).toEqual({ code: 1, out: ["41 passed, 1 failed"] });
  });

  it("name each test that failed, and what it said", async () => {
    await results(passed, failed);
    const line = "FAILED test/a.test.ts: a judge counts: AssertionError: expected 2 at x";
    expect(count({ tests: 1 })).toEqual({ code: 1, out: [line, "42 passed, 1 failed"] });
  });

  it("name a file that cannot be loaded", async () => {
    await results();
    const line = "FAILED test/a.test.ts: cannot be loaded";
    expect(count({ tests: 1 })).toEqual({ code: 1, out: [line, "41 passed, 1 failed"] });
  });

  it("count types, lint and the budget of time", async () => {
    await results(passed);
    expect(count({ tests: 1 })).toEqual({ code: 1, out: ["42 passed, 1 failed"] });
  });

  it("are the sum of the runs, and fail with any of them", async () => {
    await results(passed);
    const same = join(folder, "results.json");
    expect(count({ slow: [same, "0"] })).toEqual({ code: 0, out: ["83 passed, 0 failed"] });
    expect(count({ slow: [same, "1"] })).toEqual({ code: 1, out: ["83 passed, 1 failed"] });
    expect(count({ slow: [join(folder, "none.json"), "0"] })).toMatchObject({ code: 1 });
  });

  it("do not pass without results", async () => {
    for (const [text, found] of [
      ["", "Unexpected end of JSON input"],
      ["{}", "expected number"],
    ] as const) {
      await writeFile(join(folder, "results.json"), text);
      const { code, out } = count();
      expect({ code, last: out.at(-1) }).toEqual({ code: 1, last: "1 passed, 1 failed" });
      expect(out[0]).toContain(found);
    }
    await rm(join(folder, "results.json"));
    expect(count().code).toBe(1);
  });
});
