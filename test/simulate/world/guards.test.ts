import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { runSmall } from "../small.ts";

/** Ours, with something done behind the ports whenever a node is selected. */
function withLeak(leak: () => unknown): typeof createScheduler {
  return (ports, settings, observe) => {
    const scheduler = createScheduler(ports, settings, observe);
    const selectNodes: typeof scheduler.selectNodes = (wanted) => {
      leak();
      return scheduler.selectNodes(wanted);
    };
    return new Proxy(scheduler, {
      get(target, name) {
        if (name === "selectNodes") return selectNodes;
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  };
}

describe("a scheduler that goes behind the ports is found and named, where it", () => {
  it.each([
    ["Date.now", () => Date.now()],
    ["new Date", () => new Date()],
    ["performance.now", () => performance.now()],
    ["Math.random", () => Math.random()],
    ["setTimeout", () => clearTimeout(setTimeout(() => {}, 1))],
    ["setInterval", () => clearInterval(setInterval(() => {}, 1))],
    ["setImmediate", () => setImmediate(() => {})],
    ["AbortSignal.timeout", () => AbortSignal.timeout(1)],
    ["crypto.randomUUID", () => crypto.randomUUID()],
    ["process.hrtime", () => process.hrtime()],
    ["process.hrtime.bigint", () => process.hrtime.bigint()],
    ["node:timers/promises setTimeout", () => wait(1)],
  ])("uses %s", async (what, leak) => {
    const { broken } = await runSmall([], { createScheduler: withLeak(leak) });
    expect(broken).toContain(`${what} was used in a simulated run, at `);
    expect(broken).toContain("guards.test.ts:");
  });

  it("swallows the error, too", async () => {
    const quiet = withLeak(() => {
      try {
        Math.random();
      } catch {
        // the error is swallowed
      }
    });
    expect((await runSmall([], { createScheduler: quiet })).broken).toContain("Math.random was used");
  });
});

describe("outside a run", () => {
  it("everything is as it was, and our own scheduler uses none of it", async () => {
    expect((await runSmall()).broken).toBeNull();
    expect(Date.now()).toBeGreaterThan(0);
    expect(new Date(0).getTime()).toBe(0);
    expect(new Date()).toBeInstanceOf(Date);
    expect(Math.random()).toBeLessThan(1);
    expect(performance.now()).toBeGreaterThan(0);
    expect(process.hrtime.bigint()).toBeGreaterThan(0n);
    await new Promise((resolve) => setTimeout(resolve, 1));
    await wait(1);
  });
});
