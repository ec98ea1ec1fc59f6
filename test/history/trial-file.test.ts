import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Call } from "../../src/check/history.ts";
import type { Trial } from "../../src/check/judgement.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { readTrial } from "../../src/history/trial/file.ts";
import { call, dump, mode, node, seenAt, storeCall, trialOf } from "../check/trials.ts";
import { check, edit, good, reserve, type Spoil, storeIn, theEnd, trial } from "./stored-trial.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-history-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const leavesOut = call({
  ...({ op: "select_nodes", from: 40, to: 40, reply: "normal", selected: [] } as const),
  asked: { pool: "p", source: "en", target: "de", services: [], count: 4 },
});
const viewOf = (sequence: number) =>
  ({ kind: "view", at: 20, instance: 0, views: [{ epoch: "e1", sequence }] }) as const;

const beat = call({
  ...({
    op: "heartbeat",
    node: "n1",
    incarnation: "e1:1",
    seq: 1,
    running: [],
    unknown: [],
    reply: "renewed",
  } as const),
  ...{ from: 30, to: 40, version: { epoch: "e1", sequence: 2 } },
});

const store = (stored: Trial, spoil?: Spoil): string => storeIn(folder, stored, spoil);

describe("a stored history of a run", () => {
  it("is read as it was written", () => {
    const stored = readTrial(store(good));
    expect(stored.trial).toEqual(good);
    expect(stored).toMatchObject({
      scenario: "small-run",
      seed: 7,
      properties: ["J1", "L1"],
      isCut: false,
      isComplete: true,
    });
  });

  it("is read where it has the names of an earlier version", () => {
    const read = { kind: "observer_read", at: 20, took: 3, partition: 0 } as const;
    const left = { kind: "mode", at: 30, instance: 0, from: "normal", to: "l2_only", cause: "status" } as const;
    const history = [read, left, { ...left, at: 40, cause: "deadline" }, theEnd];
    const earlier = store(trial(history), (lines) => {
      for (const [index, line] of lines.entries()) {
        lines[index] = line.replace('"observer_read"', '"weather"').replace('"cause":"status"', '"cause":"told"');
      }
    });
    expect(readFileSync(earlier, "utf8")).toMatch(/"weather"[\s\S]*"told"/u);
    expect(readTrial(earlier).trial.history).toEqual(history);
  });

  it("is open, not violated, where a bound was missed by little while the thread was busy", () => {
    const busy = { kind: "stall", since: 140, at: 202, lasted: 60, ran: 50, waited: 0 } as const;
    const judged = (history: Trial["history"]) =>
      check(
        store(trial([...history, { ...theEnd, at: 900 }]), (lines) => {
          lines[0] = lines[0]?.replace('["J1","L1"]', '["K3"]').replace('["L1","J1"]', '["K3"]') ?? "";
        }),
      );
    const marginal = judged([busy, storeCall(141, 221)]);
    expect(marginal).toMatchObject({ verdict: "unknown", json: { violations: [] } });
    expect(marginal).toHaveProperty("json.properties.K3.verdict", "unknown");
    expect(marginal).toHaveProperty("json.properties.K3.reason", expect.stringContaining("ended after 80 ms"));
    expect(judged([storeCall(141, 221)])).toMatchObject({
      verdict: "violated",
      json: { violations: [{ property: "K3" }] },
    });
  });

  it("is judged by the properties that it names", () => {
    const { json, lines, verdict } = check(store(good));
    expect(verdict).toBe("held");
    expect(json).toMatchObject({
      ...{ ops: 2, verdict: "held", scenario: "small-run", seed: 7, side: "fault" },
      properties: { L1: { verdict: "held", exercised: 2 }, J1: { verdict: "held" } },
    });
    expect(lines.join("\n")).toContain("L1  held  exercised 2");
  });

  it("is violated by what is wrong in every scenario, whatever it names", () => {
    const file = store(good, (lines) => {
      edit(1, '["L1","J1"]', '["L1"]')(lines);
      expect(check(store(good, edit(1, '["L1","J1"]', '["L1"]'))).verdict).toBe("held");
      edit(8, '"current_jobs":1', '"current_jobs":2')(lines);
    });
    expect(check(file)).toMatchObject({
      verdict: "violated",
      json: { violations: [{ property: "J1" }, { property: "F1" }] },
    });
  });

  it.each([
    ["D5", "a change of mode from another than the one before", mode(40, "normal", "l2_only")],
    ["D5", "a return to normal because of a failure", { ...mode(40, "l2_only", "normal"), cause: "deadline" }],
    ["S2", "a selection that leaves out a node", leavesOut],
    ["F1", "a view that goes back", { ...viewOf(1), at: 40 }],
  ] as const)("is violated by %s, which it does not name: %s", (property, _, lie) => {
    const left = mode(30, "normal", "l2_only");
    const later = seenAt(400, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]]));
    const judged = (...more: Trial["history"]) => {
      const run = trial([reserve(10), reserve(11, "already"), viewOf(2), left, ...more, theEnd]);
      return check(store({ ...run, observations: [...run.observations, later] }));
    };
    expect(judged().verdict).toBe("held");
    expect(judged(lie)).toMatchObject({ verdict: "violated", json: { violations: [{ property }] } });
  });

  it.each([
    ["L1", "a reply that fits no state", reserve(11, "full")],
    ["J5", "an answer that names a job that has its place", { ...beat, running: ["a"], unknown: ["a"] }],
    [
      "D6",
      "a write that was denied and happened",
      { ...reserve(10), outcome: "fail", reply: "disconnected", version: undefined },
    ],
  ] as const)(
    "is violated by a wrong answer where it names neither %s nor what else that breaks: %s",
    (property, _, lie) => {
      const judged = (...calls: Trial["history"]) =>
        check(store(trial([...calls, theEnd]), edit(1, '["L1","J1"]', '["J1"]')));
      expect(judged(reserve(10), beat).verdict).toBe("held");
      const { json, verdict } = judged(...(property === "D6" ? [] : [reserve(10)]), lie as Call);
      expect(verdict).toBe("violated");
      expect(json).toHaveProperty("violations", expect.arrayContaining([expect.objectContaining({ property })]));
    },
  );

  it("is open where its end does not say how many calls there were", () => {
    const load = { kind: "phase", at: 0, name: "load" } as const;
    const { json, verdict } = check(store(trial([load, reserve(10), reserve(11, "already"), theEnd])));
    expect({ verdict, json }).toMatchObject({
      verdict: "unknown",
      json: { reason: expect.stringContaining("does not say how many calls") },
    });
  });

  it("is no pass where it names less than its scenario claims", () => {
    const { json, lines, verdict } = check(store(good, edit(1, '"small-run"', '"redis-gone"')));
    expect(verdict).toBe("not_exercised");
    expect(json).toHaveProperty("not_judged", expect.arrayContaining(["D1", "D2", "V3", "D3"]));
    expect(lines.join("\n")).toMatch(/redis-gone claims these too, which the first line does not name: .*D1/);
    expect(json).toHaveProperty("reason", expect.stringMatching(/redis-gone claims more .*D1/));
  });

  it("is violated by what the clients of a system with keys of its own contradict, whatever it names", () => {
    const system = { kind: "system", at: -1, instance: 0, name: "own", version: "1", withheld: {} } as const;
    const offer = { max_jobs: 1, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
    const asked = { node: "n1", outcome: "ok" } as const;
    const registers = call({
      ...asked,
      op: "register_node",
      from: 1,
      to: 2,
      reply: "registered",
      incarnation: "1",
      offer,
    });
    const reserves = (from: number, job: string) =>
      call({ ...asked, op: "reserve_job", job, from, to: from + 1, reply: "reserved" });
    const stored = (second: string) =>
      trialOf({
        history: [{ ...system, claims: ["J2"] }, registers, reserves(10, "a"), reserves(20, second), theEnd],
        observations: [{ ...dump(0, []), version: null }],
        terms: { lease: 10_000 },
      });
    const { json, verdict } = check(store(stored("b")));
    expect({ verdict, json }).toMatchObject({ verdict: "violated", json: { violations: [{ property: "J2" }] } });
    expect(check(store(stored("a"))).verdict).toBe("not_exercised");
  });

  it("is open where it has fewer calls than it had at its end", () => {
    const load = { kind: "phase", at: 0, name: "load" } as const;
    const stored = (calls: number) =>
      check(store(trial([load, reserve(10), reserve(11, "already"), { ...theEnd, calls }])));
    expect(stored(2).verdict).toBe("held");
    expect(stored(3)).toMatchObject({ verdict: "unknown", json: { properties: { J1: { verdict: "unknown" } } } });
  });

  it("is open where no scenario of its name says what its load was", () => {
    const pace = { kind: "pace", at: 80, planned: 2, made: 2, late_ms_p95: 1, late_ms_max: 1 } as const;
    const { json, verdict } = check(store(trial([reserve(10), reserve(11, "already"), pace, { ...theEnd, calls: 2 }])));
    expect(verdict).toBe("unknown");
    expect(json).toMatchObject({ reason: expect.stringContaining("no scenario small-run is known") });
  });

  it("shows what is violated, as the run itself would", () => {
    const { json, verdict } = check(store(trial([reserve(10), reserve(11, "full"), theEnd])));
    expect(verdict).toBe("violated");
    expect(json).toMatchObject({
      violations: expect.arrayContaining([
        { property: "L1", story: [expect.stringContaining("answered full"), ...Array(4).fill(expect.any(String))] },
      ]),
    });
  });

  it("is readable after a crash: a cut line is left out, and what holds so far is unknown", () => {
    const file = store(good, (lines) => {
      lines.splice(lines.findIndex((text) => text.includes('"phase"')));
      lines.push('{"kind":"call","id":9');
    });
    const { json, lines } = check(file);
    expect(json).toMatchObject({ ops: 2, verdict: "unknown", truncated: true, complete: false });
    expect(lines.join("\n")).toContain("the last line is cut");
    const broken = trial([reserve(10), reserve(11, "full"), reserve(11, "already")]);
    expect(check(store(broken)).verdict).toBe("violated");
  });

  it("has an open call as one that never returned, and a returned call once", () => {
    const begun = ({ from, id }: { from: number; id: number }) =>
      JSON.stringify({ kind: "begun", id, instance: 0, op: "reserve_job", node: "n1", job: "a", from });
    const [first, second] = [reserve(10), reserve(11, "already")];
    const file = store(trial([first]), (lines) => lines.splice(1, 0, begun(first), begun(second)));
    expect(readTrial(file).trial.history).toEqual([
      first,
      expect.objectContaining({ kind: "call", id: second.id, from: 11, to: null, outcome: "info", op: "reserve_job" }),
    ]);
    const twice = store(trial([first]), (lines) => lines.splice(1, 0, begun(first), begun(first)));
    expect(() => readTrial(twice)).toThrow(/begins although it is known already/);
    const late = store(trial([first]), (lines) => lines.push(begun(first)));
    expect(() => readTrial(late)).toThrow(/begins although it is known already/);
  });

  it("may go back in time at a takeover in a split brain, and nowhere else", () => {
    const left = { epoch: "e1", sequence: 3 };
    const late = { ...dump(3, [[node(3), []]]), at: 80 };
    const taken = { ...dump(0, [[node(3), []]]), at: 40, version: null };
    const next = { ...dump(0, [[node(3), []]], "e2"), at: 42 };
    const split = trialOf({ history: [theEnd], observations: [late, { ...taken, left }, next] });
    expect(() => check(store(split))).not.toThrow();
    expect(() => check(store(trialOf({ observations: [late, next] })))).toThrow(/the order in which they were seen/);
  });

  it("is judged by all properties where it names none", () => {
    const file = store(good, (lines) => {
      lines[0] = (lines[0] ?? "").replace(/,"properties":\[[^\]]*\]/, "");
    });
    expect(Object.keys((check(file).json as { properties?: object }).properties ?? {})).toContain("V1");
  });

  it.each<readonly [string, (lines: string[]) => void, number, RegExp]>([
    ["no line about the run", (lines) => lines.shift(), 1, /the first line is not about a run/],
    [
      "a line of another program",
      (lines) => lines.splice(2, 0, '{"kind":"metric"}'),
      3,
      /kind is "metric"; allowed are call/,
    ],
    ["no JSON in the middle", (lines) => lines.splice(1, 0, "hello"), 2, /no line of a history: hello/],
    ["a call that is there twice", (lines) => lines.splice(2, 0, lines[1] ?? ""), 3, /call \d+ is on line 2 already/],
    [
      "a return before its call",
      (lines) => lines.splice(1, 1, (lines[1] ?? "").replace(/"to":\d+/, '"to":1')),
      2,
      /returned at 1, before it was called/,
    ],
    [
      "observations out of order",
      (lines) => lines.push(lines.splice(4, 1)[0] ?? ""),
      8,
      /an observation of 0 ms after one of 13 ms/,
    ],
    ["a time that is missing", (lines) => lines.splice(3, 1, '{"kind":"phase","name":"end"}'), 4, /phase without at/],
  ])("is refused for %s, with its line", (_, spoil, at, found) => {
    const file = store(good, spoil);
    expect(() => check(file)).toThrow(UsageError);
    expect(() => check(file)).toThrow(found);
    expect(() => check(file)).toThrow(
      expect.objectContaining({ where: expect.stringMatching(new RegExp(`: line ${at}$`)) }),
    );
  });

  it("is no pass where its last line is cut, although the run ended", () => {
    const file = store(good);
    writeFileSync(file, `${readFileSync(file, "utf8")}\n{"kind":"view","at":91,"inst`);
    expect(check(file)).toMatchObject({
      verdict: "unknown",
      json: { truncated: true, complete: false, reason: "the line that is cut may be one that breaks a property" },
    });
  });

  it.each([
    ["without its end", (lines: string[]) => lines.splice(3, 1)],
    ["without its beginning", (lines: string[]) => lines.splice(1, 1)],
  ])("is no pass with a call %s, although the run ended", (_, spoil) => {
    const begun = ({ from, id }: { from: number; id: number }) =>
      JSON.stringify({ kind: "begun", id, instance: 0, op: "reserve_job", node: "n1", job: "a", from });
    const [first, second] = [reserve(10), reserve(11, "already")];
    const stored = trial([first, second, theEnd]);
    const whole = (lines: string[]) => lines.splice(1, 0, begun(first), begun(second));
    expect(check(store(stored, whole)).verdict).toBe("held");
    const half = store(stored, (lines) => {
      whole(lines);
      spoil(lines);
    });
    expect(check(half)).toMatchObject({
      verdict: "unknown",
      json: { reason: "lines are missing: of 1 calls there is only one line of two" },
    });
  });

  it("is no pass where no call was answered", () => {
    const file = store(trial([{ ...reserve(10), to: null, outcome: "info", reply: "never returned" }, theEnd]));
    expect(check(file).verdict).not.toBe("held");
    const free = store(trial([theEnd]), edit(1, '["L1","J1"]', '["J1"]'));
    expect(check(free)).toMatchObject({ verdict: "not_exercised" });
  });

  it("is unknown, with the limit, and not read where it has a gigabyte", () => {
    const file = store(good);
    truncateSync(file, 2 ** 30);
    const { json, verdict } = check(file);
    expect(verdict).toBe("unknown");
    expect(json).toMatchObject({ ops: 0, reason: `${2 ** 30} bytes, allowed ${384 * 2 ** 20} to stay within memory` });
  });

  it("is refused when it is empty", () => {
    const file = join(folder, "empty");
    writeFileSync(file, "");
    expect(() => check(file)).toThrow(/nothing is in it/);
  });
});
