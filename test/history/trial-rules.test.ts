import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boundsOf } from "../../scenarios/declare/bounds.ts";
import { scenarios } from "../../scenarios/registry.ts";
import type { Trial } from "../../src/check/judgement.ts";
import { readTrial } from "../../src/history/trial/file.ts";
import { headLine } from "../../src/inject/observe/files.ts";
import { resolveSettings } from "../../src/scheduler/settings.ts";
import { faultFrom, storeCall } from "../check/trials.ts";
import { check, edit, good, reserve, type Spoil, storeIn, theEnd, trial } from "./stored-trial.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-history-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const effect = {
  ...({ kind: "in_force", at: 60, fault: 0, name: "redis_latency", instance: 0, link: "commands" } as const),
  ...({ met: 1, seen_by: "probe" } as const),
};
const store = (stored: Trial, spoil?: Spoil): string => storeIn(folder, stored, spoil);

describe("a line of a run's history", () => {
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
    ["a scenario of no name", edit(1, '"small-run"', '"../redis"'), 1, /scenario is/, ""],
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

  it.each([
    ["budget", "50", "51", "budget 51 ms, and redis-gone has at most 50 ms"],
    ["recovery", "1000", "60000", "recovery 60000 ms, and redis-gone has at most 1200 ms"],
    ["convergence", "500", "1001", "convergence 1001 ms, and redis-gone has at most 1000 ms"],
    ["staleness", "300", "301", "staleness 301 ms, and redis-gone has at most 300 ms"],
  ])("is no pass where %s is wider than in its scenario, and says so", (which, right, wide, reason) => {
    const file = store(good, (lines) => {
      edit(1, '"small-run"', '"redis-gone"')(lines);
      edit(1, `"${which}":${right}`, `"${which}":${wide}`)(lines);
    });
    const { json, verdict } = check(file);
    expect(verdict).toBe("unknown");
    expect(json).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it("of an unknown scenario has no wider bounds than any known one", () => {
    const judged = (recovery: number) => check(store(good, edit(1, '"recovery":1000', `"recovery":${recovery}`)));
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

  it.each<readonly [string, object]>([
    ["a store call", storeCall(40, 30)],
    ["a fault", { ...faultFrom(40, 50)[0], done: 30 }],
    ["an effect", { ...effect, from: 40, to: 30 }],
  ])("is refused where %s ends before it begins", (_, event) => {
    const stored = trial([reserve(10), event as Trial["history"][number], theEnd]);
    expect(() => check(store(stored))).toThrow(/ended at 30, before it began at 40; allowed is not before/);
  });

  it("is refused where a line is repeated, and where the two lines of a call disagree", () => {
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
    for (const parts of [
      { job: "b" },
      { node: "n2" },
      { op: "release_job" },
      { seq: 4 },
      { lease: 5 },
      { running: [] },
    ]) {
      expect(() => check(store(stored, begun(parts)))).toThrow(/began with .*; allowed is the same/);
    }
  });
});
