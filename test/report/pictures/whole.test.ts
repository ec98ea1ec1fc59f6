/** The pictures of a whole run: drawn from what the evidence says, and from nothing else. */
import { describe, expect, it } from "vitest";
import { propertyIds } from "../../../src/check/properties.ts";
import type { LayerEvidence, MutantEvidence, StepEvidence } from "../../../src/evidence/evidence.ts";
import { exploredPicture } from "../../../src/report/pictures/whole/explored.ts";
import { killPicture } from "../../../src/report/pictures/whole/kills.ts";
import { matrixPicture } from "../../../src/report/pictures/whole/matrix.ts";
import { stepsPicture } from "../../../src/report/pictures/whole/steps.ts";
import { layer } from "../sample.ts";
import { drawn } from "./drawn.ts";

const step = (parts: Partial<StepEvidence> = {}): StepEvidence => ({
  ...{ name: "inject redis-gone", seed: 1, from_ms: 0, to_ms: 1_000, verdict: "held" },
  properties: [],
  ...parts,
});
const steps = (...some: readonly StepEvidence[]): readonly LayerEvidence[] => [layer("inject", { steps: some })];

describe("the matrix property × step", () => {
  it("is not drawn where no layer says which step judged what", () => {
    expect(matrixPicture([layer("inject")])).toBeNull();
  });

  it("has a row for every property, and no cell where a step did not exercise one", () => {
    const text = drawn(
      matrixPicture(
        steps(
          step({
            properties: [
              { id: "J1", verdict: "held", exercised: 812 },
              { id: "J2", verdict: "not_exercised", exercised: 0 },
              { id: "J3", verdict: "held", exercised: 0 },
            ],
          }),
        ),
      ) ?? never(),
    );
    for (const id of propertyIds) expect(text).toContain(`>${id}</text>`);
    expect(text.match(/class="cell /g)).toHaveLength(1);
    expect(text).toContain("<title>J1 · inject redis-gone: ✓ 812</title>");
  });

  it("shows the worst of a step that ran again on another seed, whatever the first was", () => {
    const held = { properties: [{ id: "J1", verdict: "held", exercised: 5 }] } as const;
    const broken = { seed: 2, properties: [{ id: "J1", verdict: "violated", exercised: 3 }] } as const;
    const silent = { seed: 3, properties: [{ id: "J1", verdict: "not_exercised", exercised: 0 }] } as const;
    const text = drawn(matrixPicture(steps(step(held), step(broken), step(silent))) ?? never());
    expect(text).toContain('class="cell violated"');
    expect(text).not.toContain('class="cell held"');
    expect(text).toContain("✗ 8");
  });
});

describe("the matrix of many steps", () => {
  it("leaves out none that is not held, and says how many it leaves out", () => {
    const held = Array.from({ length: 130 }, (_, index) => step({ name: `step ${index}` }));
    const text = drawn(matrixPicture(steps(...held, step({ name: "the last", verdict: "unknown" }))) ?? never());
    expect(text).toContain("the last</text>");
    expect(text).toContain("11 more are in report.json.");
  });
});

describe("the kill matrix", () => {
  const mutant = (parts: Partial<MutantEvidence>): MutantEvidence => ({
    ...{ id: "m1", origin: "o", layer: "conform", verdict: "killed", property: "J1", runs_to_kill: 8, token: null },
    ...parts,
  });

  it("has the score of each layer, and a mark for each mutant that ran there", () => {
    const text = drawn(
      killPicture([
        mutant({}),
        mutant({ layer: "simulate", verdict: "survived", runs_to_kill: null }),
        mutant({ id: "m2", layer: "simulate", runs_to_kill: 1 }),
      ]) ?? never(),
    );
    expect(text).toContain("conform: 1 of 1 killed");
    expect(text).toContain("simulate: 1 of 2 killed");
    expect(text).toContain("<title>m1, J1: ✗</title>");
    expect(text.match(/class="cell"/g)).toHaveLength(1);
  });

  it("shows a survivor beside a killed one of the same id", () => {
    const both = [mutant({}), mutant({ verdict: "survived", runs_to_kill: null })];
    expect(drawn(killPicture(both) ?? never())).toContain('class="cell survived"');
  });

  it("leaves out none that survived, and says how many it leaves out", () => {
    const killed = Array.from({ length: 400 }, (_, index) => mutant({ id: `m${index}` }));
    const text = drawn(
      killPicture([...killed, mutant({ id: "last", verdict: "survived", runs_to_kill: null })]) ?? never(),
    );
    expect(text).toContain("<title>last, J1: ✗</title>");
    expect(text).toContain("101 more are in report.json.");
  });

  it("is not drawn without mutants", () => {
    expect(killPicture([])).toBeNull();
  });
});

describe("exploration by depth", () => {
  const explored = (levels: readonly number[], complete: boolean) => [
    layer("explore", { explored: [{ model: "system", scope: "N=1", levels, complete }] }),
  ];

  it("comes back to 0 only where every state was seen", () => {
    const ends = (complete: boolean) => {
      const text = drawn(exploredPicture(explored([1, 4, 9], complete)) ?? never());
      return /class="curve curve-0" d="[^"]*,([\d.]+)"/.exec(text)?.[1];
    };
    expect(ends(true)).toBe("162");
    expect(Number(ends(false))).toBeLessThan(162);
    expect(drawn(exploredPicture(explored([1, 4, 9], false)) ?? never())).toContain("cut off");
  });

  it("names the states and levels, and each depth under the pointer", () => {
    const text = drawn(exploredPicture(explored([1, 4, 9], true)) ?? never());
    expect(text).toContain("system N=1: 14 states, 3 levels");
    expect(text).toContain("<title>1: 4</title>");
  });

  it("has what several merged runs explored once", () => {
    const same = [...explored([1, 4, 9], true), ...explored([1, 4, 9], true), ...explored([1, 4], false)];
    expect(drawn(exploredPicture(same) ?? never()).match(/class="curve curve-/g)).toHaveLength(2);
  });

  it("is not drawn where no levels were counted", () => {
    expect(exploredPicture([layer("explore")])).toBeNull();
  });
});

describe("what ran when", () => {
  it("has a bar for each step, from where it began to where it ended", () => {
    const text = drawn(
      stepsPicture(
        steps(step(), step({ name: "inject redis-slow", from_ms: 1_000, to_ms: 4_000, verdict: "violated" })),
      ) ?? never(),
    );
    expect(text).toContain("<title>inject redis-slow: 1.0 s – 4.0 s</title>");
    const [first, second] = [...text.matchAll(/class="ran (\w+)">.*?<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)];
    expect([first?.[1], second?.[1]]).toEqual(["held", "violated"]);
    expect(Number(second?.[3]) / Number(first?.[3])).toBeCloseTo(3, 1);
  });

  it("is not drawn where no layer says it", () => {
    expect(stepsPicture([layer("inject")])).toBeNull();
  });
});

function never(): never {
  throw new TypeError("there is no picture");
}
