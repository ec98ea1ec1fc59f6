import { describe, expect, it } from "vitest";
import { BrokenRunError, UsageError } from "../../src/evidence/failure.ts";
import type { SimulateEvidence } from "../../src/simulate/batch/evidence.ts";
import type { BesideOptions } from "../../src/verify/layers.ts";
import { simulateBeside } from "../../src/verify/threads/simulating.ts";
import { simulateLayer } from "../../src/verify/wiring/simulate.ts";

const never = new AbortController().signal;
const steady: BesideOptions = { scenario: "reply-lost", seeds: { from: 7, to: 8 }, signal: never };

/** The evidence without what depends on the machine's pace. */
function timeless({ duration_ms: _, json, ...evidence }: SimulateEvidence) {
  const paces = ["wall_ms", "events_per_second", "times_real", "seconds"];
  const entries = Object.entries(json).filter(([name]) => !paces.includes(name));
  return { ...evidence, json: Object.fromEntries(entries) };
}

describe("a batch that a thread simulates", () => {
  it("has the evidence that it has here, held and violated", async () => {
    const late: BesideOptions = { ...steady, mutant: "no-read-deadline", scenario: "redis-slow", failures: "plain" };
    const batches = [steady, late];
    for (const [index, batch] of batches.entries()) {
      const texts: string[] = [];
      const there = await simulateBeside({ ...batch, onProgress: (text) => texts.push(text) });
      const here = await simulateLayer.runSimulate(batch);
      expect(timeless(there)).toEqual(timeless(here));
      expect(there.verdict).toBe(index === 0 ? "held" : "violated");
      expect(texts.length > 0).toBe(index === 1);
    }
  });

  it("shares the time for shrinking, and what has been shrunk", async () => {
    const shrinking = { left: 40_000, shrunk: new Set<never>() };
    const batch = { ...steady, mutant: "no-read-deadline", scenario: "redis-slow", shrinking };
    await simulateBeside(batch);
    expect(shrinking.left).toBeLessThan(40_000);
    expect([...shrinking.shrunk]).toContain("D1");
    const again = await simulateBeside(batch);
    expect(again.violations.find(({ property }) => property === "D1")?.story.join()).toContain(
      "another failure of it was",
    );
  });

  it("is refused with the same error as here, and the next one runs", async () => {
    const refused = simulateBeside({ ...steady, scenario: "no-such" });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toMatchObject({ where: "scenario", message: expect.stringContaining("no-such") });
    expect((await simulateBeside(steady)).verdict).toBe("held");
  });

  it("ends with the signal, before or while it runs", async () => {
    const seeds = { from: 1, to: 10_000 };
    expect(await simulateBeside({ ...steady, seeds, signal: AbortSignal.abort() })).toMatchObject({ runs: 0 });
    const ending = new AbortController();
    const cut = await simulateBeside({ ...steady, seeds, signal: ending.signal, onProgress: () => ending.abort() });
    expect(cut.runs).toBeGreaterThan(0);
    expect(cut.runs).toBeLessThan(1_000);
  });

  it("that breaks is an error, not a verdict", async () => {
    const broken = simulateBeside({ ...steady, mutant: "no-such-mutant" });
    await expect(broken).rejects.toThrow();
    await expect(broken).rejects.not.toThrow(BrokenRunError);
    expect((await simulateBeside(steady)).verdict).toBe("held");
  });
});
