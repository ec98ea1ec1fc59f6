import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../src/check/history.ts";
import { firstStepBack, type HistoryFocus, historyTimeline } from "../../src/evidence/history/timeline.ts";
import { timelineLines } from "../../src/report/timeline/words.ts";
import { call, faultFrom, mode, node, read } from "../check/trials.ts";
import { sampleToken } from "../report/sample.ts";

const focus: HistoryFocus = {
  property: "V2",
  title: "inject redis-slow, seed 1",
  found: "instance 0 showed node n1 at e1:3 after it had shown e1:5",
  token: sampleToken,
  calls: [],
};

function shown(from: number, to: number, sequence: number, instance = 0, source = "l1") {
  const answer = { found: true, source, stale: false, age_ms: 0, mode: "normal", node: node(sequence) };
  return read(from, to, { instance, read: answer });
}

const reserve = call({
  op: "reserve_job",
  node: "n1",
  job: "j1",
  from: 5,
  to: 9,
  reply: "reserved",
  version: { epoch: "e1", sequence: 5 },
});
const newer = shown(10, 12, 5);
const older = shown(20, 21, 3, 0, "l2");
const elsewhere = shown(13, 14, 3, 1);
const overlapping = shown(11, 22, 2);
const history: readonly HistoryEvent[] = [
  older,
  newer,
  ...faultFrom(15, 40),
  reserve,
  elsewhere,
  mode(18, "normal", "l2_only"),
  { kind: "lost_reply", at: 16, instance: 0, script: "complete_job", node: "n1", job: "j1", reply: "completed" },
  { kind: "lost_reply", at: 17, instance: 0, script: "complete_job", node: "n9", job: "j9", reply: "completed" },
  read(1, 2, { node: "n9" }),
  shown(100, 101, 9),
];

describe("the first impossible read", () => {
  it("is the one that shows an older version than an earlier answer of the same instance", () => {
    const calls = history.filter((event) => event.kind === "call");
    expect(firstStepBack(calls)).toEqual({ read: older, earlier: newer, node: "n1" });
  });

  it("is none where the older answer is of another instance or epoch, or of an earlier call", () => {
    expect(firstStepBack([newer, elsewhere])).toBeNull();
    expect(firstStepBack([newer, overlapping])).toBeNull();
    const before = shown(10, 12, 5);
    const after = {
      ...shown(20, 21, 3),
      read: { ...shown(20, 21, 3).read, node: node(3, { version: { epoch: "e2", sequence: 3 } }) },
    };
    expect(firstStepBack([before, after as typeof before])).toBeNull();
  });
});

