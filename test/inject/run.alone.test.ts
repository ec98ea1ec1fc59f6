import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findScenario } from "../../scenarios/registry.ts";
import { BrokenRunError, UsageError } from "../../src/evidence/failure.ts";
import { decodeToken } from "../../src/evidence/token.ts";
import { runInject, scenarioNames } from "../../src/inject/run.ts";

const never = new AbortController().signal;
const longest = 150_000;

describe("a scenario on a real Redis", { tags: ["nightly"] }, () => {
  // CI has `verify` report, for every scenario, that it is exercised and violates nothing.
  it.each(["redis-gone", "steady"])(
    "%s is replayed from its token, and leaves the history of both sides",
    async (name) => {
      const dir = mkdtempSync(join(tmpdir(), "lockproof-test-"));
      onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
      const evidence = await runInject({ scenario: name, seed: 7, signal: never, dir });
      expect(evidence.violations).toEqual([]);
      const token = decodeToken(evidence.properties[0]?.tokens[0] ?? "");
      expect(token).toMatchObject({ layer: "inject", subject: name, seed: 7 });
      const hasFaults = (findScenario(name)?.faults.length ?? 0) > 0;
      for (const side of hasFaults ? ["fault", "control"] : ["control"]) {
        const head = readFileSync(join(dir, `inject-${name}-7-${side}.jsonl`), "utf8").split("\n", 1)[0];
        expect(JSON.parse(head ?? "")).toMatchObject({ kind: "trial", scenario: name, seed: 7, side });
      }
    },
    longest,
  );
});

describe("a run that cannot be", () => {
  it("is refused before anything is started, for a fault that cannot be done there", async () => {
    const running = runInject({ scenario: "redis-stalled", redis: "cluster", seed: 1, signal: never });
    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toMatchObject({ fix: "use --redis single or replica or sentinel" });
  });

  it("is refused for a scenario that there is not", async () => {
    await expect(runInject({ scenario: "redis-none", seed: 1, signal: never })).rejects.toThrow(UsageError);
    expect(scenarioNames()).toContain("redis-gone");
  });

  it("is broken, not passed, when it is ended before its time", async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const running = runInject({ scenario: "redis-slow", seed: 1, signal: stop.signal, onProgress });
    await expect(running).rejects.toThrow(BrokenRunError);
  });
});
