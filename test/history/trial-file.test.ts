import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boundsOf } from "../../scenarios/bounds.ts";
import { scenarios } from "../../scenarios/registry.ts";
import type { Trial } from "../../src/check/judgement.ts";
import { checkFile } from "../../src/history/check-file.ts";
import { readTrial } from "../../src/history/trial-file.ts";
import { headLine } from "../../src/inject/files.ts";
import { UsageError } from "../../src/report/failure.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import { call, dump, entry, job, node, registered, seenAt, storeCall, trialOf } from "../check/trials.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-history-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const version = { epoch: "e1", sequence: 2 };
const reserve = (from: number, reply = "reserved") =>
  call({ op: "reserve_job", node: "n1", job: "a", from, to: from + 9, reply, version });
const observations = [
  dump(0, []),
  entry(1, registered()),
  entry(2, job("reserved", "a", 1)),
  seenAt(3, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]])),
];
const theEnd = { kind: "phase", at: 90, name: "end" } as const;
const trial = (history: Trial["history"]) => trialOf({ history, observations });
const good = trial([reserve(10), reserve(11, "already"), theEnd]);

function store(stored: Trial, spoil: (lines: string[]) => void = () => {}): string {
  const file = join(folder, "history.jsonl");
  const run = { scenario: "redis-gone", redis: "single", seed: 7, properties: ["L1", "J1"] } as const;
  const lines = [headLine(run, stored), ...stored.history, ...stored.observations].map((one) => JSON.stringify(one));
  spoil(lines);
  writeFileSync(file, lines.join("\n"));
  return file;
}

const check = (file: string) => checkFile({ file, model: null, budget: 1_000, now: () => 0 });

