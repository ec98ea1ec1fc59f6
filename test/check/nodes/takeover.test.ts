/** A server takes over that lacks the last writes: the store itself goes back, and only there may what is shown go back with it. */
import { describe, expect, it } from "vitest";
import type { NodeContent } from "../../../src/check/history.ts";
import { countMarks } from "../../../src/check/marks.ts";
import { lostWrites } from "../../../src/check/observed/lost-writes.ts";
import type { Dump, Entry, ObservedChange } from "../../../src/check/observed/observation.ts";
import { replayEpochs } from "../../../src/check/observed/replay.ts";
import { Succession } from "../../../src/check/observed/succession.ts";
import { judgeCacheTruth } from "../../../src/judges/answers/cache-truth.ts";
import { judgeFeedOrder } from "../../../src/judges/feed-order.ts";
import { judgeJobCounts } from "../../../src/judges/jobs/counts.ts";
import { judgeJobOnce } from "../../../src/judges/jobs/once.ts";
import { judgeLateHeartbeats } from "../../../src/judges/late-heartbeats.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeAcknowledged } from "../../../src/judges/writes/acknowledged.ts";
import { call, dump, entry, job, node, read, registered, seenAt, trialOf, view } from "../trials.ts";

const one = node(2, { current_jobs: 1 });
const two = node(3, { current_jobs: 2 });
/** Epoch e1 came to 3; who took over at 10 has it up to 2. */
const before = [
  entry(1, registered()),
  entry(2, job("reserved", "a", 1)),
  entry(3, job("reserved", "b", 2)),
  dump(3, [[two, ["a", "b"]]]),
];
const takeover: Dump = { ...dump(0, [[one, ["a"]]]), at: 10, version: null, left: { epoch: "e1", sequence: 2 } };
const after = [
  { ...entry(1, registered("n2", "e2:1"), "e2"), at: 12 },
  { ...entry(2, job("reserved", "c", 2), "e2"), at: 13 },
];
const observations = [...before, takeover, { ...takeover, at: 11.5 }, ...after];

function shown(from: number, content: NodeContent) {
  const answer = { found: true, source: "l1", stale: false, age_ms: 1, mode: "normal", node: content };
  return read(from, from + 1, { read: answer });
}
const three = node(2, { current_jobs: 2, version: { epoch: "e2", sequence: 2 } });

describe("an epoch that begins with less than the one before had", () => {
  it("is replayed from what was found, not from what was left", () => {
    const [, next] = replayEpochs(observations);
    expect([...(next?.base.get("n1")?.jobs ?? [])]).toEqual(["a"]);
    expect([...(next?.steps[1]?.after?.jobs ?? [])]).toEqual(["a", "c"]);
  });

  it("is what F1 and J1 hold the store against", () => {
    const other = node(1, { node: "n2", incarnation: "e2:1", version: { epoch: "e2", sequence: 1 } });
    const held = (content: NodeContent) => ({
      ...dump(
        2,
        [
          [content, ["a", "c"]],
          [other, []],
        ],
        "e2",
      ),
      at: 20,
    });
    const right = trialOf({ observations: [...observations, held(three)] });
    expect(judgeRecorded(judgeJobCounts, right).violations).toEqual([]);
    expect(judgeRecorded(judgeFeedOrder, right).violations).toEqual([]);
    const wrong = trialOf({ observations: [...observations, held({ ...three, current_jobs: 3 })] });
    expect(judgeRecorded(judgeJobCounts, wrong).verdict).toBe("violated");
    expect(judgeRecorded(judgeFeedOrder, wrong).verdict).toBe("violated");
  });
});

