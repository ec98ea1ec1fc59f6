/** V2 over histories written by hand, in both worlds. */
import { describe, expect, it } from "vitest";
import type { Partition } from "../../model/partition/partition.ts";
import type { NodeContent, ReadAnswer } from "../../src/check/history.ts";
import type { Judgement, Trial } from "../../src/check/judgement.ts";
import { judgeCacheTruth } from "../../src/judges/answers/cache-truth.ts";
import { judgeRecorded } from "../../src/judges/recorded/run.ts";
import { call, dump, entry, job, node, read, registered, seenAt, stall, trialOf, view } from "../check/trials.ts";
import { inSimulation } from "../simulate/judges/in-simulation.ts";
import { register, reserve, Stage, splitAfterFailover } from "../simulate/judges/stage.ts";

const judgedIn = (trial: Trial): Judgement => judgeRecorded(judgeCacheTruth, trial);
const feed = [entry(1, registered()), entry(2, job("reserved", "a", 1)), entry(3, job("completed", "a", 0))];
const second = [entry(1, registered("n1", "e2:1"), "e2")];
const secondNode = node(1, { incarnation: "e2:1", version: { epoch: "e2", sequence: 1 } });

function shown(from: number, to: number, content: NodeContent, source = "l1") {
  return read(from, to, { read: { found: true, source, stale: false, age_ms: 1, mode: "normal", node: content } });
}

/** Version 1: registered. Both instances have followed it there. */
function followed(): Stage {
  const stage = new Stage(inSimulation(judgeCacheTruth));
  stage.run(1, register());
  for (const instance of [0, 1]) stage.view(1, stage.version(), instance);
  return stage;
}