describe("a stored history of a run", () => {
  it("is read as it was written", () => {
    const stored = readTrial(store(good));
    expect(stored.trial).toEqual(good);
    expect(stored).toMatchObject({
      scenario: "redis-gone",
      seed: 7,
      properties: ["J1", "L1"],
      isCut: false,
      isComplete: true,
    });
  });

  it("is open, and accuses nobody, where a bound was missed by little while the thread was busy", () => {
    const busy = { kind: "stall", since: 140, at: 202, lasted: 60, ran: 50, waited: 0 } as const;
    const judged = (history: Trial["history"]) =>
      check(
        store(trial([...history, { ...theEnd, at: 900 }]), (lines) => {
          lines[0] = lines[0]?.replace('["J1","L1"]', '["K3"]').replace('["L1","J1"]', '["K3"]') ?? "";
        }),
      );
    const slight = judged([busy, storeCall(141, 221)]);
    expect(slight).toMatchObject({ verdict: "unknown", json: { violations: [] } });
    expect(slight).toHaveProperty("json.properties.K3.verdict", "unknown");
    expect(slight).toHaveProperty("json.properties.K3.reason", expect.stringContaining("ended after 80 ms"));
    expect(judged([storeCall(141, 221)])).toMatchObject({
      verdict: "violated",
      json: { violations: [{ property: "K3" }] },
    });
  });

  it("is judged by the properties that it names", () => {
    const { json, lines, verdict } = check(store(good));
    expect(verdict).toBe("held");
    expect(json).toMatchObject({
      ...{ ops: 2, verdict: "held", scenario: "redis-gone", seed: 7, side: "fault" },
      properties: { L1: { verdict: "held", exercised: 2 }, J1: { verdict: "held" } },
    });
    expect(lines.join("\n")).toContain("L1  held  exercised 2");
    expect(json).toHaveProperty("not_judged", expect.arrayContaining(["D1", "D2", "V3", "D3"]));
    expect(lines.join("\n")).toMatch(/redis-gone claims these too, which the first line does not name: .*D1/);
  });

  it("shows what is violated, as the run itself would", () => {
    const { json, verdict } = check(store(trial([reserve(10), reserve(11, "full"), theEnd])));
    expect(verdict).toBe("violated");
    expect(json).toMatchObject({
      violations: [
        { property: "L1", story: [expect.stringContaining("answered full"), ...Array(4).fill(expect.any(String))] },
      ],
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

  it("has a call that had begun and not come back as one that never returned, and each that had as itself", () => {
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

  it("may go back to when another server took over, in a split, and nowhere else", () => {
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
      /an observation of 0 ms after one of 3 ms/,
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

  const edit =
    (line: number, right: string | RegExp, wrong: string) =>
    (lines: string[]): void => {
      const before = lines[line - 1] ?? "";
      lines[line - 1] = before.replace(right, wrong);
      if (lines[line - 1] === before) throw new Error(`nothing to replace in ${before}`);
    };

  it.each<readonly [string, (lines: string[]) => void, number, RegExp, string]>([
    ["a bound that is missing", edit(1, '"budget":50,', ""), 1, /bounds.budget is missing/, ""],
    ["a bound that is misspelt", edit(1, '"budget"', '"budgets"'), 1, /"budgets" in bounds/, "did you mean budget?"],
    [
      "one bound too many",
      edit(1, '"budget"', '"budgets":1,"budget"'),
      1,
      /"budgets" in bounds/,
      "did you mean budget?",
    ],
    ["a bound of zero", edit(1, '"recovery":1000', '"recovery":0'), 1, /bounds.recovery is 0/, ""],
    ["a bound below zero", edit(1, '"recovery":1000', '"recovery":-1'), 1, /bounds.recovery is -1/, ""],
    ["a bound without end", edit(1, '"recovery":1000', '"recovery":1e400'), 1, /bounds.recovery is/, ""],
    ["a bound of a year", edit(1, '"recovery":1000', '"recovery":3e10'), 1, /bounds.recovery is 30000000000/, ""],
    ["a bound in words", edit(1, '"recovery":1000', '"recovery":"1 s"'), 1, /bounds.recovery is "1 s"/, ""],
    ["no bounds", edit(1, '"bounds"', '"bound"'), 1, /unknown field "bound"/, "did you mean bounds?"],
    ["no terms", edit(1, '"terms":', '"term":'), 1, /unknown field "term"/, "did you mean terms?"],
    ["a term that is missing", edit(1, '"missTtl":1000,', ""), 1, /terms.missTtl is missing/, ""],
    ["no instances", edit(1, '"instances":1', '"instances":0'), 1, /instances is 0/, ""],
    ["half an instance", edit(1, '"instances":1', '"instances":1.5'), 1, /instances is 1.5/, ""],
    ["a scenario of no name", edit(1, '"redis-gone"', '"../redis"'), 1, /scenario is/, ""],
    ["a third side", edit(1, '"fault"', '"both"'), 1, /side is "both"/, ""],
    ["servers of no kind", edit(1, '"single"', '"double"'), 1, /redis is "double"/, ""],
    ["no property", edit(1, '["L1","J1"]', "[]"), 1, /properties is \[\]/, ""],
    ["an unknown property", edit(1, '"J1"', '"J11"'), 1, /properties.1 is "J11"/, "did you mean J1?"],
    ["a field of the first line twice", edit(1, '"seed":7', '"seed":7,"seed":8'), 1, /there twice/, ""],
    [
      "an unknown operation",
      edit(2, '"reserve_job"', '"reserve_jobs"'),
      2,
      /op is "reserve_jobs".*mean reserve_job\?/,
      "",
    ],
    [
      "an unknown reply",
      edit(2, '"reserved"', '"reserve"'),
      2,
      /reply of reserve_job is "reserve".*mean reserved\?/,
      "",
    ],
    ["an unknown outcome", edit(2, '"ok"', '"okay"'), 2, /outcome is "okay"/, ""],
    ["an instance that there is not", edit(2, '"instance":0', '"instance":1'), 2, /instance 1; allowed are 0 to 0/, ""],
    ["a field that is misspelt", edit(2, '"reply"', '"replies"'), 2, /unknown field "replies".*mean reply\?/, ""],
    ["a field that is there twice", edit(2, '"from"', '"from":1,"from"'), 2, /there twice/, ""],
    ["a member of a member twice", edit(2, '"sequence"', '"sequence":1,"sequence"'), 2, /there twice/, ""],
    ["a time that is none", edit(2, '"from":10', '"from":null'), 2, /from is null/, ""],
    ["a time without end", edit(2, '"to":19', '"to":1e999'), 2, /to is null|to is Infinity/, ""],
    ["a version that is none", edit(2, '"sequence":2', '"sequence":2.5'), 2, /version.sequence is 2.5/, ""],
    ["a version beyond 2^53", edit(2, '"sequence":2', '"sequence":9007199254740993'), 2, /version.sequence is/, ""],
    ["an unknown change", edit(7, '"reserved"', '"reserve"'), 7, /change.kind is "reserve".*mean reserved\?/, ""],
    ["an unknown phase", edit(4, '"end"', '"ended"'), 4, /name is "ended"/, ""],
    [
      "nesting without end",
      (lines) => lines.splice(2, 0, `{"kind":"note","facts":${"[".repeat(1e6)}`),
      3,
      /nested/,
      "",
    ],
    ["no JSON at the end", (lines) => lines.push("tail -f log"), 9, /no line of a history/, ""],
    ["a carriage return", edit(3, /$/, "\r"), 3, /a carriage return/, ""],
    ["a byte order mark", edit(1, /^/, "\ufeff"), 1, /no line of a history/, ""],
    ["a prototype", edit(2, '"from"', '"__proto__":{},"from"'), 2, /unknown field "__proto__"/, ""],
  ])("is refused for %s, with the word that was probably meant", (_, spoil, at, found, fix) => {
    const file = store(good, spoil);
    const refused = expect.objectContaining({
      name: "UsageError",
      message: expect.stringMatching(found),
      where: `${file}: line ${at}`,
      ...(fix === "" ? {} : { fix }),
    });
    expect(() => check(file)).toThrow(refused);
  });

  it("is no pass where its last line is cut, though the run came to its end", () => {
    const file = store(good);
    writeFileSync(file, `${readFileSync(file, "utf8")}\n{"kind":"view","at":91,"inst`);
    expect(check(file)).toMatchObject({
      verdict: "unknown",
      json: { truncated: true, complete: false, reason: "the line that is cut may be one that breaks a property" },
    });
  });

  it.each([
    ["budget", "50", "51", "budget 51 ms, and redis-gone has at most 50 ms"],
    ["recovery", "1000", "60000", "recovery 60000 ms, and redis-gone has at most 1500 ms"],
    ["convergence", "500", "1001", "convergence 1001 ms, and redis-gone has at most 1000 ms"],
    ["staleness", "300", "301", "staleness 301 ms, and redis-gone has at most 300 ms"],
  ])("is no pass where %s is wider than its scenario has it, and says so", (which, right, wide, reason) => {
    const { json, verdict } = check(store(good, edit(1, `"${which}":${right}`, `"${which}":${wide}`)));
    expect(verdict).toBe("unknown");
    expect(json).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it("of a scenario that is not known here has no wider bounds than any that is", () => {
    const judged = (recovery: number) =>
      check(
        store(good, (lines) => {
          edit(1, '"redis-gone"', '"redis-went"')(lines);
          edit(1, '"recovery":1000', `"recovery":${recovery}`)(lines);
        }),
      );
    expect(judged(2_000).verdict).toBe("held");
    expect(judged(3_000_000)).toMatchObject({
      verdict: "unknown",
      json: { reason: expect.stringContaining("any scenario has at most") },
    });
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    "has the first line of a run of %s, with the bounds and terms that it may have",
    (name, scenario) => {
      const { heartbeatTtl, l1Ttl, lease, missTtl, ttlSpread } = resolveSettings({
        ...scenario.settings,
        partitions: scenario.topology.partitions,
      });
      const terms = { heartbeatTtl, l1Ttl, lease, missTtl, ttlSpread, feedMax: scenario.topology.feedMax };
      const { instances } = scenario.topology;
      const run = { scenario: name, redis: scenario.topology.redis, seed: 7, properties: scenario.always };
      const head = headLine(run, { side: "control", instances, bounds: boundsOf(scenario), terms });
      const file = join(folder, "head.jsonl");
      writeFileSync(file, JSON.stringify(head));
      expect(readTrial(file)).toMatchObject({ scenario: name, wideBounds: [], trial: { terms } });
    },
  );

  it.each([
    ["lasted below nothing", { lasted: -1 }, /stall.lasted is -1; allowed is a finite number from 0/],
    ["began after it was seen", { since: 41 }, /stall since 41 ms, seen at 40 ms/],
    ["lasted for ever", { lasted: null }, /stall.lasted is null/],
  ])("is refused where an excuse %s", (_, parts, found) => {
    const pause = { kind: "stall", since: 20, at: 40, lasted: 20, ...parts } as unknown as Trial["history"][number];
    expect(() => check(store(trial([reserve(10), pause, theEnd])))).toThrow(found);
  });

  it("is refused where a line was written twice, and where the two lines of a call do not agree", () => {
    const pause = { kind: "stall", since: 20, at: 40, lasted: 20 } as const;
    const twice = store(trial([reserve(10), pause, pause, theEnd]));
    expect(() => check(twice)).toThrow(/the line before it a second time/);
    const [first, second] = [reserve(10), reserve(11, "already")];
    const begun = (parts: object) => (lines: string[]) => {
      const { from, id } = first;
      const line = { kind: "begun", id, instance: 0, op: "reserve_job", node: "n1", job: "a", from, ...parts };
      lines.splice(1, 0, JSON.stringify(line), JSON.stringify({ ...line, id: second.id, from: second.from }));
    };
    const stored = trial([first, second, theEnd]);
    expect(check(store(stored, begun({}))).verdict).toBe("held");
    for (const parts of [{ job: "b" }, { node: "n2" }, { op: "release_job" }, { seq: 4 }]) {
      expect(() => check(store(stored, begun(parts)))).toThrow(/began with .*; allowed is the same/);
    }
  });

  it.each([
    ["whose end is missing", (lines: string[]) => lines.splice(3, 1)],
    ["whose beginning is missing", (lines: string[]) => lines.splice(1, 1)],
  ])("is no pass with a call %s, though the run came to its end", (_, spoil) => {
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

  it("is no pass where nobody was answered", () => {
    const file = store(trial([{ ...reserve(10), to: null, outcome: "info", reply: "never returned" }, theEnd]));
    expect(check(file).verdict).not.toBe("held");
    const free = store(trial([theEnd]), edit(1, '["L1","J1"]', '["J1"]'));
    expect(check(free)).toMatchObject({ verdict: "not_exercised" });
  });

  it("is unknown, with the limit, when it has a gigabyte, and is not read", () => {
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
