import { describe, expect, it } from "vitest";
import { behindOf } from "../../../src/check/observed/behind.ts";
import type { Entry } from "../../../src/check/observed/observation.ts";
import { dump, entry, registered, seenAt, trialOf, view } from "../trials.ts";

function changed(at: number, sequence: number, epoch = "e1"): Entry {
  return seenAt(at, entry(sequence, registered(), epoch));
}

describe("how far a view is behind the store", () => {
  it("counts the changes that it has not taken in, from when the store has them until it has", () => {
    const observations = [changed(10, 1), changed(20, 2), changed(30, 3)];
    const history = [view(15, 1), view(40, 3)];
    expect(behindOf(trialOf({ history, observations }))).toEqual([
      [
        [10, 1],
        [15, 0],
        [20, 1],
        [30, 2],
        [40, 0],
      ],
    ]);
  });

  it("counts a new epoch as a change of its own, beside those that came in it", () => {
    const observations = [changed(10, 1), { ...dump(0, [], "e2"), at: 50 }, changed(60, 1, "e2")];
    const history = [view(15, 1), view(70, 1, 0, "e2")];
    expect(behindOf(trialOf({ history, observations }))[0]?.slice(2)).toEqual([
      [50, 1],
      [60, 2],
      [70, 0],
    ]);
  });

  it("is nothing for a view that is a look ahead of the observer", () => {
    const observations = [changed(10, 1), changed(30, 2)];
    expect(behindOf(trialOf({ history: [view(12, 1), view(25, 2)], observations }))[0]?.at(-1)).toEqual([12, 0]);
  });

  it("takes a view between two versions that were seen for as far as the first of them", () => {
    const observations = [changed(10, 1), changed(20, 2), changed(30, 9)];
    expect(behindOf(trialOf({ history: [view(40, 5)], observations }))[0]?.at(-1)).toEqual([40, 1]);
  });

  it("adds up the partitions, each by its own numbers", () => {
    const observations = [changed(10, 7), { ...changed(20, 3), partition: 1 }];
    const views = [
      { epoch: "e1", sequence: 7 },
      { epoch: "e1", sequence: 3 },
    ];
    const history = [
      view(5, 0),
      { ...view(40, 7), views },
      { ...view(5, 0), views: [null, { epoch: "e1", sequence: 0 }] },
    ];
    expect(behindOf(trialOf({ history, observations }))[0]).toEqual([
      [5, 0],
      [10, 1],
      [20, 2],
      [40, 0],
    ]);
  });

  it("is computed for each instance by itself, and not at all for one that was not looked at", () => {
    const observations = [changed(10, 1)];
    const reported = behindOf(trialOf({ history: [view(5, 0), view(12, 1)], observations, instances: 2 }));
    expect(reported.map((points) => points.length)).toEqual([3, 0]);
  });

  it("begins with the load: what was there before it counts as of then", () => {
    const observations = [changed(-40, 1), changed(-20, 2)];
    expect(behindOf(trialOf({ history: [view(0, 1), view(30, 2)], observations }))[0]).toEqual([
      [0, 1],
      [30, 0],
    ]);
  });
});
