import { describe, expect, it } from "vitest";
import { LabelPlaces } from "../../../src/report/timeline/labels.ts";

describe("the labels of arrows", () => {
  it("lie apart on arrows that cross, and where they are asked to where nothing is", () => {
    const places = new LabelPlaces();
    const first = places.place({ x: 0, y: 0 }, { x: 400, y: 0 }, 100, 0.45);
    expect(first.at).toEqual({ x: 180, y: 0 });
    const second = places.place({ x: 0, y: 2 }, { x: 400, y: 2 }, 100, 0.45);
    expect(Math.abs(second.at.x - first.at.x) >= 100 || second.baseline !== first.baseline).toBe(true);
  });

  it("are never upside down", () => {
    const { angle } = new LabelPlaces().place({ x: 400, y: 0 }, { x: 0, y: 100 }, 50, 0.45);
    expect(Math.abs(angle)).toBeLessThanOrEqual(90);
  });

  it("are placed where there is no room either", () => {
    const places = new LabelPlaces();
    for (let count = 0; count < 40; count += 1) places.place({ x: 0, y: 0 }, { x: 60, y: 0 }, 60, 0.45);
    expect(places.place({ x: 0, y: 0 }, { x: 60, y: 0 }, 60, 0.45).at).toEqual({ x: 27, y: 0 });
  });
});