describe("V2 over a takeover", () => {
  it.each([
    ["what was found, after what was lost", [shown(4, two), shown(11, one), shown(14, three)], "held"],
    ["what was found, between two looks at who took over", [shown(4, two), shown(10, one)], "held"],
    ["it before anybody took over", [shown(4, two), shown(7, one)], "violated"],
    ["what was lost, after what was found", [shown(4, two), shown(11, one), shown(13, two)], "violated"],
    ["what was lost, after the next epoch", [shown(14, three), shown(16, two)], "violated"],
    ["a version that was not observed", [shown(4, two), shown(11, node(4))], "unknown"],
  ])("shows %s", (_what, history, verdict) => {
    expect(judgeRecorded(judgeCacheTruth, trialOf({ history, observations })).verdict).toBe(verdict);
  });
});

describe("D4 over a takeover", () => {
  const reported = (jobId: string, sequence: number, epoch = "e1") =>
    call({
      ...{ op: "reserve_job", node: "n1", job: jobId, from: 4, to: 5, reply: "reserved" },
      version: { epoch, sequence },
    });
  const follows = [view(1, 3), view(20, 2, 0, "e2")];

  it("names exactly the writes that the new server lacks", () => {
    const trial = trialOf({
      history: [...follows, reported("a", 2), reported("b", 3), reported("c", 2, "e2")],
      observations,
    });
    const judged = judgeRecorded(judgeAcknowledged, trial);
    expect(judged).toMatchObject({ verdict: "held", exercised: 2 });
    expect(judged.measures).toContainEqual({ name: "lost_with_a_named_epoch_change", value: 1 });
    expect(lostWrites(trial)).toBe(1);
    expect(countMarks(trial).acknowledged_write_lost).toBe(1);
  });

  it("lets a job that was completed in an epoch before be so in the next one, as far as that has it", () => {
    const done = { ...entry(3, job("completed", "a", 1)), at: 3 };
    const again = (epoch: string, sequence: number) =>
      call({
        ...{ op: "complete_job", node: "n1", job: "a", from: 16, to: 17, reply: "completed" },
        version: { epoch, sequence },
      });
    const seen = (held: number) => [
      ...[before[0], before[1], done].flatMap((one) => one ?? []),
      ...[{ ...takeover, left: { epoch: "e1", sequence: held } }, ...after],
    ];
    const judged = (held: number, ...history: ReturnType<typeof again>[]) =>
      judgeRecorded(judgeAcknowledged, trialOf({ history: [...follows, ...history], observations: seen(held) }));
    expect(judged(3, again("e2", 2)).violations).toEqual([]);
    expect(judged(2, again("e2", 2)).verdict).toBe("violated");
    expect(judged(3, again("e1", 2)).verdict).toBe("violated");
  });

  it("is violated by an instance that never leaves the epoch of the lost write", () => {
    const trial = trialOf({ history: [view(1, 3), reported("b", 3)], observations });
    expect(judgeRecorded(judgeAcknowledged, trial).violations[0]?.[0]).toContain("never left epoch e1");
  });

  it("is violated by a loss that no takeover explains", () => {
    const unexplained = observations.filter((seen) => seen !== before[2] && seen !== before[3]);
    const trial = trialOf({ history: [...follows, reported("b", 2)], observations: unexplained });
    expect(judgeRecorded(judgeAcknowledged, trial).verdict).toBe("violated");
  });
});