describe("V2 in a recorded run", () => {
  it("holds for answers that the store once held, in their order", () => {
    const history = [
      shown(1, 2, node(1)),
      shown(3, 4, node(2, { current_jobs: 1 })),
      shown(5, 6, node(2, { current_jobs: 1 })),
    ];
    expect(judgedIn(trialOf({ history, observations: feed }))).toMatchObject({ verdict: "held", exercised: 3 });
  });

  it("is violated by half of a state", () => {
    const judged = judgedIn(trialOf({ history: [shown(1, 2, node(2))], observations: feed }));
    expect(judged.violations[0]?.[1]).toContain("current_jobs 0 instead of 1");
  });

  it("is violated by a version at which nothing happened to the node", () => {
    const other = entry(2, { kind: "health", node: "n2", health_milli: 1 });
    const observations = [entry(1, registered()), other, entry(3, job("reserved", "a", 1))];
    expect(judgedIn(trialOf({ history: [shown(1, 2, node(2))], observations })).verdict).toBe("violated");
  });

  it("is violated by an older answer after a newer one", () => {
    const history = [shown(1, 2, node(3)), shown(3, 4, node(2, { current_jobs: 1 }))];
    const judged = judgedIn(trialOf({ history, observations: feed }));
    expect(judged.violations[0]?.[0]).toBe("instance 0 showed node n1 at e1:2 after it had shown e1:3");
  });

  it("takes what a selection shows for an answer too", () => {
    const selected = call({ op: "select_nodes", from: 1, to: 2, reply: "normal", selected: [node(3)] });
    const older = shown(3, 4, node(2, { current_jobs: 1 }));
    expect(judgedIn(trialOf({ history: [selected], observations: feed })).verdict).toBe("held");
    expect(judgedIn(trialOf({ history: [selected, older], observations: feed })).verdict).toBe("violated");
  });

  it("lets reads that overlap come back in any order", () => {
    const history = [shown(1, 5, node(3)), shown(3, 6, node(2, { current_jobs: 1 }))];
    expect(judgedIn(trialOf({ history, observations: feed })).verdict).toBe("held");
  });

  it("is violated by an answer of an earlier epoch after one of a later", () => {
    const history = [shown(1, 2, secondNode), shown(3, 4, node(3))];
    expect(judgedIn(trialOf({ history, observations: [...feed, ...second] })).verdict).toBe("violated");
    expect(
      judgedIn(
        trialOf({
          history: history.toReversed().map((one, at) => ({ ...one, from: at * 2, to: at * 2 + 1 })),
          observations: [...feed, ...second],
        }),
      ).verdict,
    ).toBe("held");
  });

  it("is violated by what the instance's own view was seen to be past when it was asked", () => {
    const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
      judgedIn(trialOf({ history, observations: feed }));
    const answer = { found: true, source: "l1", stale: true, age_ms: 30, mode: "normal" };
    const older = read(20, 22, { read: { ...answer, node: node(2, { current_jobs: 1 }) } });
    expect(judged(view(2, 2), view(21, 3), older).violations).toEqual([]);
    expect(judged(view(16, 3), older).violations).toEqual([]);
    expect(judged(view(14, 3), older).violations[0]?.[0]).toBe(
      "instance 0 showed node n1 at e1:2 although its view had come to e1:3, where the node was another",
    );
  });

  it.each([
    ["by another epoch first", "held", [view(2, 4, 0, "e2"), shown(13, 15, node(3))]],
    ["and by its next change", "violated", [view(2, 5, 0, "e2"), shown(13, 15, node(3))]],
  ] as const)(
    "takes what was changed before the first look at an epoch for what was left, %s",
    (_, verdict, history) => {
      const next = [...second, entry(5, job("reserved", "b", 1), "e2")].map((one) => ({
        ...one,
        change: one.change.kind === "registered" ? { ...one.change, node: "n2" } : one.change,
      }));
      const observations = [...feed, ...next, dump(5, [], "e2")];
      expect(judgedIn(trialOf({ history, observations })).verdict).toBe(verdict);
    },
  );

  it("is open about a change whose content is not known", () => {
    const observations = [dump(0, [], "e1"), entry(2, job("reserved", "a", 1)), entry(3, job("completed", "a", 0))];
    const judged = judgedIn(trialOf({ history: [shown(4, 5, node(3))], observations }));
    expect(judged).toMatchObject({ verdict: "not_exercised", violations: [] });
  });

  it("knows what a new epoch found", () => {
    const found = dump(0, [[node(3), []]], "e2");
    expect(judgedIn(trialOf({ history: [shown(1, 2, node(3))], observations: [found] })).verdict).toBe("held");
  });

  it("is unknown for versions that the observer may not have seen, with their share, and violated by those that never were", () => {
    const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
      judgedIn(trialOf({ history, observations: feed }));
    const open = judged(shown(1, 2, node(1)), shown(5, 6, node(7)));
    expect(open).toMatchObject({ verdict: "unknown", exercised: 1, cause: "unobserved" });
    expect(open.reason).toContain("1 of 2 (50.0 %)");
    expect(open.measures).toContainEqual({ name: "unseen_percent", value: 50 });
    expect(judged(shown(1, 2, node(7))).violations[0]?.[1]).toContain("the store never had that version");
    const elsewhere = node(1, { version: { epoch: "e9", sequence: 1 } });
    expect(judged(shown(1, 2, elsewhere)).verdict).toBe("violated");
  });

  it.each([
    [{ status: "purple" }, 'status "purple"'],
    [{ current_jobs: -5 }, "current_jobs -5"],
    [{ current_jobs: 0.5 }, "current_jobs 0.5"],
    [{ current_jobs: 3 }, "current_jobs 3, allowed max_jobs 2 at most"],
  ])("is violated by what no node can be, whatever its version: %o", (parts, what) => {
    const strange = node(7, { ...parts, version: { epoch: "e9", sequence: 7 } });
    const history = [shown(1, 2, node(1)), shown(9, 10, strange)];
    expect(judgedIn(trialOf({ history, observations: feed })).violations[0]?.[1]).toContain(what);
  });

  it.each([
    ["a node that is not there", { found: true, node: null }, "found: true, and no node"],
    ["a node that was not found", { found: false }, "found: false, and node n1"],
    ["another node", { node: node(1, { node: "n2" }) }, "node n2"],
  ])("is violated by an answer that shows %s", (_, parts, what) => {
    const one = shown(1, 2, node(1));
    const history = [{ ...one, read: { ...one.read, ...parts } as ReadAnswer }];
    const judged = judgedIn(trialOf({ history, observations: feed }));
    expect(judged.violations[0]?.[0]).toBe(
      `instance 0 was asked for node n1 and showed ${what}, allowed the node itself or none`,
    );
    expect(judged.blamed?.[0]).toEqual([one.id]);
  });

  describe("by the age that an answer has by its own word", () => {
    // L1 keeps an answer for 1,000 ms, or a fifth longer; a read may take 50 ms.
    const aged = (age_ms: number, parts: Partial<ReadAnswer> = {}, from = 5_000) => {
      const one = shown(from, from + 10, node(3));
      return { ...one, read: { ...one.read, source: "l2", age_ms, ...parts } as ReadAnswer };
    };
    const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
      judgedIn(trialOf({ history, observations: feed })).violations.map(([first]) => first);

    it.each([
      ["l1", 1_250],
      ["l2", 60],
      ["redis", 60],
      ["none", 60],
    ])("is violated where it is given for confirmed, from %s, and is older than that can be", (source, oldest) => {
      expect(judged(aged(oldest, { source }))).toEqual([]);
      expect(judged(aged(oldest + 1, { source, stale: true }))).toEqual([]);
      expect(judged(aged(oldest + 1, { source }))).toEqual([
        `instance 0 gave an answer about node n1 for confirmed that was ${oldest + 1} ms old, allowed ${oldest} ms`,
      ]);
      expect(judged(aged(-1, { source }))[0]).toContain("that was of no age");
    });

    it("excuses what the process paused for", () => {
      expect(judged(stall(4_980, 20), aged(75))).toEqual([]);
      expect(judged(stall(4_980, 20), aged(81))).toHaveLength(1);
      expect(judged(stall(4_890, 116), aged(176))).toEqual([]);
      expect(judged(stall(4_890, 116), aged(177))).toHaveLength(1);
      expect(judged(stall(5_000, 8), aged(1_258, { source: "l1" }))).toEqual([]);
      expect(judged(stall(4_000, 900), aged(1_258, { source: "l1" }))).toHaveLength(1);
    });

    it("is violated where the node was another already at the time that it names", () => {
      const next = seenAt(4_000, entry(4, { kind: "health", node: "n1", health_milli: 1 }));
      const reported = (age: number) =>
        judgedIn(trialOf({ history: [aged(age, { stale: true })], observations: [...feed, next] })).violations;
      expect(reported(1_000)).toEqual([]);
      expect(reported(998)[0]).toEqual([
        "instance 0 said of node n1 that it had been so 998 ms before, allowed is only what was true then",
        "asked at 5000 ms, answered from l2, stale: true; it had changed at 4000 ms",
      ]);
    });

    it("says nothing of a partition that two servers may have reported", () => {
      const next = seenAt(4_000, entry(4, { kind: "health", node: "n1", health_milli: 1 }));
      const observations = [...feed, next, seenAt(4_500, dump(0, [[node(3), []]], "e2"))];
      const history = [aged(0, { stale: true })];
      expect(judgedIn(trialOf({ history, observations })).violations).toEqual([]);
    });
  });

  it("is not exercised by answers from Redis alone", () => {
    const history = [shown(1, 2, node(1), "redis")];
    expect(judgedIn(trialOf({ history, observations: feed })).verdict).toBe("not_exercised");
  });
});

