import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { nearestFirst, testRuns } from "../../src/mutate/gate/test-runs.ts";
import { ownRoot, writeCopy } from "../../src/mutate/source/sources.ts";
import type { Instrumented } from "../../src/mutate/source/typescript.ts";
import { isEnded, Worker } from "../../src/mutate/worker/worker.ts";

const path = "src/evidence/checksum.ts";
/** Mutant 1 makes every checksum too short. */
const planted: Instrumented = {
  mutants: [],
  textOf: (_path, switchUrl) => `import { isOn, reach } from ${JSON.stringify(switchUrl)};
${readFileSync(join(ownRoot(), path), "utf8").replace("function checksumText", "function rightText")}
export function checksumText(text: string): string {
  reach(1);
  return isOn(1) ? "AAA" : rightText(text);
}
`,
};

describe("the runs of the harness's own tests", () => {
  it("are one for each folder of tests that need no server", () => {
    const runs = testRuns(ownRoot());
    expect(runs.length).toBeGreaterThan(20);
    expect(new Set(runs.map(({ folder }) => folder)).size).toBe(runs.length);
    expect(runs.flatMap(({ files }) => files).filter((file) => /\.(server|alone)\.test\.ts$/u.test(file))).toEqual([]);
  });

  it("begin with those of the folder of the mutant", () => {
    const runs = ["test/check", "test/judges", "test/judges/jobs"].map((folder) => ({
      run: { kind: "tests", folder, files: [] } as const,
    }));
    const folders = nearestFirst(runs, "src/judges/jobs/leases.ts").map(({ run }) => run.folder);
    expect(folders).toEqual(["test/judges/jobs", "test/judges", "test/check"]);
  });
});

describe("a run of tests in a copy", () => {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-mutate-"));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it("reaches the mutated place, passes as it is, and names the test that fails with the mutant", async () => {
    const root = writeCopy(folder, { root: ownRoot(), parts: ["checkers"], instrumented: planted, paths: [path] });
    const { signal } = new AbortController();
    vi.stubEnv("LOCKPROOF_TEST_RESULTS", join(folder, "results-of-all.json")); // as in CI
    const worker = await Worker.start({ root, active: 0, signal });
    if (isEnded(worker)) throw new Error(worker.reason);
    await using _ = worker;
    const run = { kind: "tests", folder: "test/evidence", files: ["test/evidence/checksum.test.ts"] } as const;
    const within = { cpu: 60_000, real: 60_000 };
    const shared = { run, edit: null, redisServer: null };
    const right = await worker.ask({ ...shared, active: 0, isCovered: true }, within);
    expect(right).toMatchObject({ verdict: "held", reached: [1] });
    const wrong = await worker.ask({ ...shared, active: 1, isCovered: false }, within);
    expect(wrong).toMatchObject({
      verdict: "violated",
      reason: expect.stringContaining("always fills four characters"),
    });
  }, 60_000);
});
