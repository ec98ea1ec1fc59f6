/** Events that judges are given, as the steps of the viewer. */
import { describe, expect, it } from "vitest";
import type { JudgeEvent } from "../../src/judges/event.ts";
import { RunView } from "../../src/viewer/run-view.ts";
import { firstDifference, type ViewedRun, withoutFirst } from "../../src/viewer/viewed-run.ts";
import { call } from "../check/trials.ts";

const version = (sequence: number) => ({ epoch: "first", sequence });

function viewOf(events: readonly JudgeEvent[]): ViewedRun {
  const view = new RunView(2);
  for (const event of events) view.take(event);
  return view.build({ title: "a run", again: "lockproof replay lp1:x", isObserved: false });
}

/** The state of a lane after a step. */
function stateOf({ steps }: ViewedRun, lane: number, upTo: number): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const { changes } of steps.slice(0, upTo + 1)) {
    for (const [of, key, value] of changes) {
      if (of !== lane) continue;
      if (value === null) state.delete(key);
      else state.set(key, value);
    }
  }
  return state;
}

const last = (run: ViewedRun, lane: number) => Object.fromEntries(stateOf(run, lane, run.steps.length));

const reserve = call({
  op: "reserve_job",
  node: "n1",
  job: "j1",
  from: 10,
  to: 14,
  reply: "reserved",
  version: version(4),
});
const asked = {
  kind: "called",
  at: 10,
  call: reserve.id,
  instance: 0,
  op: "reserve_job",
  node: "n1",
  job: "j1",
} as const;
const sent = { kind: "sent", at: 11, instance: 0, request: 7, script: "reserve_job", node: "n1", job: "j1" } as const;
const settled = {
  kind: "settled",
  at: 13,
  instance: 0,
  request: 7,
  script: "reserve_job",
  from: 11,
  deadline: 25,
  outcome: "answered",
} as const;
const returned = { kind: "returned", at: 14, call: reserve } as const;
const followed = (sequence: number) =>
  ({ kind: "view", at: 20, instance: 0, partition: 0, version: version(sequence), by: "feed" }) as const;

describe("the steps of a run", () => {
  it("have calls and requests in flight, from where they begin to where they end", () => {
    const run = viewOf([asked, sent, settled, returned]);
    expect(run.steps.map(({ words }) => words)).toEqual([
      "is asked reserve_job n1 j1",
      "sends reserve_job n1 j1",
      "hears the answer to reserve_job n1 j1",
      "answers reserve_job n1 j1: reserved at e1:4",
    ]);
    expect(Object.fromEntries(stateOf(run, 0, 1))).toEqual({
      [`call ${reserve.id}`]: "reserve_job n1 j1",
      "request 7": "reserve_job n1 j1",
    });
    expect(last(run, 0)).toEqual({ "place n1 j1": "e1:4" });
  });

  it("have a place as pending until the view has come so far, in the same epoch", () => {
    expect(last(viewOf([asked, returned, followed(3)]), 0)).toHaveProperty("place n1 j1");
    const other = { ...followed(9), version: { epoch: "second", sequence: 9 } };
    expect(last(viewOf([asked, returned, other]), 0)).toHaveProperty("place n1 j1");
    expect(last(viewOf([asked, returned, followed(4)]), 0)).toEqual({ "partition 0": "e1:4" });
  });

  it("show a poll only where it fails", () => {
    const poll = { ...sent, script: "changes_since" } as const;
    const answered = { ...settled, script: "changes_since" } as const;
    expect(viewOf([poll, answered]).steps).toEqual([]);
    const [failed] = viewOf([poll, { ...answered, outcome: "deadline" }]).steps;
    expect(failed?.words).toBe("gives up on changes_since: deadline");
  });

  it("have the faults with their times, and mark what is in force", () => {
    const fault = {
      kind: "fault",
      fault: 0,
      name: "redis_blackhole",
      instance: null,
      link: "server",
      cutsOff: true,
    } as const;
    const run = viewOf([
      { ...fault, at: 5, step: "inject" },
      { kind: "mode", at: 6, instance: 1, from: "normal", to: "l2_only", cause: "deadline" },
      { ...fault, at: 9, step: "heal" },
    ]);
    expect(run.faults).toEqual([{ name: "redis_blackhole", from: 5, to: 9 }]);
    const each = [0, 1].flatMap((instance) => [
      { ...fault, instance, at: 5 + instance, step: "inject" } as const,
      { ...fault, instance, at: 20 + instance, step: "heal" } as const,
    ]);
    expect(viewOf(each.toSorted((a, b) => a.at - b.at)).faults).toEqual([{ name: "redis_blackhole", from: 5, to: 21 }]);
    expect(Object.fromEntries(stateOf(run, 2, 1))).toEqual({ "fault 0": "redis_blackhole" });
    expect(last(run, 2)).toEqual({});
    expect(last(run, 1)).toEqual({ mode: "l2_only" });
    expect(run.steps.map(({ kind }) => kind)).toEqual(["fault", "mode", "fault"]);
  });

  it("forget what a crashed instance held", () => {
    const run = viewOf([asked, followed(1), { kind: "instance", at: 30, instance: 0, state: "crashed" }]);
    expect(last(run, 0)).toEqual({ process: "crashed" });
  });

  it("mark the step at which the property is violated, and no other", () => {
    const view = new RunView(2);
    for (const event of [asked, sent]) view.take(event);
    view.breaks("J1", "2 jobs, allowed 1");
    view.take(settled);
    view.breaks("J2", "later");
    expect(view.build({ title: "a", again: "b", isObserved: false }).broken).toEqual({
      step: 1,
      property: "J1",
      found: "2 jobs, allowed 1",
    });
  });
});

describe("a run without its first steps", () => {
  const run = viewOf([asked, sent, settled, returned]);
  const cut = withoutFirst(run, 2);

  it("has the same state at each step that is left", () => {
    for (const step of [0, 1]) {
      expect(Object.fromEntries(stateOf(cut, 0, step))).toEqual(Object.fromEntries(stateOf(run, 0, step + 2)));
    }
    expect(cut.omitted).toBe(2);
  });

  it("does not mark another step than the violated one", () => {
    const broken = { step: 1, property: "J1", found: "x" } as const;
    expect(withoutFirst({ ...run, broken }, 2).broken).toBeNull();
    expect(withoutFirst({ ...run, broken: { ...broken, step: 3 } }, 2).broken?.step).toBe(1);
  });
});

describe("two runs", () => {
  const run = viewOf([asked, sent, settled, returned]);

  it("differ first where time, lane or words do", () => {
    expect(firstDifference(run, run)).toBeNull();
    expect(firstDifference(run, viewOf([asked, sent, { ...settled, outcome: "deadline" }, returned]))).toBe(2);
    expect(firstDifference(run, viewOf([asked, { ...sent, at: 11.5 }]))).toBe(1);
    expect(firstDifference(run, viewOf([asked, sent]))).toBe(2);
  });
});
