/** Servers and proxies that were not given a processor: what that leaves open, and what it does not. */
import { describe, expect, it } from "vitest";
import type { HistoryEvent, ModeChange, Sample } from "../../../src/check/history.ts";
import { Noise } from "../../../src/check/timing/noise.ts";
import { Starvation } from "../../../src/check/timing/starvation.ts";
import { dump, faultFrom, judgedBy, mode, node, phase, read, stall, starved, storeCall, trialOf } from "../trials.ts";

describe("the time that servers and proxies waited for a processor", () => {
  const within = (from: number, to: number, ...history: readonly HistoryEvent[]) =>
    new Starvation(history).within(from, to);

  it("is what the proxy did, and that server which did for longest", () => {
    const waits = [starved("toxiproxy", 100, 5), starved("redis-0", 110, 3), starved("redis-1", 112, 4)];
    expect(within(90, 130, ...waits)).toBe(9);
    expect(within(90, 110, ...waits)).toBe(5);
    expect(within(130, 150, ...waits)).toBe(0);
    expect(within(90, 130)).toBe(0);
  });

  it("is never more than the time that it is asked of", () => {
    const waits = [starved("toxiproxy", 100, 30), starved("redis-0", 100, 30)];
    expect(within(110, 120, ...waits)).toBe(10);
    expect(within(125, 160, ...waits)).toBe(10);
  });

  it("may be as much as the host kept a processor, which is no more than that for a thread that also waited", () => {
    const frozen = { kind: "frozen", since: 100, at: 140, lasted: 30 } as const;
    expect(within(90, 150, frozen)).toBe(30);
    expect(within(90, 150, frozen, starved("toxiproxy", 100, 5))).toBe(30);
    expect(within(90, 150, frozen, starved("toxiproxy", 100, 35))).toBe(35);
    expect(within(130, 150, frozen)).toBe(10);
    expect(within(140, 150, frozen)).toBe(0);
    const kept = (processor: number) => ({ ...frozen, lasted: 20, processor });
    expect(within(90, 150, kept(0), kept(1))).toBe(40);
    expect(within(90, 150, frozen, kept(0))).toBe(30);
    expect(new Noise([frozen, starved("toxiproxy", 100, 5)]).worstWait).toBe(
      "the host of the machine kept a processor for 30 ms, at 140 ms",
    );
  });

  it("counts a wait that began before others and was reported after them", () => {
    const waits = [starved("toxiproxy", 140, 2), starved("toxiproxy", 100, 50)];
    expect(within(110, 135, ...waits)).toBe(25);
  });
});

describe("a departure from normal", () => {
  const left: ModeChange = mode(725, "normal", "l2_only");
  const call = storeCall(700, 725, { outcome: "deadline" });
  const blame = (change: ModeChange, ...history: readonly HistoryEvent[]) =>
    new Noise(history).blameForDeparture(change);

  it.each([
    ["the proxy", [starved("toxiproxy", 705, 12)]],
    ["the server", [starved("redis-0", 705, 12)]],
    ["both, one after the other", [starved("toxiproxy", 705, 6), starved("redis-0", 712, 6)]],
    [
      "no thread that it knows of, but a processor was kept by the host,",
      [{ kind: "frozen", since: 700, at: 720, lasted: 12 } as const],
    ],
    ["the proxy, and this process for the rest", [starved("toxiproxy", 705, 6), stall(712, 6)]],
  ])("may be the machine's where %s waited for a processor during the call that it was for", (_who, waits) => {
    expect(blame(left, call, ...waits)).toBe("unclear");
  });

  it.each([
    ["for too short", [call, starved("toxiproxy", 705, 9)]],
    ["before the call", [call, starved("toxiproxy", 680, 20)]],
    [
      "during one call of two that were past their deadline",
      [
        call,
        storeCall(690, 726, { outcome: "deadline" }),
        storeCall(717, 725, { outcome: "deadline", deadline: 8 }),
        starved("toxiproxy", 700, 14),
      ],
    ],
    ["during a call that was not past its deadline", [storeCall(710, 725), starved("toxiproxy", 705, 12)]],
    ["during a call of another instance", [{ ...call, instance: 1 }, starved("toxiproxy", 705, 12)]],
  ])("is the instance's where they did %s", (_when, history) => {
    expect(blame(left, ...history)).toBe("instance");
  });

  it("is the instance's where no deadline made it", () => {
    expect(blame({ ...left, cause: "left_epoch" }, call, starved("toxiproxy", 705, 12))).toBe("instance");
  });

  it("of an instance in a process of its own, whose calls are not seen, goes by what came before it", () => {
    const reported = { ...left, cause: "status" };
    expect(blame(reported, starved("toxiproxy", 680, 12))).toBe("unclear");
    expect(blame(reported, starved("toxiproxy", 640, 12))).toBe("instance");
  });

  it("is made by a call that still waits, too: the scheduler has a deadline of its own", () => {
    expect(blame(left, storeCall(699, 760), starved("toxiproxy", 705, 12))).toBe("unclear");
  });
});