describe("what an epoch has of an earlier one", () => {
  const has = (epoch: string, sequence: number, of = "e1", seen = observations) =>
    new Succession(seen).has(epoch, { epoch: of, sequence });

  it("is what the server had that took over", () => {
    expect([1, 2, 3].map((sequence) => has("e2", sequence))).toEqual([true, true, false]);
    expect(has("e2", 1, "e2")).toBe(true);
    expect(has("e1", 1, "e2")).toBe(false);
  });

  it("is not known of a server that was not looked at, nor of an unobserved epoch", () => {
    expect(has("e2", 1, "e1", [...before, ...after])).toBeNull();
    expect(has("e2", 1, "e0")).toBeNull();
    expect(has("e9", 1)).toBeNull();
  });

  it("is nothing where everything was lost", () => {
    const { left: _, ...empty } = takeover;
    expect(has("e2", 1, "e1", [...before, { ...empty, nodes: [] }, ...after])).toBe(false);
  });

  it("is the least of what the servers had on which epochs began in between", () => {
    const next = (sequence: number, epoch: string) => [
      { ...takeover, at: 20, left: { epoch, sequence } },
      { ...entry(1, registered("n3", "e3:1"), "e3"), at: 21 },
    ];
    // It has all of e2, and with it what e2 has of e1.
    expect(has("e3", 2, "e1", [...observations, ...next(2, "e2")])).toBe(true);
    expect(has("e3", 3, "e1", [...observations, ...next(2, "e2")])).toBe(false);
    // It never saw e2, and had been left behind in e1.
    expect(has("e3", 2, "e1", [...observations, ...next(1, "e1")])).toBe(false);
    expect(has("e3", 1, "e1", [...observations, ...next(1, "e1")])).toBe(true);
    expect(has("e3", 1, "e2", [...observations, ...next(1, "e1")])).toBe(false);
  });
});

