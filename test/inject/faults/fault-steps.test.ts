import { describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { runFaults } from "../../../src/inject/faults/faults.ts";
import { fakeWorld, prompt } from "../fake-world.ts";

const wait = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));
/** ms for a removal that Toxiproxy makes slowly. */
const slow = 600;

const latency = (at: number, lasts: number, instance: number): Fault => ({
  ...{ kind: "redis_latency", at, lasts, adds: 10, link: "commands", direction: "replies", instances: [instance] },
});

describe("the timeline of faults", () => {
  it("is kept though one step is slow: what is done elsewhere does not wait for it", async () => {
    const { recorder, step, world } = fakeWorld(2, (instance) =>
      instance === 0 ? { ...prompt, removeToxics: () => wait(slow) } : prompt,
    );
    recorder.begin();
    await runFaults([latency(10, 60, 0), latency(20, 100, 1)], world, new AbortController().signal);
    expect(step(0, "heal")?.done).toBeGreaterThanOrEqual(slow);
    expect(step(1, "heal")?.done).toBeLessThan(slow);
    expect(step(1, "heal")?.asked).toBeGreaterThanOrEqual(119);
  });

  it("keeps the order of what is done to one link", async () => {
    const did: string[] = [];
    const { recorder, world } = fakeWorld(1, () => ({
      ...prompt,
      async addToxic({ name }) {
        did.push(`begins ${name}`);
        await wait(80);
        did.push(`has begun ${name}`);
      },
      async removeToxics(names) {
        did.push(`ends ${names.join()}`);
      },
    }));
    recorder.begin();
    await runFaults([latency(0, 40, 0), latency(50, 20, 0)], world, new AbortController().signal);
    expect(did).toEqual([
      ...["begins f0-downstream", "has begun f0-downstream", "ends f0-downstream"],
      ...["begins f1-downstream", "has begun f1-downstream", "ends f1-downstream"],
    ]);
  });

  it("ends at once when a step fails, however long another takes", async () => {
    const { recorder, world } = fakeWorld(2, (instance) =>
      instance === 0
        ? { ...prompt, addToxic: () => Promise.reject(new Error("refused")) }
        : { ...prompt, addToxic: () => wait(5_000) },
    );
    recorder.begin();
    const running = runFaults(
      [latency(0, 10, 0), latency(0, 10, 1), latency(4_000, 10, 1)],
      world,
      AbortSignal.any([]),
    );
    await expect(running).rejects.toThrow("refused");
    expect(recorder.now()).toBeLessThan(3_000);
  });

  it("ends at once when it is aborted, though the next step is seconds away", async () => {
    const { recorder, world } = fakeWorld(1, () => prompt);
    recorder.begin();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    await runFaults([latency(5_000, 10, 0)], world, stop.signal);
    expect(recorder.now()).toBeLessThan(3_000);
  });
});
