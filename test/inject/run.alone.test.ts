import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { schedulerMutants } from "../../scenarios/mutants/scheduler/registry.ts";
import { scenarios } from "../../scenarios/registry.ts";
import { BrokenRunError, UsageError } from "../../src/evidence/failure.ts";
import { decodeToken } from "../../src/evidence/token.ts";
import { runInject, scenarioNames } from "../../src/inject/run.ts";

const never = new AbortController().signal;
const longest = 150_000;

/** A machine that pauses during a scenario leaves open, or prevents, what another seed shows. */
const seeds = [7, 8, 9, 10, 11];

describe("a scenario on a real Redis", { tags: ["nightly"] }, () => {
  it.each(scenarios.filter(({ gate }) => gate === "quick"))(
    "$name violates nothing, and exercises what it is about",
    async ({ faults, name }) => {
      const dir = mkdtempSync(join(tmpdir(), "lockproof-test-"));
      let open: readonly string[] | null = null;
      try {
        for (const seed of seeds) {
          const evidence = await runInject({ scenario: name, seed, signal: never, dir });
          expect(evidence.violations).toEqual([]);
          // Premises of `unknown` properties were met: the machine was too busy for a verdict.
          const exercised = evidence.properties
            .filter(({ verdict }) => verdict !== "not_exercised")
            .map(({ id }) => id);
          const before: readonly string[] = open ?? evidence.properties.map(({ id }) => id);
          open = before.filter((id) => !exercised.some((one) => one === id));
          expect(decodeToken(evidence.properties[0]?.tokens[0] ?? "")).toMatchObject({
            layer: "inject",
            subject: name,
            seed,
          });
          const side = faults.length === 0 ? "control" : "fault";
          const head = readFileSync(join(dir, `inject-${name}-${seed}-${side}.jsonl`), "utf8").split("\n", 1)[0];
          expect(JSON.parse(head ?? "")).toMatchObject({ kind: "trial", scenario: name, seed, side });
          if (open.length === 0) break;
        }
        expect(open, `never exercised by ${name}`).toEqual([]);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
    longest * seeds.length,
  );
});

describe("a wrong scheduler", { tags: ["nightly"] }, () => {
  it.each(schedulerMutants.flatMap(({ scenario, ...bug }) => (scenario === undefined ? [] : [{ ...bug, scenario }])))(
    "$id is caught, and $property is named",
    async ({ id, property, scenario }) => {
      const evidence = await runInject({ scenario, seed: 7, signal: never, mutant: id });
      expect(evidence.verdict).toBe("violated");
      expect(evidence.violations.map((violation) => violation.property)).toContain(property);
      expect(decodeToken(evidence.violations[0]?.token ?? "").mutant).toBe(id);
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
