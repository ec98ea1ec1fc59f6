import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/evidence/failure.ts";
import { checkFile } from "../../../src/history/check-file.ts";
import { type CallLine, call, complete, head, registered, reserve } from "./lines.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-scheduler-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(lines: readonly string[], end = "\n", budget = 10_000) {
  const file = join(folder, "h.jsonl");
  writeFileSync(file, `${lines.join("\n")}${end}`);
  return checkFile({ file, model: "scheduler", budget, now: () => performance.now() });
}

const good = [head(), registered(0), reserve(10, "a", "reserved"), reserve(20, "b", "full")];
const spoiltCall = (right: string, wrong: string) => [head(), registered(0).replace(right, wrong)];

describe("a stored history of scheduler", () => {
  it("is judged node by node", () => {
    expect(check(good).json).toMatchObject({ ops: 3, verdict: "held", nodes: 1, truncated: false, begins: "empty" });
    const other = good.slice(1).map((line) => line.replace('"n"', '"m"').replace('"client":1', '"client":2'));
    expect(check([...good, ...other]).json).toMatchObject({ ops: 6, verdict: "held", nodes: 2 });
    const wrong = complete(30, "b", "completed").replace('"n"', '"m"');
    expect(check([...good, ...other, wrong]).json).toMatchObject({ verdict: "violated", node: "m" });
  });

  it("may come in any order of lines after the first", () => {
    expect(check([head(), ...good.slice(1).toReversed()]).verdict).toBe("held");
  });

  it("names the bounds that it took from the documentation", () => {
    const { json, lines } = check([head({ ttl_ms: 1, done_max: 7 }), ...good.slice(1)]);
    const assumed = { ttl_spread: 0.2, lease_ms: 60_000, done_ms: 600_000, retention_ms: 3_600_000 };
    expect(json).toMatchObject({ verdict: "held", assumed });
    expect(lines.join("\n")).toContain("not in the first line, so as documented: ttl_spread 0.2, lease_ms 60000");
  });

  it.each([
    ["before the end of the lease", 60_000_000_009, "violated"],
    ["after it", 60_000_000_010, "held"],
  ])("lets a job lapse %s: %s", (_, at, verdict) => {
    const beat = call({ op: "heartbeat", call: 50_000_000_000, asked: beatOf("e:0"), reply: {} });
    const lines = [head({ ttl_ms: 80_000 }), ...good.slice(1), beat, reserve(at - 5, "b", "reserved")];
    expect(check(lines).verdict).toBe(verdict);
  });

  it("takes the jitter off the time to live", () => {
    const gone = (at: number) =>
      check([head({ ttl_ms: 1_000 }), registered(0), reserve(at - 5, "a", "not_online")]).verdict;
    expect([gone(799_999_999), gone(800_000_000)]).toEqual(["violated", "held"]);
  });

  it("takes what is not answered as done or not, also later, and an error as what it says", () => {
    const error = (code: string, definite: boolean) => ({
      returned: 35,
      reply: { error: { code, message: "", definite } },
    });
    const late = complete(100, "b", "completed");
    const freed = [head(), registered(0, 2)];
    expect(check([...freed, late]).verdict).toBe("violated");
    for (const parts of [{ returned: null }, error("deadline", false), error("surprise", true)]) {
      expect(check([...freed, reserve(30, "b", null, parts), late]).verdict).toBe("held");
    }
    expect(check([...freed, reserve(30, "b", null, error("deadline", true)), late]).verdict).toBe("violated");
    expect(check([...freed, reserve(110, "b", null, { returned: null }), late]).verdict).toBe("violated");
  });

  it("judges a read of the store within its age, and leaves out what may be of a cache", () => {
    const read = (parts: object) => {
      const reply = { found: true, source: "redis", age_ms: 0, stale: false, current_jobs: 0, max_jobs: 1, ...parts };
      return check([...good, call({ op: "get_node", call: 1_000_030, reply })]).json;
    };
    expect(read({})).toMatchObject({ verdict: "violated" });
    expect(read({ current_jobs: 1 })).toMatchObject({ verdict: "held", not_judged: 0 });
    expect(read({ age_ms: 1.00002 })).toMatchObject({ verdict: "held" });
    expect(read({ stale: true })).toMatchObject({ verdict: "held", not_judged: 1 });
    expect(read({ source: "l1" })).toMatchObject({ verdict: "held", not_judged: 1 });
    expect(read({ max_jobs: 2 })).toMatchObject({ verdict: "violated" });
  });

  it("may be cut anywhere in its last line, and is then no pass", () => {
    expect(check(good, "").json).toMatchObject({ ops: 3, verdict: "held", truncated: false });
    const whole = good.join("\n");
    for (let left = 1; left < (good.at(-1)?.length ?? 0); left += 1) {
      const cut = check([whole.slice(0, whole.length - left)], "");
      expect(cut.json).toMatchObject({ ops: 2, verdict: "unknown", truncated: true });
    }
  });

  it("keeps times of any size exact", () => {
    const long = (line: string) => line.replaceAll(/"(call|return)_ns":/g, '"$1_ns":17000000000000000');
    const lines = [head({ ttl_ms: 1, ttl_spread: 0 }), long(registered(10))];
    expect(check([...lines, long(reserve(90, "a", "full"))]).json).toMatchObject({
      verdict: "violated",
      times_from: "1700000000000000010",
    });
  });

  it("is unknown when the time is up or too much is in flight", () => {
    expect(check(good, "\n", -1).json).toMatchObject({ verdict: "unknown", reason: "node n: the time was up" });
    const many = Array.from({ length: 63 }, (_, client) => reserve(10, `j${client}`, "full", { client, returned: 99 }));
    expect(check([head(), registered(0), ...many]).json).toMatchObject({ verdict: "unknown" });
  });

  it.each([
    ["the incarnation that it had", "renewed", 10, "e:7", "held"],
    ["another one", "renewed", 10, "e:6", "unknown"],
    ["one, where it had none", "unknown_node", 15, "e:6", "violated"],
    ["one, where it had none, but perhaps before the history began", "unknown_node", 10, "e:6", "unknown"],
  ])("begins in the middle, and a loss leads back to %s", (_, outcome, since, incarnation, verdict) => {
    const beat = (at: number, name: string, said: string, parts: Partial<CallLine>) =>
      call({ op: "heartbeat", call: at, asked: { ...beatOf(name), seq: at }, reply: { outcome: said }, ...parts });
    const fault = `{"fault":"x","from_ns":20,"until_ns":25,"since_ns":${since}}`;
    const before = [beat(0, "e:7", outcome, { returned: 12 }), registered(13)];
    const lines = [head({ begins: "unknown" }), ...before, fault, beat(30, incarnation, "renewed", {})];
    expect(check(lines).verdict).toBe(verdict);
  });

  it.each([
    ["only the first line", [head()], "no call is in the file"],
    ["only unanswered calls", [head(), reserve(0, "a", null)], "no call was answered"],
    [
      "an operation that was never answered",
      [...good, ...[1, 2, 3, 4, 5].map((at) => complete(50 + at, "a", "unknown", { reply: null }))],
      "none of many calls was answered: complete_job",
    ],
    ["one answer of each job of a node", [head({ begins: "unknown" }), reserve(0, "a", "full")], "none was compared"],
  ])("proves nothing with %s", (_, lines, reason) => {
    expect(check(lines).json).toMatchObject({ verdict: "not_exercised", reason: expect.stringContaining(reason) });
  });
});

