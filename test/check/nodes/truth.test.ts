import { describe, expect, it } from "vitest";
import { judgeCacheTruth } from "../../../src/check/cache-truth.ts";
import { judgeConvergence } from "../../../src/check/convergence.ts";
import type { NodeContent, ReadAnswer } from "../../../src/check/history.ts";
import { dumpsOf } from "../../../src/check/observation.ts";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeSequences } from "../../../src/judges/sequences.ts";
import { call, dump, entry, job, node, read, registered, seenAt, stall, trialOf } from "../trials.ts";

const feed = [entry(1, registered()), entry(2, job("reserved", "a", 1)), entry(3, job("completed", "a", 0))];
const second = [entry(1, registered("n1", "e2:1"), "e2")];
const secondNode = node(1, { incarnation: "e2:1", version: { epoch: "e2", sequence: 1 } });

function shown(from: number, to: number, content: NodeContent, source = "l1") {
  return read(from, to, { read: { found: true, source, stale: false, age_ms: 1, mode: "normal", node: content } });
}

describe("V1", () => {
  it("holds for a feed without gaps", () => {
    const observations = [...feed, dump(3, [[node(3), []]]), ...second];
    expect(judgeRecorded(judgeSequences, trialOf({ observations }))).toMatchObject({ verdict: "held", exercised: 4 });
  });

  it("is open, whatever it looks like, where the observer says what it overlooked", () => {
    const observations = [feed[0], feed[2]].filter((one) => one !== undefined);
    expect(judge("V1", trialOf({ observations }))).toMatchObject({ verdict: "violated" });
    const overlooked = { kind: "overlooked", at: 1, partition: 0, epoch: "e1", from: 2, to: 2 } as const;
    const open = judge("V1", trialOf({ history: [overlooked], observations }));
    expect(open).toMatchObject({ verdict: "unknown", violations: [] });
    expect(open.reason).toContain("entries 2 to 2 of partition 0");
    expect(judge("V1", trialOf({ history: [overlooked] }))).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    ["a gap in the feed", [feed[0], feed[2]]],
    ["a sequence that came twice", [feed[0], feed[1], feed[1]]],
    ["a version without its entry", [feed[0], dump(2, [[node(2), []]])]],
    ["an epoch that came back", [...feed, ...second, entry(1, registered())]],
  ])("is violated by %s", (_what, observations) => {
    const seen = observations.filter((one) => one !== undefined);
    expect(judgeRecorded(judgeSequences, trialOf({ observations: seen })).verdict).toBe("violated");
  });

  it("is violated by a client that was told more than the store reached", () => {
    const told = read(1, 2, { op: "reserve_job", version: { epoch: "e1", sequence: 9 } });
    expect(
      judgeRecorded(judgeSequences, trialOf({ history: [told], observations: [...feed, dump(3, [])] })).verdict,
    ).toBe("violated");
  });

  it("says nothing of a configuration, whose feed nobody follows", () => {
    const stored = call({ op: "put_config", from: 1, to: 2, reply: "stored", version: { epoch: "cfg", sequence: 1 } });
    expect(judge("V1", trialOf({ history: [stored], observations: [...feed, dump(3, [])] }))).toMatchObject({
      verdict: "held",
    });
  });

  it.each([
    ["of an epoch that nobody saw", { epoch: "e9", sequence: 1 }, "violated"],
    ["of such an epoch after the observer's last look", { epoch: "e9", sequence: 1 }, "unknown", 50],
  ])("is open or violated by a version %s", (_, version, verdict, from = 1) => {
    const told = call({ op: "reserve_job", node: "n1", from, to: from + 1, reply: "full", version });
    expect(
      judgeRecorded(judgeSequences, trialOf({ history: [told], observations: [...feed, dump(3, [])] })).verdict,
    ).toBe(verdict);
  });

  it("is not exercised by an empty store", () => {
    expect(judgeRecorded(judgeSequences, trialOf({})).verdict).toBe("not_exercised");
  });
});