describe("the failing part of a history", () => {
  it("is ordered by time, with the version that each client saw, up to the impossible read", () => {
    const timeline = historyTimeline(history, focus);
    if (timeline === null) throw new TypeError("nothing found");
    expect(timelineLines(timeline).join("\n")).toBe(
      `V2 a cache shows only what the store once held, whole, and never goes back
  in                  inject redis-slow, seed 1
  claimed             a cache shows only what the store once held, whole, and never goes back
  found               instance 0 showed node n1 at e1:3 after it had shown e1:5
  point of no return  not computed: a recorded run cannot be continued from its middle

before
 1  5.0 ms  client a of instance 0 calls reserve_job n1 j1
 2  9.0 ms  client a of instance 0 is answered reserved at e1:5
 3  10.0 ms  client a of instance 0 calls get_node n1
 4  12.0 ms  client a of instance 0 is shown n1 at e1:5 from l1
     client a of instance 0: saw n1 at e1:5: online, life e1:1, 0 of 2 jobs
 5  13.0 ms  client a of instance 1 calls get_node n1
 6  14.0 ms  client a of instance 1 is shown n1 at e1:3 from l1
     client a of instance 1: saw n1 at e1:3: online, life e1:1, 0 of 2 jobs
 7  15.0 ms  network begins redis_latency (commands of instance 0)
 8  16.0 ms  network loses the reply "completed" to complete_job n1 j1
     xx Redis to instance 0: completed (lost)
 9  18.0 ms  instance 0 goes from normal to l2_only: deadline
10  20.0 ms  client a of instance 0 calls get_node n1
11  BROKEN  21.0 ms  client a of instance 0 is shown n1 at e1:3 from l2
     client a of instance 0: saw n1 at e1:3: online, life e1:1, 0 of 2 jobs

replay: lockproof replay ${sampleToken}`,
    );
    expect(timeline.spans.filter(({ kind, to }) => kind === "fault" && to === null)).toHaveLength(1);
    expect(timeline.spans.filter(({ kind }) => kind === "call")).toHaveLength(4);
  });

  it("is about the given calls of any client", () => {
    const timeline = historyTimeline(history, { ...focus, calls: [reserve.id, elsewhere.id] });
    expect(timeline?.events[timeline.broken ?? -1]?.words).toBe("is shown n1 at e1:3 from l1");
    expect(timeline?.events.at(-1)).toBe(timeline?.events[timeline.broken ?? -1]);
  });

  it("is about the node that all calls have in common, although a selection shows more", () => {
    const selected = call({
      op: "select_nodes",
      from: 30,
      to: 31,
      reply: "normal",
      selected: [node(3, { node: "n7" }), node(5)],
    });
    const other = read(2, 3, { node: "n7" });
    const drawn = historyTimeline([other, newer, selected], { ...focus, calls: [newer.id, selected.id] });
    expect(drawn?.events.map(({ words }) => words)).toEqual([
      ...["calls get_node n1", "is shown n1 at e1:5 from l1"],
      ...["calls select_nodes", "is shown n1 at e1:5"],
    ]);
    expect(historyTimeline([other, selected], { ...focus, calls: [selected.id] })?.events).toHaveLength(4);
  });

  it("gives calls that overlap lanes of their own", () => {
    const timeline = historyTimeline([shown(0, 10, 1), shown(5, 15, 1), shown(11, 20, 1)], {
      ...focus,
      calls: [older.id],
    });
    expect(timeline).toBeNull();
    const [one, two, three] = [shown(0, 10, 1), shown(5, 15, 1), shown(11, 20, 1)];
    const drawn = historyTimeline([one, two, three], { ...focus, calls: [three.id] });
    expect(drawn?.lanes.map(({ name }) => name)).toEqual(["client a of instance 0", "client b of instance 0"]);
    expect(drawn?.spans.map(({ lane }) => lane)).toEqual(["client 0 0", "client 0 1", "client 0 0"]);
  });

  it("says of an unanswered call that it may have happened, and nothing of an open one", () => {
    const lost = call({
      op: "complete_job",
      node: "n1",
      job: "j1",
      from: 1,
      to: 3,
      outcome: "info",
      reply: "deadline",
    });
    const open = call({ op: "release_job", node: "n1", job: "j1", from: 2, to: null });
    const drawn = historyTimeline([lost, open, newer, older], focus);
    expect(drawn?.events.map(({ words }) => words)).toContain(
      "hears nothing of complete_job (deadline): it may have happened",
    );
    expect(drawn?.spans.find(({ words }) => words === "release_job n1 j1")?.to).toBeNull();
  });

  it("keeps only so many events, including the failing one", () => {
    const many = Array.from({ length: 200 }, (_, at) => shown(at * 0.01, at * 0.01 + 0.005, 1));
    const drawn = historyTimeline([...many, newer, older], { ...focus, most: 10 });
    expect(drawn?.events).toHaveLength(10);
    expect(drawn?.broken).toBe(9);
    expect(drawn?.omitted).toEqual({ count: 394, where: "before the first" });
  });

  it("is null where nothing goes back", () => expect(historyTimeline([newer], focus)).toBeNull());
});
