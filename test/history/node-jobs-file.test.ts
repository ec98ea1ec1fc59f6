import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkFile } from "../../src/history/check-file.ts";
import { BrokenRunError, UsageError } from "../../src/report/failure.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-history-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (parts: object) =>
  JSON.stringify({ client: 1, call_ns: 0, return_ns: 5, key: "n", kind: "read", args: {}, result: null, ...parts });
const registered = (call: number, client = 1, incarnation = 1) =>
  line({ client, call_ns: call, return_ns: call + 5, kind: "register", result: { status: "ok", incarnation } });
const reads = (call: number, incarnation: number, parts: object = {}) =>
  line({ call_ns: call, return_ns: call + 5, result: { status: "ok", incarnation, jobs: 0 }, ...parts });

function check(lines: readonly string[], end = "\n") {
  const file = join(folder, "h.jsonl");
  writeFileSync(file, `${lines.join("\n")}${end}`);
  return checkFile({ file, model: "node-jobs", budget: 10_000, now: () => performance.now() });
}

const good = [registered(0), reads(10, 1), reads(20, 1)];

describe("a stored history of node-jobs", () => {
  it("is judged key by key, and told as the peer tells it", () => {
    expect(check(good).json).toMatchObject({ ops: 3, verdict: "held", keys: 1, truncated: false });
    const { json, lines, verdict } = check([...good, reads(30, 0), registered(40, 2).replace('"n"', '"m"')]);
    expect(verdict).toBe("violated");
    expect(json).toMatchObject({ ops: 5, verdict: "violated", keys: 2, key: "n" });
    expect(lines.join("\n")).toContain("key n: no order explains #4 read -> ok, incarnation 0, 0 jobs, from 30 to 35");
    expect(lines.join("\n")).toContain("incarnation 1, alive, jobs {}");
  });

  it("may come in any order of lines", () => {
    expect(check(good.toReversed()).json).toMatchObject({ ops: 3, verdict: "held" });
  });

  it("counts what had no reply, and lets it have happened or not", () => {
    const open = line({ client: 7, call_ns: 1, return_ns: null, kind: "register" });
    expect(check([...good, open]).verdict).toBe("held");
    expect(check([...good, open, reads(30, 2)]).json).toMatchObject({ ops: 5, verdict: "held" });
    expect(check([...good, reads(30, 2)]).verdict).toBe("violated");
    expect(check([...good, line({ call_ns: 31, return_ns: null })]).json).toMatchObject({ ops: 4, verdict: "held" });
  });

  it("may be cut in its last line, and says so", () => {
    const cut = check(good, "").json;
    expect(cut).toMatchObject({ ops: 3, truncated: false });
    const file = join(folder, "cut.jsonl");
    const text = `${good.join("\n")}\n`;
    writeFileSync(file, text);
    truncateSync(file, text.length - 10);
    const said = checkFile({ file, model: "node-jobs", budget: 1_000, now: () => 0 });
    expect(said.json).toMatchObject({ ops: 2, verdict: "held", truncated: true });
    expect(said.lines.join("\n")).toContain("the last line is cut");
  });

  it.each([
    [
      "a line of something else",
      [...good.slice(0, 1), '{"level":"info"}', ...good.slice(1)],
      2,
      /no operation of node-jobs/,
    ],
    ["no JSON in the middle", [good[0] ?? "", "tail -f log", good[1] ?? ""], 2, /no JSON: tail -f log/],
    ["a line cut in the middle", [good[0] ?? "", '{"client":1,', good[1] ?? ""], 2, /no JSON/],
    ["a list", ["[]"], 1, /no operation/],
    [
      "a return before its call",
      [...good, reads(30, 1, { return_ns: 29 })],
      4,
      /returned at 29, before it was called at 30/,
    ],
    ["the same line twice", [good[0] ?? "", good[0] ?? ""], 2, /client 1 called at 0 for a second time/],
    ["the same line twice, out of order", [good[1] ?? "", good[0] ?? "", good[1] ?? ""], 3, /second time/],
    [
      "a job out of range",
      [line({ kind: "reserve", args: { job: 64, cap: 1 } })],
      1,
      /job 64.*allowed are job 0 to 63/,
    ],
    ["an unknown kind", [line({ kind: "pause" })], 1, /no operation/],
    ["an unknown status", [reads(0, 1, { result: { status: "maybe" } })], 1, /status "maybe": allowed are ok/],
    ["an impossible count", [reads(0, 1, { result: { status: "ok", jobs: -1 } })], 1, /jobs -1/],
    ["a time that is none", [line({ call_ns: "soon" })], 1, /no operation/],
  ])("is refused for %s, with its line", (_, lines, at, found) => {
    const judged = () => check(lines);
    expect(judged).toThrow(BrokenRunError);
    expect(judged).toThrow(found);
    expect(judged).toThrow(expect.objectContaining({ where: expect.stringMatching(new RegExp(`: line ${at}$`)) }));
  });

  it("is refused where there is no file, and where it is a folder", () => {
    for (const file of [join(folder, "nothing"), folder]) {
      expect(() => checkFile({ file, model: "node-jobs", budget: 1, now: () => 0 })).toThrow(UsageError);
    }
  });

  it("is refused for a line without an end", () => {
    const file = join(folder, "long");
    writeFileSync(file, Buffer.alloc(10 << 20, "x"));
    expect(() => checkFile({ file, model: "node-jobs", budget: 1, now: () => 0 })).toThrow(/more than 8 MiB/);
  });

  it("is unknown when the time is up", () => {
    let time = 0;
    const file = join(folder, "h.jsonl");
    writeFileSync(file, `${good.join("\n")}\n`);
    const said = checkFile({ file, model: "node-jobs", budget: 1, now: () => (time += 10) });
    expect(said.json).toMatchObject({ verdict: "unknown", reason: "key n: the time was up" });
  });
});
