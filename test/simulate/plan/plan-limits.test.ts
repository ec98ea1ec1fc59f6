/** Plans from users are bounded before anything of them is built. */
import { describe, expect, it } from "vitest";
import { scenario } from "../../../scenarios/declare/declare.ts";
import { findScenario } from "../../../scenarios/registry.ts";
import { planLoad } from "../../../src/load/plan/plan.ts";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { type PlanFile, planFileOf, readPlan } from "../../../src/simulate/plan/plan-file.ts";

const steady = findScenario("steady");
if (steady === undefined) throw new TypeError("no scenario steady");
const written = planFileOf({ ...planOf(steady, 1), draws: [] }, "J1");

const read = (changed: Partial<PlanFile>) => () => readPlan({ ...written, ...changed }, "token: plan");
const sized = (instances: number, nodes: number, partitions = 1): Partial<PlanFile> => ({
  topology: { ...written.topology, instances, nodes, partitions },
  actions: [],
});

describe("a plan that is handed in", () => {
  it("is read where it is as large as ours, and larger", () => {
    expect(read({})).not.toThrow();
    expect(read(sized(50, 1_000))).not.toThrow();
  });

  it.each<[string, Partial<PlanFile>]>([
    ["1000000 instances × nodes, allowed at most 50000", sized(100, 10_000)],
    ["409600 instances × partitions, allowed at most 10000", sized(100, 10, 4_096)],
    ["3600001 ms of duration, allowed at most 3600000", { duration: 3_600_001 }],
    [
      "200001 actions, allowed at most 200000",
      { actions: Array.from({ length: 200_001 }, () => ({ at: 1, instance: 0, kind: "select" as const })) },
    ],
    [
      "1000001 draws, allowed at most 1000000",
      { draws: Array.from({ length: 1_000_001 }, (_, nth) => ({ stream: "x", nth, value: 0 })) },
    ],
  ])("is refused at once with %s", (message, changed) => {
    expect(read(changed)).toThrow(
      expect.objectContaining({ name: "UsageError", message: expect.stringContaining(message) }),
    );
  });
});

describe("a declared load", () => {
  it("that would not fit into memory is refused before it is planned", () => {
    const { load, ...rest } = steady;
    const endless = scenario({ ...rest, load: load.map((each) => ({ ...each, every: 0.000_1 })) });
    expect(() => planLoad(endless, seededRandom(1))).toThrow(
      /a load of \d+ turns, allowed at most 500000; scenarios\/steady\.ts: load/,
    );
  });
});
