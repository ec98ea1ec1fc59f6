import { describe, expect, it } from "vitest";
import type { HistoryEvent, Version } from "../../../src/check/history.ts";
import type { Judgement } from "../../../src/check/judgement.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeOrphans } from "../../../src/judges/jobs/orphans.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, job, node, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { offline, register, reserve, Stage } from "../../simulate/judges/stage.ts";

interface Report {
  readonly node?: string;
  readonly jobs?: readonly string[];
  readonly because?: "offline" | "lapsed" | "expired" | "registered";
  readonly dispatchedHere?: readonly string[];
  readonly instance?: number;
  readonly lostAt?: Version;
}

function report(stage: Stage, at: number, parts: Report = {}): void {
  const lost = { partition: 0, node: "n", jobs: ["a"], because: "offline", dispatchedHere: [], instance: 0 } as const;
  const lostAt = undefined as unknown as Version; // as in a record from before it was taken down
  stage.hear({ kind: "orphans_reported", at, ...lost, lostAt, ...parts });
}

/** A client dispatches a job, and is answered. */
function dispatch(
  stage: Stage,
  from: number,
  to: number,
  parts: { reply?: string; node?: string; job?: string } = {},
): void {
  const { job = "a", node = "n", reply = "reserved" } = parts;
  stage.hear({ kind: "called", at: from, call: 1_000 + from, instance: 0, op: "dispatch", node: "", job });
  stage.returned({ op: "dispatch", id: 1_000 + from, job, node, from, to, reply });
}

/** A node with a job that goes offline at 20 ms, at sequence 3; the instance has loaded the partition before. */
function begun(): Stage {
  const stage = new Stage(inSimulation(judgeOrphans));
  stage.run(1, register());
  stage.says(2, { kind: "resynced", partition: 0, version: stage.version(), nodes: 1, pages: 1, took: 1 });
  stage.run(10, reserve("a"));
  stage.run(20, offline(stage));
  return stage;
}

const first = ({ violations }: Judgement): string => violations[0]?.[0] ?? "";