describe("V2", () => {
  it("holds for answers that the store once held, in their order", () => {
    const history = [
      shown(1, 2, node(1)),
      shown(3, 4, node(2, { current_jobs: 1 })),
      shown(5, 6, node(2, { current_jobs: 1 })),
    ];
    expect(judgeCacheTruth(trialOf({ history, observations: feed }))).toMatchObject({ verdict: "held", exercised: 3 });
  });

  it("is violated by half of a state", () => {
    const judged = judgeCacheTruth(trialOf({ history: [shown(1, 2, node(2))], observations: feed }));
    expect(judged.violations[0]?.[1]).toContain("current_jobs 0 instead of 1");
  });

  it("is violated by a version at which nothing happened to the node", () => {
    const other = entry(2, { kind: "health", node: "n2", health_milli: 1 });
    const observations = [entry(1, registered()), other, entry(3, job("reserved", "a", 1))];
    expect(judgeCacheTruth(trialOf({ history: [shown(1, 2, node(2))], observations })).verdict).toBe("violated");
  });

  it("is violated by an older answer after a newer one", () => {
    const history = [shown(1, 2, node(3)), shown(3, 4, node(2, { current_jobs: 1 }))];
    const judged = judgeCacheTruth(trialOf({ history, observations: feed }));
    expect(judged.violations[0]?.[0]).toBe("instance 0 showed node n1 at e1:2 after it had shown e1:3");
  });

  it("takes what a selection shows for an answer too", () => {
    const selected = call({ op: "select_nodes", from: 1, to: 2, reply: "normal", selected: [node(3)] });
    const older = shown(3, 4, node(2, { current_jobs: 1 }));
    expect(judgeCacheTruth(trialOf({ history: [selected], observations: feed })).verdict).toBe("held");
    expect(judgeCacheTruth(trialOf({ history: [selected, older], observations: feed })).verdict).toBe("violated");
  });

  it("lets reads that overlap come back in any order", () => {
    const history = [shown(1, 5, node(3)), shown(3, 6, node(2, { current_jobs: 1 }))];
    expect(judgeCacheTruth(trialOf({ history, observations: feed })).verdict).toBe("held");
  });

  it("is violated by an answer of an earlier epoch after one of a later", () => {
    const history = [shown(1, 2, secondNode), shown(3, 4, node(3))];
    expect(judgeCacheTruth(trialOf({ history, observations: [...feed, ...second] })).verdict).toBe("violated");
    expect(
      judgeCacheTruth(
        trialOf({
          history: history.toReversed().map((one, at) => ({ ...one, from: at * 2, to: at * 2 + 1 })),
          observations: [...feed, ...second],
        }),
      ).verdict,
    ).toBe("held");
  });

  it("knows what a new epoch found", () => {
    const found = dump(0, [[node(3), []]], "e2");
    expect(judgeCacheTruth(trialOf({ history: [shown(1, 2, node(3))], observations: [found] })).verdict).toBe("held");
  });

  it("is unknown for versions that the observer may not have seen, with their share, and violated by those that never were", () => {
    const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
      judgeCacheTruth(trialOf({ history, observations: feed }));
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
    expect(judgeCacheTruth(trialOf({ history, observations: feed })).violations[0]?.[1]).toContain(what);
  });

  it.each([
    ["a node that is not there", { found: true, node: null }, "found: true, and no node"],
    ["a node that was not found", { found: false }, "found: false, and node n1"],
    ["another node", { node: node(1, { node: "n2" }) }, "node n2"],
  ])("is violated by an answer that shows %s", (_, parts, what) => {
    const one = shown(1, 2, node(1));
    const history = [{ ...one, read: { ...one.read, ...parts } as ReadAnswer }];
    const judged = judgeCacheTruth(trialOf({ history, observations: feed }));
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
      judgeCacheTruth(trialOf({ history, observations: feed })).violations.map(([first]) => first);

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

    it("excuses what the process stood still for", () => {
      expect(judged(stall(4_980, 20), aged(75))).toEqual([]);
      expect(judged(stall(4_980, 20), aged(81))).toHaveLength(1);
      // Longer than an answer may be old at all.
      expect(judged(stall(4_890, 116), aged(176))).toEqual([]);
      expect(judged(stall(4_890, 116), aged(177))).toHaveLength(1);
    });

    it("is violated where the node was another already at the time that it names", () => {
      const next = seenAt(4_000, entry(4, { kind: "health", node: "n1", health_milli: 1 }));
      const told = (age: number) =>
        judgeCacheTruth(trialOf({ history: [aged(age, { stale: true })], observations: [...feed, next] })).violations;
      expect(told(1_000)).toEqual([]);
      expect(told(998)[0]).toEqual([
        "instance 0 said of node n1 that it had been so 998 ms before, allowed is only what was true then",
        "asked at 5000 ms, answered from l2, stale: true; it had changed at 4000 ms",
      ]);
    });

    it("says nothing of a partition that two servers may have told of", () => {
      const next = seenAt(4_000, entry(4, { kind: "health", node: "n1", health_milli: 1 }));
      const observations = [...feed, next, seenAt(4_500, dump(0, [[node(3), []]], "e2"))];
      const history = [aged(0, { stale: true })];
      expect(judgeCacheTruth(trialOf({ history, observations })).violations).toEqual([]);
    });
  });

  it("is not exercised by answers from Redis alone", () => {
    const history = [shown(1, 2, node(1), "redis")];
    expect(judgeCacheTruth(trialOf({ history, observations: feed })).verdict).toBe("not_exercised");
  });
});

