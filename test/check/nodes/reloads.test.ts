import { describe, expect, it } from "vitest";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeReloads } from "../../../src/judges/views/reloads.ts";
import { entry, gone, job, registered, request, seenAt, trialOf, view } from "../trials.ts";

const followed = [view(0, 1), view(60, 2)];
const observations = [entry(1, registered()), seenAt(50, entry(2, gone("offline")))];

describe("P1", () => {
  it("holds when members change and nothing is loaded whole", () => {
    const history = [...followed, request(70, { nodes: ["n2"] })];
    expect(judgeRecorded(judgeReloads, trialOf({ history, observations }))).toMatchObject({
      verdict: "held",
      exercised: 1,
    });
  });

  it("is violated by a load for which there was no reason", () => {
    const { verdict, violations } = judgeRecorded(
      judgeReloads,
      trialOf({ history: [...followed, request(70)], observations }),
    );
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe(
      "instance 0 loaded partition 0 whole, allowed only after an epoch change or a trimmed feed",
    );
  });

  it("counts a load once, however many pages it has", () => {
    const pages = [request(70), request(71, { page: "next" }), request(72, { page: "next" })];
    expect(
      judgeRecorded(judgeReloads, trialOf({ history: [...followed, ...pages], observations })).violations,
    ).toHaveLength(1);
  });

  it("allows one after an epoch change, which the observer may see a little later", () => {
    const next = [...observations, seenAt(100, entry(1, registered("n1", "e2:1"), "e2"))];
    const judged = judgeRecorded(judgeReloads, trialOf({ history: [...followed, request(90)], observations: next }));
    expect(judged.verdict).toBe("held");
    expect(judged.measures).toContainEqual({ name: "reloads_after_epoch_change", value: 1 });
  });

  it("allows one when the feed no longer has what comes next, and not one change before", () => {
    const changes = Array.from({ length: 12 }, (_, at) => seenAt(60, entry(3 + at, job("reserved", `j${at}`, 1))));
    const judged = (feedMax: number) =>
      judgeRecorded(
        judgeReloads,
        trialOf({
          history: [...followed, request(70)],
          observations: [...observations, ...changes],
          terms: { feedMax },
        }),
      );
    expect(judged(11).verdict).toBe("held"); // the view has 2, the feed 4 to 14
    expect(judged(12).verdict).toBe("violated"); // the feed has 3 to 14
  });

  it("allows the first load of an instance that holds nothing", () => {
    const history = [view(0, null), view(60, 2), request(-1)];
    expect(judgeRecorded(judgeReloads, trialOf({ history, observations })).violations).toEqual([]);
  });

  it("is not exercised where no member changed, or no instance followed", () => {
    const jobs = [entry(1, job("reserved", "a", 1))];
    expect(judgeRecorded(judgeReloads, trialOf({ history: followed, observations: jobs })).verdict).toBe(
      "not_exercised",
    );
    expect(judgeRecorded(judgeReloads, trialOf({ observations })).verdict).toBe("not_exercised");
    const seenLate = observations.map((one) => seenAt(700, one));
    const loaded = [view(0, null), view(60, 2)];
    expect(judgeRecorded(judgeReloads, trialOf({ history: loaded, observations: seenLate })).verdict).toBe(
      "not_exercised",
    );
  });
});