describe("N1 over a takeover", () => {
  const beat = (from: number, seq: number, reply: string, epoch: string, incarnation = "e1:1") => {
    const version = { epoch, sequence: epoch === "e1" ? 2 : 1 };
    return call({ op: "heartbeat", node: "n1", from, to: from + 0.4, reply, seq, incarnation, version });
  };
  const looked = (at: number, heartbeat_seq: number, epoch: string | null, incarnation = "e1:1"): Dump => {
    const held = [{ content: node(1, { incarnation }), jobs: [], heartbeat_seq }];
    return { ...dump(2, [], epoch ?? ""), at, version: epoch === null ? null : { epoch, sequence: 2 }, nodes: held };
  };
  const judged = (history: readonly ReturnType<typeof beat>[], seen = observations) =>
    judgeRecorded(judgeLateHeartbeats, trialOf({ history, observations: seen }));

  it("is not broken by a heartbeat whose successor the new server never had", () => {
    const history = [beat(4, 5, "renewed", "e1"), beat(5, 6, "renewed", "e1"), beat(14, 6, "renewed", "e2")];
    expect(judged(history)).toMatchObject({ verdict: "not_exercised", violations: [] });
    const dumps = [looked(5, 6, "e1"), looked(10, 4, null), looked(14.5, 6, "e2")];
    expect(judged(history, [...before.slice(0, 3), ...dumps]).violations).toEqual([]);
  });

  it.each([
    ["is taken after a newer one, in the new epoch", [beat(14, 6, "renewed", "e2"), beat(15, 5, "renewed", "e2")]],
    [
      "is taken after a newer one, on the server that was left",
      [beat(14, 6, "renewed", "e1"), beat(15, 5, "renewed", "e1")],
    ],
  ])("is broken by one that %s", (_what, history) => {
    expect(judged(history).verdict).toBe("violated");
  });

  /** Another life began at 2, which who took over has, and another one at 3, which it has not. */
  const lives = (sequence: number) => [
    ...[entry(1, registered()), seenAt(sequence, entry(sequence, registered("n1", `e1:${sequence}`)))],
    ...[found(sequence === 2 ? "e1:2" : "e1:1"), { ...entry(1, registered("n2", "e2:1"), "e2"), at: 12 }],
  ];
  const found = (incarnation: string): Dump => ({
    ...takeover,
    nodes: takeover.nodes.map((held) => ({ ...held, content: { ...held.content, incarnation } })),
  });

  it("is broken by one of a former life where the new server has the later one, and only there", () => {
    const late = [beat(14, 9, "renewed", "e2")];
    expect(judged(late, lives(2)).verdict).toBe("violated");
    expect(judged(late, lives(3)).violations).toEqual([]);
    expect(judged([beat(14, 9, "superseded", "e2")], lives(2))).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it.each([
    ["a life falls back behind what the new server was found with", [looked(10, 5, null), looked(14, 4, "e2")]],
    ["a life falls back within the new epoch", [looked(10, 3, null), looked(13, 5, "e2"), looked(14, 4, "e2")]],
    [
      "a life that had gone comes back within the new epoch",
      [looked(13, 1, "e2", "e1:2"), { ...looked(13.5, 0, "e2"), nodes: [] }, looked(14, 9, "e2", "e1:1")],
    ],
  ])("is broken where %s", (_what, dumps) => {
    expect(judged([], [...lives(2), ...dumps]).verdict).toBe("violated");
  });
});

describe("an epoch that the observer looks at only after its first changes", () => {
  const placed = (jobs: readonly string[], seen: readonly Entry[]) => {
    const content = node(seen.length, { current_jobs: jobs.length, version: { epoch: "e2", sequence: seen.length } });
    const next = node(1, { node: "n2", incarnation: "e2:1", version: { epoch: "e2", sequence: 1 } });
    const look = dump(
      seen.length,
      [
        [content, [...jobs]],
        [next, []],
      ],
      "e2",
    );
    return [...before.slice(0, 3), ...seen, { ...look, at: 20 }].flatMap((one) => one ?? []);
  };
  const later = (sequence: number, change: ObservedChange) => ({ ...entry(sequence, change, "e2"), at: 15 + sequence });
  const other = later(1, registered("n2", "e2:1"));
  const reserve = { op: "reserve_job", node: "n1" } as const;
  const missed = call({ ...reserve, job: "c", from: 4, to: 13, outcome: "info", reply: "disconnected" });
  const acknowledged = call({ ...reserve, job: "c", from: 4, to: 5, reply: "reserved" });
  const refused = call({ ...reserve, job: "c", from: 4, to: 5, reply: "full" });
  const unsent = call({ ...reserve, job: "c", from: 4, to: 5, outcome: "fail", reply: "disconnected" });

  it.each([
    ["a job that the epoch before left there", "b", [], "not_exercised"],
    ["one whose reserve the observer missed", "c", [missed], "not_exercised"],
    ["one that no client asked for", "c", [], "violated"],
    ["one that no node ever had", "d", [missed], "violated"],
  ])("lets J3 believe `already` of %s as far as it may be", (_what, jobId, calls, verdict) => {
    const again = call({ ...reserve, job: jobId, from: 14, to: 15, reply: "already" });
    const history = [...calls, { ...again, version: { epoch: "e2", sequence: 1 } }];
    const observations = placed(["b", "c"], [other, later(2, job("released", "a", 2))]);
    expect(judgeRecorded(judgeJobOnce, trialOf({ history, observations })).verdict).toBe(verdict);
  });

  it.each([
    ["missed", [missed], 0],
    ["missed, and was acknowledged", [acknowledged], 0],
    ["could not miss, as nothing was asked", [], 1],
    ["could not miss, as it was refused", [refused], 1],
    ["could not miss, as it was not sent", [unsent], 1],
  ])("holds J3 to the end of a job whose reserve the observer %s", (_what, history, violations) => {
    const observations = placed(["a", "b"], [other, later(2, job("completed", "c", 2))]);
    const trial = trialOf({ history, observations });
    expect(judgeRecorded(judgeJobOnce, trial).violations).toHaveLength(violations);
    expect(judgeRecorded(judgeJobCounts, trial).violations).toEqual([]);
  });

  it.each([
    ["asked for", [missed], 0],
    ["not asked for", [], 1],
  ])("holds J1 to a place that was %s", (_what, history, violations) => {
    const observations = placed(["b", "c"], [other, later(2, job("released", "a", 2))]);
    const judged = judgeRecorded(judgeJobCounts, trialOf({ history, observations }));
    expect(judged.violations).toHaveLength(violations);
  });
});
