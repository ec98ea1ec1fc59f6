import { describe, expect, it } from "vitest";
import type { Series } from "../../../src/evidence/evidence.ts";
import { timeAxis } from "../../../src/report/pictures/axis.ts";
import { convergencePicture } from "../../../src/report/pictures/convergence.ts";
import { drawn } from "./drawn.ts";

function behind(name: string, side: Series["side"], points: Series["points"]): Series {
  return { name, scenario: "s", kind: "behind", side, points };
}

const level: Series["points"] = [[0, 0]];
const series = [
  behind("instance 0", "fault", [
    [100, 1],
    [200, 40],
    [900, 0],
  ]),
  behind("instance 1", "fault", [[500, 3]]),
  behind("instance 0", "control", level),
  behind("instance 1", "control", level),
];
const faults = [{ scenario: "s", kind: "redis_blackhole", from_ms: 90, to_ms: 800 }];

function draw(shown: readonly Series[]): string {
  return drawn(convergencePicture(shown, faults, timeAxis(shown, faults)));
}

describe("the picture of convergence", () => {
  it("has a strip for each instance with both sides, and the faults behind", () => {
    const text = draw(series);
    expect(text.match(/class="behind fault-side"/g)).toHaveLength(2);
    expect(text.match(/class="behind control"/g)).toHaveLength(2);
    expect(text.match(/>redis blackhole</g)).toHaveLength(1);
  });

  it("names the largest lag of each instance and its lag at the end", () => {
    expect(draw(series)).toContain("instance 0: at most 40 changes behind, none at the end");
    expect(draw(series)).toContain("instance 1: at most 3 changes behind, 3 at the end");
  });

  it("has the lag of both sides under the pointer", () => {
    expect(draw(series)).toContain("<title>0.21 s: 40 / 0</title>");
  });

  it("describes the single run where there were no faults", () => {
    expect(draw([behind("instance 0", "control", [[10, 2]])])).toContain("instance 0: at most 2 changes behind");
  });

  it("draws the largest lag to the top of its strip, the others on the same scale", () => {
    const heights = [...draw(series).matchAll(/class="behind fault-side" d="M[\d.]+ ([\d.]+)([^"]*)"/g)].map(
      ([, base, line = ""]) => Number(base) - Math.min(...[...line.matchAll(/V([\d.]+)/g)].map(([, y]) => Number(y))),
    );
    expect(heights[0]).toBeCloseTo(36, 1);
    expect(heights[1]).toBeCloseTo((36 * 3) / 40, 1);
  });
});
