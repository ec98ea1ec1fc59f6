import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { judgeExpirySpread } from "../../../src/judges/time/expiry-spread.ts";
import {
  entry,
  gone,
  judgedBy,
  mode,
  node,
  read,
  registered,
  seenAt,
  stall,
  storeCall,
  trialOf,
} from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, register, Stage } from "../../simulate/judges/stage.ts";

/** 200 nodes that register within 100 ms, and expire as `due` says; as many answers cached within 50 ms, and refreshed. */
const count = 200;
const each = Array.from({ length: count }, (_, index) => index);
const even = (index: number) => 1_600 + (index * 800) / count;
const atOnce = () => 2_000;

function observed(due: (index: number) => number, registeredWithin = 100) {
  return [
    ...each.map((index) => seenAt((index * registeredWithin) / count, entry(index + 1, registered(`n${index}`)))),
    ...each.map((index) => seenAt(due(index), entry(count + index + 1, gone("expired", `n${index}`)))),
  ];
}

const shown = { found: true, source: "l2", stale: false, age_ms: 0, mode: "normal", node: node(1) };
const reading = (index: number, at: number) => read(at, at + 1, { node: `n${index}`, read: shown });
/** Each for the first time, and one when the last refresh is past. */
const cached = [...each.map((index) => reading(index, index / 4)), reading(0, 1_300)];
const refreshed = (due: (index: number) => number) => each.map((index) => storeCall(due(index), due(index) + 1));
const evenly = (index: number) => 801 + (index * 440) / count;

describe("C1", () => {
  it("holds when what was written at once comes due over the time that jitter gives it", () => {
    const judged = judgedBy(
      "C1",
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(even) }),
    );
    expect(judged).toMatchObject({ verdict: "held", exercised: 400 });
    for (const { value } of judged.measures) expect(value).toBeLessThan(1.3);
  });

  it("is violated when all expire at once", () => {
    const judged = judgedBy(
      "C1",
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(atOnce) }),
    );
    expect(judged.violations[0]?.[0]).toBe(
      "200 of 200 nodes expired within 112.4 ms, 8.0 times the mean, allowed 2 times",
    );
  });

  it("is violated when all are refreshed at once", () => {
    const history = [...cached, ...refreshed(() => 1_000)];
    expect(judgedBy("C1", trialOf({ history, observations: observed(even) })).verdict).toBe("violated");
  });

  it("is violated when all expire at once at a time that no jitter lets them", () => {
    for (const due of [() => 2_700, () => 1_200]) {
      const judged = judgedBy(
        "C1",
        trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(due) }),
      );
      expect(judged.violations[0]?.[0]).toMatch(/^200 of 200 nodes expired/);
    }
  });

  /** Expiries due from 1,700 ms on wait until 2,000. */
  const heldUp = (index: number) => (even(index) < 1_700 ? even(index) : Math.max(even(index), 2_000));

  it("is unknown when the machine or a degraded instance had held the work up", () => {
    const calm = [...cached, ...refreshed(evenly)];
    const disturbances: readonly (readonly HistoryEvent[])[] = [
      [stall(1_700, 300)],
      [{ kind: "starved", since: 1_700, at: 2_000, process: "redis-0", waited: 290 }],
      [mode(1_900, "normal", "l2_only")],
      // Long before the first was due, and back when many were.
      [mode(1_000, "normal", "l2_only"), mode(1_950, "l2_only", "normal")],
    ];
    for (const disturbance of disturbances) {
      const judged = judgedBy("C1", trialOf({ history: [...calm, ...disturbance], observations: observed(heldUp) }));
      expect(judged.verdict).toBe("unknown");
    }
    expect(judgedBy("C1", trialOf({ history: calm, observations: observed(heldUp) })).verdict).toBe("violated");
  });

  it("is not excused by a stall that is too short for it, or at another time", () => {
    for (const disturbance of [stall(1_900, 100), stall(2_200, 400), stall(600, 400)]) {
      const history = [...cached, ...refreshed(evenly), disturbance];
      expect(judgedBy("C1", trialOf({ history, observations: observed(atOnce) })).verdict).toBe("violated");
    }
  });

  it("is not excused by an instance that was degraded at another time", () => {
    const departures = [mode(1_000, "normal", "l2_only"), mode(1_200, "l2_only", "normal")];
    const history = [...cached, ...refreshed(evenly), ...departures, mode(2_300, "normal", "l2_only")];
    expect(judgedBy("C1", trialOf({ history, observations: observed(atOnce) })).verdict).toBe("violated");
  });

  describe("when the observer paused from 1,600 ms to 2,000 ms", () => {
    const times = [...each.map((index) => 20 * index).filter((at) => at <= 1_600 || at >= 2_000)];
    const looks = times.map((at) => ({ kind: "observer_read", at, took: 1, partition: 0 }) as const);
    const judged = (due: (index: number) => number) => {
      const history = [...cached, ...refreshed(evenly), ...looks];
      const seen = (index: number) => times.find((at) => at >= due(index)) ?? due(index);
      return judgedBy("C1", trialOf({ history, observations: observed(seen) })).verdict;
    };

    it("is unknown where it saw all of that time at once, and never held", () => {
      expect(judged(even)).toBe("unknown");
      expect(judged(() => 1_800)).toBe("unknown");
    });

    it("is violated by a burst of the same size that it saw in time", () => {
      expect(judged((index) => (even(index) < 2_050 ? even(index) : 2_060))).toBe("violated");
    });
  });

  describe("when the store held deadlines back, since nothing had swept for a while", () => {
    // No instance sweeps from 300 ms to 400 ms, so nothing expires until one shortest TTL, 1,600 ms, has passed.
    const heldBack = (index: number) => Math.max(2_000, even(index));
    const terms = { ...trialOf({}).terms, sweepInterval: 30 };
    const away = (from: number, to: number, instance = 0) => [
      { ...mode(from, "normal", "l2_only"), instance },
      { ...mode(to, "l2_only", "normal"), instance },
    ];
    const judged = (departures: readonly HistoryEvent[], due = heldBack, instances = 1) => {
      const history = [...cached, ...refreshed(evenly), ...departures];
      return judgedBy("C1", trialOf({ history, observations: observed(due), terms, instances })).verdict;
    };

    it("is unknown, and never held", () => expect(judged(away(300, 400))).toBe("unknown"));

    it.each([
      ["one of two instances swept meanwhile", away(300, 400), heldBack, 2],
      ["it was away for a moment", away(380, 400), heldBack, 1],
      ["they expired before that was over", away(900, 1_000), heldBack, 1],
      ["they expired long after it", away(300, 400), () => 2_380, 1],
    ] as const)("is violated where %s", (_why, departures, due, instances) => {
      expect(judged(departures, due, instances)).toBe("violated");
    });
  });

  it.each([
    [
      "little was written",
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(even).slice(0, 99) }),
    ],
    [
      "it was not written at once",
      trialOf({ history: [...cached, ...refreshed(evenly)], observations: observed(even, 900) }),
    ],
    ["nothing was cached", trialOf({ observations: observed(even) })],
    [
      "the run ended when many, but not all had expired",
      trialOf({
        history: [...cached, ...refreshed(evenly)],
        observations: observed(even).filter(({ at }) => at < 2_050),
      }),
    ],
    [
      "the first were due before the load began",
      trialOf({
        history: [...cached, ...refreshed(evenly)],
        observations: observed(atOnce).map((one) => ({ ...one, at: one.at - 1_700 })),
      }),
    ],
    [
      "reads had ended when the last refresh was due",
      trialOf({
        history: [
          ...cached.slice(0, count),
          reading(0, 1_000),
          ...refreshed(evenly).filter(({ from }) => from < 1_030),
        ],
        observations: observed(even),
      }),
    ],
    [
      "most refreshes were made when none was due",
      trialOf({
        history: [...cached, ...refreshed((index) => (index < 95 ? 1_000 : 2_000))],
        observations: observed(even),
      }),
    ],
  ])("is not exercised where %s", (_what, trial) => {
    expect(judgedBy("C1", trial).verdict).toBe("not_exercised");
  });
});

