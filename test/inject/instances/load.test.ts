import { describe, expect, it } from "vitest";
import { scenario } from "../../../scenarios/declare/declare.ts";
import { LoadGenerator } from "../../../src/inject/instances/load.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import type { Target } from "../../../src/load/clients/target.ts";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";

const declared = scenario({
  name: "late",
  why: "Everything is due at once.",
  topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1 },
  load: [{ kind: "select", every: 1 }],
  faults: [],
  always: ["D1"],
  duration: 20,
});

/** A scheduler that is at work for a millisecond on each selection. */
function busy(onSelect: () => void): Target {
  const selectNodes = () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    onSelect();
    return { nodes: [], mode: "normal" };
  };
  return { selectNodes } as unknown as Target;
}

describe("the load", () => {
  it("that is late is not begun in one go: in between others have their turn", async () => {
    const recorder = new Recorder();
    recorder.begin();
    let turns = 0;
    const calledAt: number[] = [];
    let isOver = false;
    const other = (): void => {
      turns += 1;
      if (!isOver) setImmediate(other);
    };
    setImmediate(other);
    const actions = Array.from({ length: 10 }, () => ({ at: 0, kind: "select", instance: 0 }) as const);
    const schedulers = [busy(() => calledAt.push(turns))];
    const load = new LoadGenerator({ scenario: declared, actions, schedulers, random: seededRandom(1), recorder });
    await load.run(new AbortController().signal);
    isOver = true;
    expect(calledAt).toHaveLength(10);
    expect(new Set(calledAt).size).toBeGreaterThanOrEqual(9);
  });
});