describe("V3", () => {
  const phases = [
    { kind: "phase", at: 90, name: "healed" },
    { kind: "phase", at: 100, name: "quiet" },
  ] as const;
  const held = [...feed, dump(3, [[node(3), []]])];
  const sample = (at: number, sequence: number, nodes: readonly NodeContent[]) =>
    ({ kind: "sample", at, instance: 0, mode: "normal", views: [{ epoch: "e1", sequence }], nodes }) as const;

  it("holds from the first sample on that equals the store for good", () => {
    const history = [...phases, sample(110, 2, [node(2)]), sample(300, 3, [node(3)]), sample(320, 3, [node(3)])];
    const judged = judgeConvergence(trialOf({ history, observations: held }));
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toContainEqual({ name: "time_to_convergence_ms_max", value: 200, threshold: 500 });
  });

  it.each([
    ["it comes too late", [sample(110, 2, []), sample(601, 3, [node(3)])]],
    ["the version stays behind", [sample(110, 2, [node(3)])]],
    ["the content differs at the same version", [sample(110, 3, [node(3, { current_jobs: 1 })])]],
    ["a node is missing", [sample(110, 3, [])]],
    ["a node is still there that the store has removed", [sample(110, 3, [node(3), node(2, { node: "n2" })])]],
    [
      "the view stays in an epoch that was left",
      [{ ...sample(110, 3, [node(3)]), views: [{ epoch: "e0", sequence: 3 }] }],
    ],
    ["it is lost again", [sample(110, 3, [node(3)]), sample(700, 2, [node(3)])]],
  ])("is violated when %s", (_what, samples) => {
    const observations = [...held, ...dumpsOf(held).map((one) => seenAt(710, one))];
    expect(judgeConvergence(trialOf({ history: [...phases, ...samples], observations })).verdict).toBe("violated");
  });

  it("is unknown where the view is at what nobody looked at any more", () => {
    const beyond = { ...sample(110, 3, [node(3)]), views: [{ epoch: "e1", sequence: 9 }] };
    expect(judgeConvergence(trialOf({ history: [...phases, beyond], observations: held }))).toMatchObject({
      verdict: "unknown",
      cause: "unobserved",
    });
  });

  it("is not exercised where nothing was looked at", () => {
    expect(judgeConvergence(trialOf({ history: phases, observations: held })).verdict).toBe("not_exercised");
  });
});
