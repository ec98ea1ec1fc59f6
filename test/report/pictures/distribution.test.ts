import { describe, expect, it } from "vitest";
import type { Series } from "../../../src/evidence/evidence.ts";
import { distributionPicture } from "../../../src/report/pictures/distribution.ts";
import { drawn } from "./drawn.ts";

function margins(side: Series["side"], points: Series["points"]): Series {
  return { name: "reads", scenario: "s", kind: "margin_ms", side, points };
}

/** Margins of a hundred reads: 50 took 1 ms, 49 took 2 ms, one took 30 ms. */
const reads: Series["points"] = [
  [49, 1],
  [48, 0.5],
  [20, 0.01],
];

/** The corners of a curve. */
function corners(text: string, side: string): readonly (readonly [x: number, y: number])[] {
  const [, start = "", line = ""] = new RegExp(`class="tail ${side}" d="M([\\d. ]+)([^"]*)"`).exec(text) ?? [];
  let [x = 0, y = 0] = start.split(" ").map(Number);
  return [...line.matchAll(/([HV])([\d.]+)/g)].map(([, way, value]) => {
    if (way === "H") x = Number(value);
    else y = Number(value);
    return [x, y] as const;
  });
}

describe("the picture of the distribution of reads", () => {
  it("names the times within which half, 99 % and all of the reads ended", () => {
    const text = drawn(distributionPicture([margins("fault", reads), margins("control", [[49.5, 1]])]));
    expect(text).toContain("with faults: half within 1 ms, 99 % within 2 ms, all within 30 ms");
    expect(text).toContain("without faults: half within 0.5 ms, 99 % within 0.5 ms, all within 0.5 ms");
  });

  it("rises from 0 to 100 %, and reaches it at the slowest read, left of the budget", () => {
    const text = drawn(distributionPicture([margins("fault", reads)]));
    const curve = corners(text, "fault-side");
    expect(curve.map(([, y]) => y)).toEqual(curve.map(([, y]) => y).toSorted((one, other) => other - one));
    const budget = Number(/class="budget" x1="([\d.]+)"/.exec(text)?.[1]);
    const full = Math.min(...curve.filter(([, y]) => y === 12).map(([x]) => x));
    expect(full).toBeLessThan(budget);
  });

  it("rises at a time by the share of the reads that took it", () => {
    const heights = corners(drawn(distributionPicture([margins("fault", reads)])), "fault-side").map(([, y]) => y);
    expect([...new Set(heights)]).toEqual([172, 92, 13.6, 12]);
    const first = corners(drawn(distributionPicture([margins("fault", reads)])), "fault-side");
    const second = corners(drawn(distributionPicture([margins("fault", reads.slice(1))])), "fault-side");
    // Half of the reads had ended after the first time, which is left of the second.
    expect(first.find(([, y]) => y === 92)?.[0]).toBeLessThan(second[0]?.[0] ?? 0);
  });

  it("reaches it right of the budget where a read was late", () => {
    const text = drawn(distributionPicture([margins("fault", [...reads, [-400, 0.001]])]));
    const budget = Number(/class="budget" x1="([\d.]+)"/.exec(text)?.[1]);
    expect(
      Math.min(
        ...corners(text, "fault-side")
          .filter(([, y]) => y === 12)
          .map(([x]) => x),
      ),
    ).toBeGreaterThan(budget);
    expect(text).toContain(">1,000 ms<");
  });
});
