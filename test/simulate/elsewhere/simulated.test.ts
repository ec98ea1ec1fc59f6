/** Schedulers that were written elsewhere, on virtual time: the example of the documentation, and what is no scheduler. */
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { decodeToken } from "../../../src/evidence/token.ts";
import { loadSchedulerModule, type SchedulerModule } from "../../../src/simulate/elsewhere/scheduler-module.ts";
import { schedulerIn } from "../../../src/simulate/run/token.ts";
import { loadLayers } from "../../../src/verify/wiring.ts";
import { modules } from "./modules.ts";

// Shrinking has ten times as long, so that a busy machine gets as far.
vi.mock("../../../src/verify/clock.ts", () => {
  const now = performance.now.bind(performance);
  return { now: () => now() / 10 };
});

const example = (file: string) =>
  loadSchedulerModule(fileURLToPath(new URL(`../../../docs/example/naive/${file}`, import.meta.url)));
const { signal } = new AbortController();

async function simulated(module: SchedulerModule, seeds: { readonly from: number; readonly to: number }) {
  return await loadLayers().runSimulate({ scenario: "silent-nodes", seeds, signal, module });
}

describe("the example of a scheduler that is not ours", { timeout: 120_000 }, () => {
  it("holds the scenario that its page names", async () => {
    const { json, verdict } = await simulated(await example("scheduler.ts"), { from: 1, to: 5 });
    expect({ verdict, ...json }).toMatchObject({ verdict: "held", scheduler: { name: "scheduler.ts" } });
  });

  it("is red with its flaw, and shrinks to a plan that replays with the same content", async () => {
    const module = await example("flawed.ts");
    const { json, verdict, violations } = await simulated(module, { from: 1, to: 1 });
    expect(verdict).toBe("violated");
    const [first] = violations;
    expect(first?.property).toBe("V2");
    const { hash, name } = module;
    const token = decodeToken(first?.token ?? "");
    expect(schedulerIn(token)).toEqual({ name, hash });
    expect(json["failures"]).toEqual([expect.objectContaining({ faults: 0, actions: 2 })]);
    const again = await loadLayers().replaySimulate({ token, signal, module });
    expect(again.evidence.violations).toMatchObject([{ property: "V2", token: first?.token }]);
    const whole = decodeToken(String((json["failures"] as { token: string }[])[0]?.token));
    expect(schedulerIn(whole)).toEqual({ name, hash });
    const right = await loadLayers().replaySimulate({ token, signal, module: await example("scheduler.ts") });
    expect(right.evidence.violations).toEqual([]);
  });
});

const scheduler = (changes: string): string => `
  const never = async () => ({ kind: "failed", applied: "no", cause: "closed", after: 0, message: "never" });
  const right = (settings) => ({
    start: async () => {}, close: async () => {}, config: () => null, onOrphaned: () => () => {}, nodes: () => [],
    registerNode: never, heartbeat: never, offlineNode: never, reserveJob: never, completeJob: never,
    releaseJob: never, dispatch: never, putConfig: never,
    getNode: async () => ({ found: false, source: "none", age_ms: 1, stale: true, mode: "normal" }),
    selectNodes: () => ({ nodes: [], pools: [], mode: "normal", stale: true, took: 0 }),
    status: () => ({ mode: "normal", connected: true, calls: 0,
      view: Array.from({ length: settings.partitions }, () => ({ epoch: "", sequence: 0 })) }),
  });
  export const createScheduler = (ports, settings) => (${changes});`;

describe("a module that makes no scheduler", { timeout: 60_000 }, () => {
  it.each([
    ["nothing", "undefined", "createScheduler answered undefined; allowed: a scheduler with start"],
    [
      "a promise",
      "Promise.resolve(right(settings))",
      "createScheduler answered {}; allowed: a scheduler that has start",
    ],
    ["one that lacks a method", "{ ...right(settings), dispatch: 7 }", "allowed: a scheduler that has dispatch too"],
    ["an error", '(() => { throw new Error("no room"); })()', "no room"],
    ["no status", "{ ...right(settings), status: () => null }", "status answered null; allowed: an object with mode"],
    [
      "registrations that answer nothing",
      "{ ...right(settings), registerNode: async () => undefined }",
      "registerNode answered undefined; allowed: an object with kind",
    ],
    [
      "registrations that throw at once",
      '{ ...right(settings), registerNode: () => { throw new Error("not today"); } }',
      "not today",
    ],
    ["one that never registers a node", "right(settings)", "could not register before the load"],
    ["one that reads the real clock", "(Date.now(), right(settings))", "Date.now was used in a simulated run"],
  ])("%s is broken, and says why", async (_, made, words) => {
    const { reason, verdict } = await simulated(
      await loadSchedulerModule(modules({ "mine.ts": scheduler(made).replace(/^/u, "// @ts-nocheck\n") })),
      { from: 1, to: 1 },
    );
    expect(verdict).toBe("broken");
    expect(reason).toContain(words);
    expect(reason).not.toMatch(/\n\s+at /u);
  });
});
