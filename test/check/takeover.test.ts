/** A server takes over that lacks the last writes: the store itself goes back, and only there may what is shown go back with it. */
import { describe, expect, it } from "vitest";
import { judgeAcknowledged, lostWrites } from "../../src/check/acknowledged.ts";
import { judgeCacheTruth } from "../../src/check/cache-truth.ts";
import { judgeFeedOrder } from "../../src/check/feed-order.ts";
import { judgeGaps } from "../../src/check/gaps.ts";
import type { NodeContent } from "../../src/check/history.ts";
import { judgeJobCounts } from "../../src/check/job-counts.ts";
import { countMarks } from "../../src/check/marks.ts";
import type { Dump } from "../../src/check/observation.ts";
import { replayEpochs } from "../../src/check/replay.ts";
import { call, dump, entry, faultFrom, job, node, read, registered, trialOf, view } from "./trials.ts";

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
    expect(judgeJobCounts(right).violations).toEqual([]);
    expect(judgeFeedOrder(right).violations).toEqual([]);
    const wrong = trialOf({ observations: [...observations, held({ ...three, current_jobs: 3 })] });
    expect(judgeJobCounts(wrong).verdict).toBe("violated");
    expect(judgeFeedOrder(wrong).verdict).toBe("violated");
  });
});

describe("V2 over a takeover", () => {
  it.each([
    ["what was found, after what was lost", [shown(4, two), shown(11, one), shown(14, three)], "held"],
    ["what was found, between two looks at who took over", [shown(4, two), shown(10, one)], "held"],
    ["it before anybody took over", [shown(4, two), shown(7, one)], "violated"],
    ["what was lost, after what was found", [shown(4, two), shown(11, one), shown(13, two)], "violated"],
    ["what was lost, after the next epoch", [shown(14, three), shown(16, two)], "violated"],
    ["a version that neither held", [shown(11, node(4))], "unknown"],
  ])("shows %s", (_what, history, verdict) => {
    expect(judgeCacheTruth(trialOf({ history, observations })).verdict).toBe(verdict);
  });
});

describe("D4 over a takeover", () => {
  const told = (jobId: string, sequence: number, epoch = "e1") =>
    call({
      ...{ op: "reserve_job", node: "n1", job: jobId, from: 4, to: 5, reply: "reserved" },
      version: { epoch, sequence },
    });
  const follows = [view(1, 3), view(20, 2, 0, "e2")];

  it("names exactly the writes that the new server lacks", () => {
    const trial = trialOf({ history: [...follows, told("a", 2), told("b", 3), told("c", 2, "e2")], observations });
    const judged = judgeAcknowledged(trial);
    expect(judged).toMatchObject({ verdict: "held", exercised: 2 });
    expect(judged.measures).toContainEqual({ name: "lost_with_a_named_epoch_change", value: 1 });
    expect(lostWrites(trial)).toBe(1);
    expect(countMarks(trial).acknowledged_write_lost).toBe(1);
  });

  it("is violated by an instance that never leaves the epoch of the lost write", () => {
    const trial = trialOf({ history: [view(1, 3), told("b", 3)], observations });
    expect(judgeAcknowledged(trial).violations[0]?.[0]).toContain("never left epoch e1");
  });

  it("is violated by a loss that no takeover explains", () => {
    const unexplained = observations.filter((seen) => seen !== before[2] && seen !== before[3]);
    const trial = trialOf({ history: [...follows, told("b", 2)], observations: unexplained });
    expect(judgeAcknowledged(trial).verdict).toBe("violated");
  });
});

describe("V4", () => {
  const late = [entry(1, registered()), { ...entry(2, job("reserved", "a", 1)), at: 100 }];
  const views = [view(1, 1), view(160, 2)];
  const end = { kind: "phase", at: 1_000, name: "end" } as const;
  const lost = { kind: "lost_wake_up", at: 100, instance: 0, version: "e1:2" } as const;

  it("is exercised by a change whose wake-up was dropped, and by one in a half-open feed", () => {
    const halfOpen = faultFrom(20, 400, { name: "redis_half_open", link: "feed", cuts_off: false });
    for (const history of [[lost], halfOpen]) {
      const judged = judgeGaps(trialOf({ history: [...views, ...history, end], observations: late }));
      expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    }
    const other = { ...lost, instance: 1 };
    expect(judgeGaps(trialOf({ history: [...views, other, end], observations: late })).verdict).toBe("not_exercised");
  });

  it("is violated by one that is found too late", () => {
    const history = [view(1, 1), view(500, 2), lost, end];
    expect(judgeGaps(trialOf({ history, observations: late })).verdict).toBe("violated");
  });
});