function beatOf(incarnation: string): object {
  return { incarnation, seq: 1, running: [] };
}

const shown = (parts: object, content: object) => {
  const seen = { status: "online", incarnation: "e:0", current_jobs: 0, max_jobs: 1, ...content };
  const reply = { found: true, source: "redis", age_ms: 0, stale: false, content: seen, ...parts };
  return [head(), registered(0), call({ op: "get_node", call: 9, reply })];
};

describe("a history of scheduler", () => {
  it.each<[string, readonly string[], number, RegExp]>([
    ["an empty file", [], 1, /nothing is in it/],
    ["no first line", good.slice(1), 1, /unknown field "client"; allowed are kind, begins/],
    ["a run's first line", ['{"kind":"trial"}'], 1, /history of a run/],
    ["a first line that does not say how it begins", ['{"kind":"scheduler"}'], 1, /without begins/],
    ["a beginning that is none", [head({ begins: "later" })], 1, /begins is "later"; allowed are empty, unknown/],
    ["a misspelt bound", [head({ lease_ns: 5 })], 1, /unknown field "lease_ns"/],
    ["a bound of nothing", [head({ ttl_ms: 0 })], 1, /ttl_ms is 0; allowed is a number above 0/],
    ["a bound in words", [head({ lease_ms: "1s" })], 1, /lease_ms is "1s"/],
    ["a bound that is there twice", [head().replace("{", '{"begins":"empty",')], 1, /a field twice/],
    ["junk", [...good, "INFO started"], 5, /no JSON: INFO started/],
    ["junk in the middle", [head(), "tail -f log", registered(0)], 2, /no JSON/],
    ["a line cut in the middle", [head(), '{"client":1,', registered(0)], 2, /a line that is cut/],
    ["an unknown field", spoiltCall('"client"', '"clients"'), 2, /unknown field "clients"/],
    ["a call without its time", spoiltCall('"call_ns":0,', ""), 2, /call_ns is missing/],
    ["a time that is no integer", spoiltCall('"return_ns":5', '"return_ns":5.5'), 2, /return_ns is 5.5/],
    ["a time in words", spoiltCall('"call_ns":0', '"call_ns":"soon"'), 2, /call_ns is "soon"/],
    [
      "a return before its call",
      [head(), reserve(9, "a", "full", { returned: 8 })],
      2,
      /returned at 8, before .* at 9/,
    ],
    ["a client that is none", spoiltCall('"client":1', '"client":1.5'), 2, /client is 1.5/],
    ["an operation that is none", spoiltCall("register_node", "register"), 2, /request.op is "register"/],
    ["an operation about no node", spoiltCall("register_node", "select_nodes"), 2, /request.op is "select_nodes"/],
    [
      "a misspelt field of a request",
      spoiltCall("max_jobs", "max_job"),
      2,
      /request has an unknown field "max_job".*max_jobs/,
    ],
    ["a missing field of a request", spoiltCall(',"max_jobs":1', ""), 2, /request without max_jobs/],
    ["a misspelt field of a reply", spoiltCall("incarnation", "incarnations"), 2, /reply has an unknown field/],
    ["an outcome that is none", [head(), reserve(0, "a", "reserve")], 2, /outcome is "reserve".*did you mean reserved/],
    ["an outcome of another operation", [head(), reserve(0, "a", "renewed")], 2, /outcome is "renewed"/],
    ["a number that is too large", spoiltCall('"max_jobs":1', '"max_jobs":9007199254740993'), 2, /max_jobs is/],
    [
      "a member that is there twice",
      spoiltCall('"max_jobs":1', '"max_jobs":1,"max_jobs":2'),
      2,
      /request has a field twice/,
    ],
    ["a registration without an incarnation", spoiltCall('"e:0"', "null"), 2, /incarnation is null of registered/],
    [
      "a retry without its token",
      spoiltCall('"incarnation":"e:0"', '"outcome":"already","incarnation":"e:0"'),
      2,
      /already of a registration without a token/,
    ],
    ["the same line twice", [head(), registered(0), registered(0)], 3, /client 1 called at 0 for a second time/],
    ["a carriage return", [head(), `${registered(0)}\r`], 2, /a carriage return/],
    ["a lone surrogate", spoiltCall('"n"', '"\\ud800"'), 2, /node is .*; allowed is a string without lone surrogates/],
    [
      "lists in lists",
      spoiltCall('"max_jobs":1', `"max_jobs":1,"pools":${"[".repeat(50)}${"]".repeat(50)}`),
      2,
      /nested/,
    ],
    ["two numbers of jobs", shown({ current_jobs: 1, max_jobs: 1 }, {}), 3, /two different current_jobs/],
    ["two states", shown({ status: "offline" }, {}), 3, /two different status/],
    ["the content of another node", shown({}, { node: "m" }), 3, /content of node "m"; allowed is that of "n"/],
    ["the content of no node", shown({ found: false }, {}), 3, /has content, and found: false/],
    ["a fault without its end", [head(), '{"fault":"x","from_ns":1,"since_ns":0}'], 2, /until_ns is missing/],
    [
      "a fault that ends first",
      [head(), '{"fault":"x","from_ns":2,"until_ns":1,"since_ns":0}'],
      2,
      /ended at 1, before/,
    ],
    [
      "a fault of a client",
      [head(), '{"fault":"x","from_ns":1,"until_ns":1,"since_ns":0,"client":1}'],
      2,
      /unknown field "client"; allowed are fault/,
    ],
    [
      "half of the places",
      [
        head(),
        call({
          op: "get_node",
          call: 0,
          reply: { found: true, source: "redis", age_ms: 0, stale: false, max_jobs: 1 },
        }),
      ],
      2,
      /one of current_jobs and max_jobs/,
    ],
    [
      "a time far from all others",
      [head(), registered(0), reserve(2 ** 53, "a", null, { returned: null })],
      3,
      /more than 2\^53/,
    ],
  ])("is refused for %s, with its line", (_, lines, at, found) => {
    const judged = () => check(lines);
    expect(judged).toThrow(UsageError);
    expect(judged).toThrow(found);
    expect(judged).toThrow(expect.objectContaining({ where: expect.stringMatching(new RegExp(`: line ${at}$`)) }));
  });

  it("is refused with the word that was probably meant", () => {
    const fixOf = (lines: readonly string[]) => {
      try {
        check(lines);
      } catch (error) {
        return error instanceof UsageError ? error.fix : "";
      }
      return "";
    };
    expect(fixOf([head({ lease_ns: 5 })])).toBe("did you mean lease_ms?");
    expect(fixOf(spoiltCall('"return_ns"', '"end_ns"'))).toBe("did you mean return_ns?");
  });
});
