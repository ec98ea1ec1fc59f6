// @module-tag slow
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { decodeToken } from "../../src/evidence/token.ts";
import { runInject } from "../../src/inject/run.ts";
import { findSchedulerMutant, loadScheduler } from "../../src/mutants/schedulers.ts";
import { reproduce } from "../../src/reproduce/reproduce.ts";
import { replaySimulate } from "../../src/simulate/run/replay.ts";

const dir = mkdtempSync(join(tmpdir(), "lockproof-reproduce-real-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A busy machine delays the load, and then a run may not meet the bug. */
async function violatingSeed(signal: AbortSignal): Promise<number> {
  for (const seed of [1, 2, 3]) {
    const { violations } = await runInject({ scenario: "subscriber-deaf", seed, signal, dir, mutant: "gap-ignored" });
    if (violations.some(({ property }) => property === "V4")) return seed;
  }
  throw new Error("no run violated V4");
}

it("a failure on a real Redis is reproduced in the simulator, and replayed there by its token", async () => {
  const { signal } = new AbortController();
  const now = () => performance.now();
  const seed = await violatingSeed(signal);
  using loaded = await loadScheduler(findSchedulerMutant("gap-ignored"));
  const mutant = { id: "gap-ignored", createScheduler: loaded.createScheduler };
  const file = join(dir, `inject-subscriber-deaf-${seed}-fault.jsonl`);
  const { properties } = await reproduce({ file, budget: 30_000, seed: 1, mutant, signal, now });
  const found = properties.find(({ property }) => property === "V4");
  if (found?.kind !== "lifted") throw new Error(`V4 was ${String(found?.kind)}`);
  const { line } = await replaySimulate({ token: decodeToken(found.token), planted: mutant, signal, now });
  expect(line).toMatchObject({ scenario: "subscriber-deaf", verdict: "violated" });
});
