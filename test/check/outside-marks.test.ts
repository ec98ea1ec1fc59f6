import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../src/check/history.ts";
import { countMarks, idleFaults } from "../../src/check/marks.ts";
import type { Observation } from "../../src/check/observed/observation.ts";
import { call, entry, faultFrom, gone, job, read, registered, seenAt, trialOf, view } from "./trials.ts";

const system = (instance: number): HistoryEvent => ({
  ...{ kind: "system", at: -1, instance, name: "any", version: "1", claims: [], withheld: {} },
});
const both = [system(0), system(1)];
const seen = (history: readonly HistoryEvent[], observations: readonly Observation[] = []) =>
  countMarks(trialOf({ history, observations, instances: 2, terms: { feedMax: 3 } }));

const entries = [1, 2, 3, 4, 5, 6].map((sequence) =>
  seenAt(sequence * 100, entry(sequence, job("reserved", `j${sequence}`, sequence))),
);
const epoch = "e1";

describe("a gap, seen from outside", () => {
  const dropped: HistoryEvent = { kind: "lost_wake_up", at: 210, instance: 0, version: `${epoch}:2` };

  it("is a change whose wake-up was dropped, and which the view has later", () => {
    expect(seen([...both, view(150, 1), dropped, view(400, 2)], entries).gap_found).toBe(1);
  });

  it.each<[string, readonly HistoryEvent[]]>([
    ["the view never has", [...both, view(150, 1), dropped]],
    ["the view had before", [...both, view(150, 2), dropped, view(400, 3)]],
    ["only the other instance has", [...both, view(150, 1), dropped, view(400, 2, 1)]],
    ["a hosted instance reports itself", [view(150, 1), dropped, view(400, 2)]],
    ["is of no epoch", [...both, view(150, 1), { ...dropped, version: "text" }, view(400, 2)]],
  ])("is none where it is a change that %s", (_, history) => {
    expect(seen(history, entries).gap_found).toBe(0);
  });

  const deaf = faultFrom(100, 400, { name: "redis_refused", link: "feed", cuts_off: false });
  const made = call({
    op: "reserve_job",
    from: 190,
    to: 200,
    instance: 1,
    reply: "reserved",
    version: { epoch, sequence: 2 },
  });

  it("is a change that another instance made while no wake-up came through", () => {
    expect(seen([...both, ...deaf, view(150, 1), made, view(350, 2)], entries).gap_found).toBe(1);
    expect(seen([...both, ...deaf, view(150, 1), { ...made, instance: 0 }, view(350, 2)], entries).gap_found).toBe(0);
    expect(seen([...both, ...deaf, view(150, 1), { ...made, from: 90 }, view(350, 2)], entries).gap_found).toBe(0);
    expect(seen([...both, ...deaf, view(150, 1), { ...made, to: 410 }, view(450, 2)], entries).gap_found).toBe(0);
    expect(seen([...both, ...deaf, view(150, 1), made], entries).gap_found).toBe(0);
  });

  it("is none where the fault was not in force", () => {
    const place = { fault: 0, name: "redis_refused", instance: 0, link: "feed" } as const;
    const unseen = { kind: "in_force", at: 500, ...place, from: null, to: null, met: 0, seen_by: "probe" } as const;
    expect(seen([...both, ...deaf, unseen, view(150, 1), made, view(350, 2)], entries).gap_found).toBe(0);
  });
});

describe("a reload, seen from outside", () => {
  it("is a view that went on past what the feed had lost long before", () => {
    // The feed keeps three entries, so that change 2 was gone with entry 5.
    expect(seen([...both, view(110, 1), view(700, 6)], entries).feed_trimmed).toBe(1);
    expect(seen([view(110, 1), view(700, 6)], entries).feed_trimmed).toBe(0);
  });

  it("is none where the feed still had it, or where its answer may have been on its way", () => {
    expect(seen([...both, view(110, 1), view(450, 4)], entries).feed_trimmed).toBe(0);
    expect(seen([...both, view(110, 1), view(550, 5)], entries).feed_trimmed).toBe(0);
    expect(seen([...both, view(110, 1), view(250, 2), view(700, 6)], entries).feed_trimmed).toBe(0);
  });
});