describe("C1 in simulation", () => {
  const count = 120;

  function wave(expiredAt: (index: number) => number): Stage {
    const stage = new Stage(inSimulation(judgeExpirySpread), {
      settings: { heartbeatTtl: 1_000, l1Ttl: 1_000, missTtl: 100 },
    });
    const names = Array.from({ length: count }, (_, index) => `n${index}`);
    for (const [index, node] of names.entries()) stage.run(index / 10, { ...register(node), ttl: 788 } as Asked);
    for (const [index, node] of names.entries()) {
      stage.read(index / 10, stage.content(node));
      const place = { kind: "settled", at: 0, instance: 0, request: 1, script: "changes_since", partition: 0 } as const;
      stage.hear({ ...place, from: 800 + (400 * index) / count, deadline: 30, outcome: "answered" });
    }
    // Somebody still reads when the last of them is due to be refreshed.
    stage.read(1_300, stage.content("n0"));
    for (const [index, node] of names.entries()) {
      stage.run(expiredAt(index), {
        kind: "sweep",
        retention: 1_000_000,
        limit: 10,
        jobLimit: 1_000,
        offset: 0,
        gap: 86_400_000,
        grace: 0,
        candidates: [node],
      });
    }
    return stage;
  }

  it("holds where what was written at once comes due over the whole of the jitter", () => {
    const stage = wave((index) => 801 + (410 * index) / count);
    expect(stage.finish()).toMatchObject({ verdict: "held" });
  });

  it("is violated where it comes due at once", () => {
    const stage = wave(() => 1_100);
    expect(stage.finish().violations[0]?.[0]).toMatch(/nodes expired within .* times the mean, allowed 2 times/);
  });

  it("is not exercised by few", () => {
    const stage = new Stage(inSimulation(judgeExpirySpread));
    stage.run(1, register());
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });
});