describe("D3", () => {
  const around = [...faultFrom(100, 400), mode(130, "normal", "l2_only"), mode(500, "l2_only", "normal")];
  const again = [mode(730, "normal", "l2_only"), mode(900, "l2_only", "normal")];
  const judged = (...history: readonly HistoryEvent[]) => judgedBy("D3", trialOf({ history }));

  it("is unknown where the proxy may have made the second departure, and says what waited", () => {
    const call = storeCall(705, 730, { outcome: "deadline" });
    const { reason, verdict } = judged(...around, ...again, call, starved("toxiproxy", 706, 21));
    expect(verdict).toBe("unknown");
    expect(reason).toContain("toxiproxy waited for a processor for 21 ms, at 727 ms");
    expect(judged(...around, ...again, call).verdict).toBe("violated");
  });

  it("is unknown where the hop on its way may have made the second departure, alone or with the proxy", () => {
    const call = storeCall(705, 730, { outcome: "deadline" });
    expect(judged(...around, ...again, call, starved("hop", 706, 21)).verdict).toBe("unknown");
    expect(judged(...around, ...again, call, starved("hop", 706, 6), starved("toxiproxy", 712, 6)).verdict).toBe(
      "unknown",
    );
    expect(judged(...around, ...again, call, starved("hop", 706, 6)).verdict).toBe("violated");
    expect(judged(...around, ...again, call, starved("hop", 600, 21)).verdict).toBe("violated");
  });

  it("does not excuse one that flaps by one wait for all its departures", () => {
    const calls = [storeCall(705, 730, { outcome: "deadline" }), storeCall(975, 1_000, { outcome: "deadline" })];
    const third = [mode(1_000, "normal", "l2_only"), mode(1_200, "l2_only", "normal")];
    const history = [...around, ...again, ...third, ...calls];
    expect(judged(...history, starved("toxiproxy", 706, 21)).verdict).toBe("violated");
    expect(judged(...history, starved("toxiproxy", 706, 21), starved("toxiproxy", 980, 12)).verdict).toBe("unknown");
  });

  describe("of a late return", () => {
    const late = (at: number) => [
      ...faultFrom(100, 400),
      mode(130, "normal", "l2_only"),
      mode(at, "l2_only", "normal"),
    ];
    const end = phase("end", 5_000);

    it("is unknown where it was later by no more than they waited, and no less", () => {
      const waits = [starved("toxiproxy", 600, 60), starved("redis-0", 900, 40)];
      expect(judged(...late(1_500), ...waits, end).verdict).toBe("unknown");
      expect(judged(...late(1_501), ...waits, end).verdict).toBe("violated");
    });

    it("is unknown where each of its calls that failed may have, and it was back in time after the last", () => {
      const failed = [
        storeCall(1_000, 1_025, { outcome: "deadline" }),
        storeCall(1_900, 1_925, { outcome: "deadline" }),
      ];
      const one = starved("toxiproxy", 1_005, 15);
      expect(judged(...late(2_900), ...failed, one, starved("redis-0", 1_905, 15), end).verdict).toBe("unknown");
      expect(judged(...late(2_900), ...failed, one, end).verdict).toBe("violated");
    });
  });
});

describe("V3", () => {
  const sample = (at: number, sequence: number): Sample => {
    const nodes = sequence === 1 ? [node(1)] : [];
    return { kind: "sample", at, instance: 0, mode: "normal", views: [{ epoch: "e1", sequence }], nodes };
  };
  const judged = (...waits: readonly HistoryEvent[]) => {
    const history = [phase("healed", 0), phase("quiet", 0), sample(10, 0), sample(530, 1), ...waits, phase("end", 540)];
    return judgedBy("V3", trialOf({ history, observations: [dump(1, [[node(1), []]])] })).verdict;
  };

  it("is unknown where a view was later by no more than servers and proxies waited", () => {
    expect(judged(starved("toxiproxy", 200, 30))).toBe("unknown");
    expect(judged(starved("toxiproxy", 200, 28))).toBe("violated");
    expect(judged()).toBe("violated");
  });
});

describe("V3 of an instance that is degraded still, since before the load ended", () => {
  const sample = (at: number): Sample => {
    return { kind: "sample", at, instance: 0, mode: "l2_only", views: [{ epoch: "e1", sequence: 0 }], nodes: [] };
  };
  const judged = (...parts: readonly HistoryEvent[]) => {
    const history = [phase("healed", 400), phase("quiet", 400), sample(410), sample(1_010), ...parts];
    return judgedBy("V3", trialOf({ history, observations: [dump(1, [[node(1), []]])] })).verdict;
  };
  const left = mode(325, "normal", "l2_only");
  const call = storeCall(300, 325, { outcome: "deadline" });
  const wait = starved("toxiproxy", 302, 23);

  it("is unknown where the proxy may have made it leave", () => {
    expect(judged(left, call, wait)).toBe("unknown");
    expect(judged(left, call)).toBe("violated");
    expect(judged(mode(280, "normal", "l2_only"), call, wait)).toBe("violated");
  });

  it("is violated where another of its calls has failed since for no such reason", () => {
    expect(judged(left, call, wait, storeCall(500, 525, { outcome: "deadline" }))).toBe("violated");
    expect(judged(left, call, wait, storeCall(350, 351, { outcome: "disconnected" }))).toBe("violated");
  });
});

describe("what a scheduler owes whatever Redis does is not excused by it:", () => {
  const wait = starved("toxiproxy", 160, 60);

  it("a read (D1)", () => {
    expect(judgedBy("D1", trialOf({ history: [...faultFrom(100, 400), read(150, 230), wait] })).verdict).toBe(
      "violated",
    );
  });

  it("degradation (D2)", () => {
    const history = [...faultFrom(140, 400), mode(220, "normal", "l2_only"), wait];
    expect(judgedBy("D2", trialOf({ history })).verdict).toBe("violated");
  });

  it("the end of a call (K3)", () => {
    expect(judgedBy("K3", trialOf({ history: [...faultFrom(100, 400), storeCall(150, 210), wait] })).verdict).toBe(
      "violated",
    );
  });
});