describe("V2 in a simulated run", () => {
  it("holds where caches show what the store held, older things only to who asked before", () => {
    const stage = followed();
    const old = stage.content();
    stage.run(2, reserve("a"));
    stage.read(3, old);
    stage.read(4, stage.content());
    stage.read(3.5, old, { to: 5 });
    stage.select(6, [stage.content()]);
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 4 });
  });

  it("is exercised by answers from caches only", () => {
    const stage = followed();
    stage.read(3, stage.content(), { source: "redis" });
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    [
      "what was not asked for",
      (stage: Stage) => stage.read(3, { ...stage.content() }, { id: "m" }),
      /asked for node m and showed node n/,
    ],
    [
      "a node that is said not to be there",
      (stage: Stage) => stage.read(3, stage.content(), { found: false }),
      /found: false, and node n/,
    ],
    [
      "an answer given for confirmed that cannot have been",
      (stage: Stage) => stage.read(3, stage.content(), { age_ms: 51 }),
      /for confirmed that was 51 ms old, allowed 50 ms/,
    ],
    [
      "an age at which the node was another",
      (stage: Stage) => {
        const old = stage.content();
        stage.run(10, reserve("a"));
        stage.read(100, old, { age_ms: 95, stale: true });
        expect(stage.finish().violations).toEqual([]);
        stage.read(100, old, { age_ms: 80, stale: true });
      },
      /said of node n that it had been so 80 ms before/,
    ],
  ])("is violated by %s", (_, happen, story) => {
    const stage = followed();
    happen(stage);
    expect(stage.finish().violations[0]?.[0]).toMatch(story);
  });

  it("asks no age of an instance that paused, nor of a server that the instance has left", () => {
    const stage = followed();
    const old = stage.content();
    stage.instance(2, "paused");
    stage.instance(500, "resumed");
    stage.read(2, old, { to: 500, age_ms: 499 });
    stage.read(500, old, { age_ms: 499 });
    stage.run(510, reserve("a"));
    stage.promote(511, 2, stage.state());
    stage.read(600, old, { stale: true });
    expect(stage.finish().violations).toEqual([]);
  });

  it.each([
    ["another content at a version that it had", { current_jobs: 1 }, /current_jobs 1 instead of 0/],
    ["pools in part", { pools: [] }, /pools/],
    ["a version of another node", { node: "m" }, /no change of this node had that version/],
  ])("is violated by %s", (_, parts, story) => {
    const stage = followed();
    stage.read(3, { ...stage.content(), ...parts });
    expect(stage.finish().violations.flat().join("\n")).toMatch(story);
  });

  it("is violated by a version that the store has not reached, and by an epoch that there never was", () => {
    const stage = followed();
    const shown = stage.content();
    stage.read(3, { ...shown, version: { ...shown.version, sequence: 2 } });
    stage.read(4, { ...shown, version: { epoch: "00000000000000ff", sequence: 1 } });
    const { violations } = stage.finish();
    expect(violations[0]?.[1]).toMatch(/never had that version: it came to 1;/);
    expect(violations[1]?.[1]).toMatch(/never had that version: no such epoch;/);
  });

  it("is violated by an older version than one that was shown before, also in a new life, but not at another instance", () => {
    const stage = followed();
    const old = stage.content();
    stage.run(2, reserve("a"));
    stage.select(3, [stage.content()]);
    stage.read(4, old, { instance: 1 });
    expect(stage.finish().verdict).toBe("held");
    stage.read(4, old);
    expect(stage.finish().violations[0]?.[0]).toMatch(/showed node n at .*:1 after it had shown .*:2/);
    const next = followed();
    next.run(2, reserve("a"));
    next.read(3, next.content());
    next.instance(4, "crashed");
    next.view(4.5, { ...next.version(), sequence: 1 });
    next.read(5, old);
    expect(next.finish().verdict).toBe("violated");
  });

  it("holds where a new life follows a server that has less, and knows of no other", () => {
    const stage = followed();
    const old = stage.content();
    const lagging = stage.state();
    stage.run(2, reserve("a"));
    stage.read(3, stage.content());
    stage.instance(4, "crashed");
    stage.promote(4, 2, lagging);
    stage.run(5, { kind: "changes_since", since: { epoch: 1, sequence: 1 }, limit: 0 }, { server: 2 });
    stage.view(5, stage.version(2));
    stage.read(6, old);
    expect(stage.finish().verdict).toBe("held");
  });

  it("is violated by what the instance's own view knew to be past when it was asked", () => {
    const stage = followed();
    const old = stage.content();
    stage.run(2, reserve("a"));
    stage.view(3, stage.version());
    stage.read(3, old, { to: 5 });
    stage.read(4, old, { instance: 1 });
    expect(stage.finish().violations).toEqual([]);
    stage.read(4, old);
    expect(stage.finish().violations[0]?.[0]).toMatch(/although its view had come to .*:2, where the node was another/);
  });

  it("is violated by what was so in no epoch that the instance has followed, though the store held it", () => {
    const stage = followed();
    const { losing } = splitAfterFailover(stage);
    stage.run(9, reserve("a"), { server: losing });
    stage.read(10, stage.content("n", losing));
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /showed node n at .* and had followed no epoch in which it was so/,
    );
  });

  it("holds where an instance goes from one side of a split to the other, whichever began its epoch first, and not back", () => {
    const stage = followed();
    const { losing, winning } = splitAfterFailover(stage);
    stage.run(9, reserve("a"), { server: losing });
    stage.run(9, reserve("b"), { server: winning, instance: 1 });
    stage.view(10, stage.version(losing));
    const lost = stage.content("n", losing);
    stage.read(11, lost);
    stage.view(20, stage.version(winning));
    stage.read(21, stage.content("n", winning));
    expect(stage.finish().violations).toEqual([]);
    stage.read(22, lost);
    expect(stage.finish().violations[0]?.[0]).toMatch(/showed node n at .*:1 after it had shown .*:1/);
  });

  describe("across a failover to a replica that lags", () => {
    function failedOver(): { stage: Stage; lagging: Partition; lost: ReturnType<Stage["content"]> } {
      const stage = followed();
      const lagging = stage.state();
      stage.run(2, reserve("a"));
      const lost = stage.content();
      stage.read(3, lost);
      stage.promote(4, 2, lagging);
      stage.run(5, { kind: "changes_since", since: { epoch: 1, sequence: 2 }, limit: 0 }, { server: 2 });
      stage.view(5, stage.version(2));
      return { stage, lagging, lost };
    }

    it("holds where what was lost is followed by what there was before it", () => {
      const { stage } = failedOver();
      stage.read(6, stage.content("n", 2));
      expect(stage.finish().verdict).toBe("held");
    });

    it("is violated where what was lost comes back", () => {
      const { stage, lost } = failedOver();
      stage.read(6, stage.content("n", 2));
      stage.read(7, lost);
      expect(stage.finish().verdict).toBe("violated");
    });

    it("is violated where the new epoch is left for the old one", () => {
      const { stage, lost } = failedOver();
      stage.run(6, reserve("b"), { server: 2 });
      stage.read(7, stage.content("n", 2));
      stage.read(8, lost);
      expect(stage.finish().verdict).toBe("violated");
    });
  });
});
