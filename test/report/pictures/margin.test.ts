import { describe, expect, it } from "vitest";
import type { Series } from "../../../src/evidence/evidence.ts";
import { marginPicture } from "../../../src/report/pictures/margin.ts";
import { drawn } from "./drawn.ts";

type Points = Series["points"];

function margins(side: Series["side"], points: Points): Series {
  return { name: "reads", scenario: "s", kind: "margin_ms", side, points };
}

function noise(side: Series["side"], points: Points): Series {
  return { name: "wake-ups of the machine", scenario: "s", kind: "noise_ms", side, points };
}

const quick: Points = [
  [49.9, 1],
  [49, 0.1],
  [45, 0.01],
  [24, 0.001],
];

describe("the picture of deadline margins", () => {
  it("has a curve for the reads of each side and one for the machine alone", () => {
    const text = drawn(
      marginPicture([
        ...[margins("fault", quick), margins("control", [[49, 1]])],
        ...[noise("fault", [[10, 0.02]]), noise("control", [[4, 0.01]])],
      ]),
    );
    for (const kind of ["tail fault-side", "tail control", "noise fault-side", "noise control"]) {
      expect(text.match(new RegExp(`class="${kind}"`, "g"))).toHaveLength(1);
    }
  });

  it("draws the lateness of the machine as the margin that it would leave", () => {
    const text = drawn(marginPicture([margins("fault", [[40, 1]]), noise("fault", [[10, 0.5]])]));
    const tail = /class="tail fault-side" d="M[\d.]+ [\d.]+H([\d.]+)/.exec(text)?.[1];
    expect(/class="noise fault-side" d="M([\d.]+) /.exec(text)?.[1]).toBe(tail);
  });

  it("names the margins of 50 %, 99 % and all of the reads", () => {
    const text = drawn(marginPicture([margins("fault", quick)]));
    expect(text).toContain("with faults, 1,000 reads: half kept 49.9 ms or more, 99 % 45 ms, all 24 ms");
  });

  it("names the lateness of the machine", () => {
    const text = drawn(
      marginPicture([
        margins("fault", quick),
        noise("fault", [
          [1, 0.2],
          [9, 0.01],
          [30, 0.001],
        ]),
      ]),
    );
    expect(text).toContain("at one moment in a hundred a wake-up would have come 9 ms late or later, at worst 30 ms");
  });

  it("keeps excesses in the picture, left of the line, however large", () => {
    const late = drawn(marginPicture([margins("fault", [...quick.slice(0, 3), [-9_000, 0.001]])]));
    const line = Number(/class="budget" x1="([\d.]+)"/.exec(late)?.[1]);
    const end = Number(/class="tail fault-side" d="[^"]*H([\d.]+)V[\d.]+"/.exec(late)?.[1]);
    expect(end).toBeLessThan(line);
    expect(end).toBeGreaterThanOrEqual(96);
    expect(late).toContain("all -9,000 ms");
    expect(late).toContain(">≤ -50<");
    const inTime = drawn(marginPicture([margins("fault", quick)]));
    expect(inTime).not.toContain("≤");
    expect(Number(/class="budget" x1="([\d.]+)"/.exec(inTime)?.[1])).toBe(96);
    expect(drawn(marginPicture([margins("fault", [...quick, [-4, 0.000_1]])]))).toContain(">≤ -10<");
  });

  it("has the share of each curve under the pointer", () => {
    const text = drawn(marginPicture([margins("fault", quick), margins("control", [[49.5, 1]])]));
    expect(text).toContain("<title>45 ms: 1 % / 0 %</title>");
  });

  it("reaches the smallest share", () => {
    expect(drawn(marginPicture([margins("fault", quick)]))).toContain(">0.1 %<");
    const rare = drawn(marginPicture([margins("fault", [...quick, [20, 0.000_01]])]));
    expect(rare).toContain(">0.001 %<");
  });
});
