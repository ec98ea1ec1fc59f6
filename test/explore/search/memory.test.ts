/** The memory limit is that of the whole process: threads and judging count too. */
import { describe, expect, it } from "vitest";
import type { Model } from "../../../model/language/machine.ts";
import { refute } from "../../../src/explore/properties/liveness.ts";
import { Budget, Ints } from "../../../src/explore/search/ints.ts";
import { planMemory } from "../../../src/explore/search/memory.ts";
import { Steps } from "../../../src/explore/search/steps.ts";
import { OutOfMemory } from "../../../src/explore/search/store.ts";
import { explore, lassoOf, machineOf } from "../alone.ts";
import { models } from "../spoilt-models.ts";

const mebi = 2 ** 20;
const ring = (await models["ring"]?.()) as Model;
const plan = (threads: number, memoryMb: number, cores: number) =>
  planMemory({ threads, memoryMb, cores, mailboxBytes: mebi });

describe("what a run may take", () => {
  it("bounds the threads by the cores, and says so", () => {
    expect(plan(64, 16_384, 2)).toMatchObject({ threads: 4, note: "4 of 64 threads: there are 2 cores" });
    expect(plan(4, 16_384, 2)).toMatchObject({ threads: 4, note: null });
  });

  it("bounds the threads by the memory, and says so", () => {
    expect(plan(64, 300, 64)).toMatchObject({ threads: 1, note: "1 of 64 threads: there are 300 MiB" });
    expect(plan(64, 1_024, 64).threads).toBeGreaterThan(4);
  });

  it.each([1, 64, 150, 300, 1_024, 65_536])("leaves the states less than %i MiB, and never nothing", (memoryMb) => {
    const { stateBytes, threads } = plan(64, memoryMb, 64);
    expect(stateBytes).toBeGreaterThanOrEqual(mebi);
    expect(stateBytes).toBeLessThanOrEqual(memoryMb * mebi);
    expect(threads).toBeGreaterThanOrEqual(1);
    if (memoryMb >= 300) expect(stateBytes + threads * 56 * mebi + 140 * mebi).toBeLessThanOrEqual(memoryMb * mebi);
  });
});

describe("judging what eventually holds", () => {
  it("is given up where its memory is full, and never says that nothing refutes it", () => {
    const build = machineOf<Model>(ring, {});
    expect(lassoOf(build)).not.toBeNull();
    const { graph, reference } = explore(build);
    const [property] = reference.machine.properties.filter((each) => each.kind === "eventually");
    if (property === undefined) throw new TypeError("the ring claims nothing");
    const judge = (bytes: number) => {
      const steps = new Steps(graph, reference.machine, new Budget(bytes));
      return refute(graph, reference.machine, property, { steps });
    };
    expect(() => judge(40)).toThrow(OutOfMemory);
    expect(() => judge(70)).toThrow(OutOfMemory);
    expect(judge(4_096)).toEqual(lassoOf(build));
  });
});

describe("a list with a budget", () => {
  it("refuses to outgrow it, and keeps what it has", () => {
    const list = new Ints(new Budget(8_192));
    const fill = (): void => {
      for (;;) list.push(list.length);
    };
    expect(fill).toThrow(OutOfMemory);
    expect(list.length).toBe(2_048);
    expect(list.at(2_047)).toBe(2_047);
  });

  it("gets back what was taken during a work that has ended", () => {
    const budget = new Budget(100);
    const takeAll = (): void => budget.during(() => budget.take(100));
    takeAll();
    expect(takeAll).not.toThrow();
    budget.take(60);
    expect(takeAll).toThrow(OutOfMemory);
  });
});