describe("O1, of losses", () => {
  it("holds where each is reported before the view shows it, and counts them", () => {
    const stage = begun();
    report(stage, 21);
    stage.view(21, stage.version());
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated where one is not, or only once the view has shown it", () => {
    const stage = begun();
    stage.view(21, stage.version());
    expect(first(stage.finish())).toBe(
      "instance 0 followed the feed over the loss of a of node n (offline), and did not call back for it",
    );
    const late = begun();
    late.view(21, late.version());
    report(late, 22);
    expect(late.finish().violations).toHaveLength(2);
  });

  describe("of an instance that loaded the partition anew", () => {
    const loaded = (): { readonly stage: Stage; readonly lostAt: Version } => {
      const stage = begun();
      const lostAt = stage.version();
      for (const instance of [0, 1])
        stage.says(21, { kind: "resynced", partition: 0, version: lostAt, nodes: 1, pages: 1, took: 1 }, instance);
      return { stage, lostAt };
    };
    const end = (stage: Stage): Judgement => {
      stage.hear({ kind: "phase", at: 10_000, name: "end" });
      return stage.finish();
    };

    it("is violated where no instance reports the loss, and not where the run ends before one has to", () => {
      expect(first(end(loaded().stage))).toBe(
        "no instance called back for the loss of a of node n (offline), allowed is at least one within 2200 ms of an instance in normal",
      );
      expect(loaded().stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
    });

    it("holds where it is reported later, by one of them or by each, but not twice by one", () => {
      const { lostAt, stage } = loaded();
      report(stage, 30, { lostAt });
      report(stage, 31, { lostAt, instance: 1 });
      expect(end(stage).violations).toEqual([]);
      const again = loaded();
      report(again.stage, 30, { lostAt });
      report(again.stage, 31, { lostAt });
      expect(first(end(again.stage))).toMatch(/called back for a of node n .offline., allowed is once for each loss/);
    });

    it("is violated where another loss than that of its version is reported", () => {
      const { lostAt, stage } = loaded();
      report(stage, 30, { lostAt: { ...lostAt, sequence: lostAt.sequence - 1 } });
      expect(end(stage).violations).toHaveLength(2);
    });
  });

  it.each<readonly [string, Report]>([
    ["of a job that had no place", { jobs: ["b"] }],
    ["of more jobs than had one", { jobs: ["a", "b"] }],
    ["of no job", { jobs: [] }],
    ["of another node", { node: "m" }],
    ["for another reason", { because: "expired" }],
  ])("is violated by a callback %s", (_, parts) => {
    const stage = begun();
    report(stage, 21, parts);
    expect(first(stage.finish())).toMatch(/^instance 0 called back for .*, allowed is once for each loss/);
  });

  it("is violated by the same callback twice, but not by those of two instances", () => {
    const stage = begun();
    report(stage, 21);
    report(stage, 22, { instance: 1 });
    expect(stage.finish().violations).toEqual([]);
    const twice = begun();
    report(twice, 21);
    report(twice, 21);
    expect(first(twice.finish())).toMatch(/allowed is once/);
  });

  it("owes a new process nothing of what it has loaded", () => {
    const stage = begun();
    stage.instance(22, "crashed");
    stage.instance(23, "started");
    stage.says(24, { kind: "resynced", partition: 0, version: stage.version(), nodes: 1, pages: 1, took: 1 });
    report(stage, 25);
    expect(first(stage.finish())).toMatch(/allowed is once/);
  });
});

describe("O1, of dispatchedHere", () => {
  it.each<readonly [string, (stage: Stage) => void, readonly string[]]>([
    ["names what was dispatched there", (stage) => dispatch(stage, 9, 11), ["a"]],
    ["leaves out what was not dispatched", () => {}, []],
    ["leaves out what was dispatched to another node", (stage) => dispatch(stage, 9, 11, { node: "m" }), []],
    ["leaves out what found no node", (stage) => dispatch(stage, 9, 11, { reply: "no_node" }), []],
  ])("%s, and nothing else", (_, prepare, right) => {
    const stage = begun();
    prepare(stage);
    report(stage, 21, { dispatchedHere: right });
    expect(stage.finish().violations).toEqual([]);
    const wrong = begun();
    prepare(wrong);
    report(wrong, 21, { dispatchedHere: right.length === 0 ? ["a"] : [] });
    expect(first(wrong.finish())).toMatch(
      /^instance 0 called back for jobs of node n with dispatchedHere .*wrong about a$/,
    );
  });

  it("may leave out a job after which as many were dispatched as placements are kept, and no sooner", () => {
    const leavesOut = (others: number): Judgement => {
      const stage = new Stage(inSimulation(judgeOrphans), { settings: { maxEntries: 2 } });
      stage.run(1, register());
      stage.says(2, { kind: "resynced", partition: 0, version: stage.version(), nodes: 1, pages: 1, took: 1 });
      dispatch(stage, 9, 11);
      stage.run(12, reserve("a"));
      for (let other = 0; other < others; other += 1)
        dispatch(stage, 13 + 2 * other, 14 + 2 * other, { job: `b${other}` });
      stage.run(20, offline(stage));
      report(stage, 21);
      return stage.finish();
    };
    expect(leavesOut(2).violations).toEqual([]);
    expect(first(leavesOut(1))).toMatch(/wrong about a$/);
  });

  it("names no job that lost no place", () => {
    const stage = begun();
    report(stage, 21, { dispatchedHere: ["b"] });
    expect(first(stage.finish())).toMatch(/wrong about b$/);
  });

  it("claims nothing of a dispatch in flight, nor of one without an answer", () => {
    for (const dispatchedHere of [["a"], []]) {
      const stage = begun();
      stage.hear({ kind: "called", at: 9, call: 7, instance: 0, op: "dispatch", node: "", job: "a" });
      report(stage, 21, { dispatchedHere });
      expect(stage.finish().violations).toEqual([]);
      const lost = begun();
      lost.hear({ kind: "called", at: 9, call: 7, instance: 0, op: "dispatch", node: "", job: "a" });
      lost.returned({
        op: "dispatch",
        id: 7,
        job: "a",
        node: "n",
        from: 9,
        to: 12,
        outcome: "info",
        reply: "deadline",
      });
      report(lost, 21, { dispatchedHere });
      expect(lost.finish().violations).toEqual([]);
    }
  });
});

const hosted: HistoryEvent = { kind: "hosted", at: -1, instance: 0, life: 1, reports: true };
const views = (at: number, sequence: number): HistoryEvent => ({
  kind: "view",
  at,
  instance: 0,
  views: [{ epoch: "e1", sequence }],
});
const callback = (at: number, jobs: readonly string[]): HistoryEvent => ({
  ...{ kind: "note", at, instance: 0, what: "orphans_reported" },
  facts: { partition: 0, node: "n1", jobs, because: "offline", dispatchedHere: [] },
});
const gone = [
  ...[entry(1, registered()), entry(2, job("reserved", "a", 1))],
  entry(3, { kind: "offline", node: "n1" }),
];

describe("O1 of a recorded run", () => {
  const judged = (...history: readonly HistoryEvent[]) =>
    judgeRecorded(judgeOrphans, trialOf({ history, observations: [...gone, seenAt(1_000, entry(4, registered()))] }));

  it("goes by the places that a node had, whatever the change itself says", () => {
    expect(judged(hosted, views(1, 2), callback(8, ["a"]), views(9, 3))).toMatchObject({
      verdict: "held",
      exercised: 1,
    });
    expect(first(judged(hosted, views(1, 2), views(9, 3)))).toMatch(/did not call back for it$/);
    expect(first(judged(hosted, views(1, 2), callback(2, ["b"]), views(9, 2)))).toMatch(
      /^instance 0 called back for b/,
    );
  });

  it("claims nothing of an instance whose callbacks were not taken down, nor of one that loaded the partition", () => {
    expect(judged(views(1, 2), views(9, 3))).toMatchObject({ verdict: "not_exercised", violations: [] });
    const reload: HistoryEvent = {
      ...{ kind: "note", at: 5, instance: 0, what: "resync_started" },
      facts: { partition: 0, reason: "trimmed" },
    };
    expect(judged(hosted, views(1, 2), reload, views(9, 3)).violations).toEqual([]);
  });

  it("knows who dispatched a job", () => {
    const dispatched = call({ op: "dispatch", job: "a", node: "n1", reply: "reserved", from: 1, to: 2 });
    expect(first(judged(hosted, views(1, 2), dispatched, callback(8, ["a"]), views(9, 3)))).toMatch(/wrong about a$/);
  });

  it.each<readonly [string, readonly Observation[], RegExp, readonly Observation[]]>([
    ["of which nothing was seen before it began anew", [], /did not call back for it$/, []],
    ["that was not there when the epoch began", [seenAt(5, dump(0, [], "e2"))], /^$/, []],
    [
      "that was removed meanwhile",
      [seenAt(5, dump(0, [[node(2, { current_jobs: 1 }), ["a"]]], "e2"))],
      /^$/,
      [seenAt(6, entry(1, { kind: "removed", node: "n1" }, "e2"))],
    ],
  ])("holds for a registration in a new epoch of a node %s", (_, looks, wrong, changes) => {
    const at = changes.length;
    const epoch = "e2";
    const begun = seenAt(8, entry(at + 1, registered("n1", `e2:${at + 1}`), epoch));
    const moved = [at, at + 1].map((sequence): HistoryEvent => {
      return { kind: "view", at: 7 + sequence, instance: 0, views: [{ epoch, sequence }] };
    });
    const last = seenAt(1_000, entry(at + 2, { kind: "health", node: "n1", health_milli: 1 }, epoch));
    const observations = [...gone.slice(0, 2), ...looks, ...changes, begun, last];
    const story = first(judgeRecorded(judgeOrphans, trialOf({ history: [hosted, ...moved], observations })));
    expect(story).toMatch(wrong);
  });

  it("goes by the word of an instance that has loaded a new epoch, whenever its view is looked at next", () => {
    const version: Version = { epoch: "e2", sequence: 1 };
    const observations = [
      ...gone.slice(0, 2),
      seenAt(5, entry(1, { kind: "offline", node: "n1" }, "e2")),
      seenAt(1_000, entry(2, registered(), "e2")),
    ];
    const dispatched = call({ op: "dispatch", job: "a", node: "n1", reply: "reserved", from: 1, to: 2 });
    const placed: HistoryEvent = { ...dispatched, version: { epoch: "e1", sequence: 2 } };
    const note = (at: number, what: string, facts: object): HistoryEvent => ({
      ...{ kind: "note", at, instance: 0, what },
      facts: { partition: 0, ...facts },
    });
    const reported = (dispatchedHere: readonly string[]): HistoryEvent =>
      note(8, "orphans_reported", { node: "n1", jobs: ["a"], because: "offline", lostAt: version, dispatchedHere });
    const around = (dispatchedHere: readonly string[]) =>
      judgeRecorded(judgeOrphans, {
        ...trialOf({
          history: [
            ...[hosted, views(1, 2), placed, note(6, "resync_started", { reason: "epoch" })],
            ...[note(7, "resynced", { version }), reported(dispatchedHere)],
            { kind: "view", at: 11, instance: 0, views: [version] },
          ],
          observations,
        }),
      });
    expect(around(["a"]).violations).toEqual([]);
    expect(first(around([]))).toMatch(/wrong about a$/);
  });
});