describe("a reload in several pages, seen from outside", () => {
  const pagesOf = (page: number | undefined, history: readonly HistoryEvent[], changes: readonly Observation[]) => {
    const terms = { feedMax: 3, ...(page !== undefined && { page }) };
    return countMarks(trialOf({ history, observations: changes, instances: 2, terms })).several_pages;
  };
  const arrivals = ["a", "b", "c", "d", "e"].map((node, index) =>
    seenAt((index + 1) * 100, entry(index + 1, registered(node))),
  );
  const left = seenAt(600, entry(6, gone("removed", "a")));
  const reloaded = [...both, view(110, 1), view(800, 6)];

  it("is one of more nodes than a page holds", () => {
    expect(pagesOf(3, reloaded, [...arrivals, left])).toBe(1);
    expect(pagesOf(4, reloaded, [...arrivals, left])).toBe(0);
    expect(pagesOf(undefined, reloaded, [...arrivals, left])).toBe(0);
    expect(pagesOf(3, [...both, view(110, 1), view(450, 4)], arrivals)).toBe(0);
  });
});

describe("a reply lost after its commit, seen from outside", () => {
  const lost = (reply: string, script = "reserve_job"): HistoryEvent => ({
    ...{ kind: "lost_reply", at: 100, instance: 0, script, node: "n1", job: "j1", reply },
  });
  const answered = (op: "reserve_job" | "complete_job", reply: string, from = 150) =>
    call({ op, from, to: from + 5, node: "n1", job: "j1", reply });

  it.each<[string, readonly HistoryEvent[], number]>([
    ["its own words", [lost("1")], 0],
    ["a reserve that was made", [lost("1"), answered("reserve_job", "already")], 1],
    ["a reserve that was not made", [lost("1"), answered("reserve_job", "reserved")], 0],
    ["a place that was completed", [lost("1"), answered("complete_job", "completed")], 1],
    [
      "a place of a later reserve",
      [lost("1"), answered("reserve_job", "reserved"), answered("complete_job", "completed", 200)],
      0,
    ],
    ["a complete that was made", [lost("OK", "complete_job"), answered("reserve_job", "finished")], 1],
    ["a complete that may have been", [lost("OK", "complete_job"), answered("complete_job", "completed")], 0],
    ["an answer from before", [lost("1"), answered("reserve_job", "already", 50)], 0],
    ["the words of the reference", [lost("reserved"), answered("reserve_job", "already")], 1],
  ])("%s", (_, events, count) => {
    expect(seen([...both, ...events]).reply_lost_after_commit).toBe(count);
  });
});

describe("what the hop saw", () => {
  const busy = faultFrom(100, 200, { name: "redis_busy" });
  const refused = { kind: "refused", at: 150, instance: 0, cause: "busy" } as const;
  const idle = (...history: readonly HistoryEvent[]) =>
    idleFaults(trialOf({ history: [...busy, read(120, 130), ...history] }));

  it("is a refusal of the fault in force, on its instance", () => {
    expect(idle(refused)).toEqual([]);
    const none = ["redis_busy (faults[0]): no call met it"];
    expect(idle()).toEqual(none);
    expect(idle({ ...refused, at: 250 })).toEqual(none);
    expect(idle({ ...refused, instance: 1 })).toEqual(none);
    expect(idle({ ...refused, cause: "readonly" })).toEqual(none);
    expect(seen([refused]).refused_by_redis).toBe(1);
  });

  it("is a close that came late", () => {
    const slow = faultFrom(100, 200, { name: "redis_slow_close" });
    const closed = { kind: "closed", at: 150, instance: 0, link: "feed" } as const;
    const without = [...slow, read(120, 130)];
    expect(idleFaults(trialOf({ history: without }))).toHaveLength(1);
    expect(idleFaults(trialOf({ history: [...without, closed] }))).toEqual([]);
    expect(idleFaults(trialOf({ history: [...without, { ...closed, at: 300 }] }))).toHaveLength(1);
  });
});
