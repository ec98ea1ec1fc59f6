import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/evidence/failure.ts";
import { checkFile } from "../../src/history/check-file.ts";

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
  it("is judged key by key, with the output of the peer", () => {
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

  it("counts unanswered operations, which may have happened or not", () => {
    const open = line({ client: 7, call_ns: 1, return_ns: null, kind: "register" });
    expect(check([...good, open]).verdict).toBe("held");
    expect(check([...good, open, reads(30, 2)]).json).toMatchObject({ ops: 5, verdict: "held" });
    expect(check([...good, reads(30, 2)]).verdict).toBe("violated");
    expect(check([...good, line({ call_ns: 31, return_ns: null })]).json).toMatchObject({ ops: 4, verdict: "held" });
  });

  it("may be cut anywhere in its last line, and is then no pass", () => {
    expect(check(good, "").json).toMatchObject({ ops: 3, verdict: "held", truncated: false });
    const last = reads(20, 1, { key: "café", client: -0, call_ns: 20 });
    for (const lines of [
      [...good.slice(0, 2), last],
      [...good, reads(30, 0), last],
    ]) {
      const bytes = Buffer.from(lines.join("\n"));
      const length = Buffer.byteLength(last);
      for (let left = 1; left < length; left += 1) {
        const file = join(folder, "cut.jsonl");
        writeFileSync(file, bytes.subarray(0, bytes.length - length + left));
        const checked = checkFile({ file, model: "node-jobs", budget: 1_000, now: () => 0 });
        const verdict = lines.length === 3 ? "unknown" : "violated";
        expect(checked.json).toMatchObject({ ops: lines.length - 1, verdict, truncated: true });
        expect(checked.lines.join("\n")).toContain("the last line is cut");
      }
    }
  });

  it.each([
    ["an empty file", [], "no operation is in the file"],
    ["blank lines", ["", ""], "no operation is in the file"],
    ["only unanswered calls", [line({ kind: "register", return_ns: null })], "no operation was answered"],
    [
      "a kind that was never answered",
      [...good, ...Array.from({ length: 5 }, (_, at) => line({ call_ns: 50 + at, kind: "expire", return_ns: null }))],
      "none of many calls was answered: expire",
    ],
  ])("proves nothing with %s", (_, lines, reason) => {
    expect(check(lines).json).toMatchObject({ verdict: "not_exercised", reason });
  });

  it("is violated even where some kinds were never answered", () => {
    const lost = Array.from({ length: 9 }, (_, at) => line({ call_ns: 50 + at, kind: "expire", return_ns: null }));
    expect(check([...good, reads(30, 0), ...lost]).verdict).toBe("violated");
  });

  it.each([
    ["a line of something else", [good[0] ?? "", '{"level":"info"}'], 2, /unknown field "level"; allowed are client/],
    ["no JSON in the middle", [good[0] ?? "", "tail -f log", good[1] ?? ""], 2, /no JSON: tail -f log/],
    ["no JSON at the end", [good[0] ?? "", "tail -f log"], 2, /no JSON: tail -f log/],
    ["a line cut in the middle", [good[0] ?? "", '{"client":1,', good[1] ?? ""], 2, /a line that is cut/],
    ["a list", ["[]"], 1, /no operation/],
    ["two values", [`${good[0]} {}`], 1, /no JSON: {}/],
    ["a return before its call", [...good, reads(30, 1, { return_ns: 29 })], 4, /returned at 29, before .* at 30/],
    ["the same line twice", [good[0] ?? "", good[0] ?? ""], 2, /client 1 called at 0 for a second time/],
    ["the same line twice, out of order", [good[1] ?? "", good[0] ?? "", good[1] ?? ""], 3, /second time/],
    ["a job out of range", [line({ kind: "reserve", args: { job: 64, cap: 1 } })], 1, /job 64; allowed is job 0 to 63/],
    ["a job below its range", [line({ kind: "complete", args: { job: -1 } })], 1, /job -1; allowed is job 0 to 63/],
    ["an impossible count", [reads(0, 1, { result: { status: "ok", jobs: -1 } })], 1, /jobs -1/],
    ["a client that is none", [line({ client: 1.5 })], 1, /client is 1.5/],
    ["a key that is none", [line({ key: 7 })], 1, /key is 7,.*; allowed is a string/],
    ["arguments that are none", [line({ args: [] })], 1, /args is \[\]/],
    ["a result that is none", [line({ result: "ok" })], 1, /result is "ok"/],
    [
      "a reserve without a capacity",
      [line({ kind: "reserve", args: { job: 1 } })],
      1,
      /args.cap is missing in reserve/,
    ],
    ["a reserve without arguments", [line({ kind: "reserve" })], 1, /args.job, cap is missing/],
    ["a complete without a job", [line({ kind: "complete" })], 1, /args.job is missing/],
    [
      "a read without its count",
      [reads(0, 1, { result: { status: "ok", incarnation: 1 } })],
      1,
      /result.jobs is missing/,
    ],
    ["a register without its life", [line({ kind: "register", result: { status: "ok" } })], 1, /result.incarnation is/],
    ["a result without a status", [line({ result: {} })], 1, /result.status, incarnation, jobs is missing in read/],
    ["a call without its time", [line({ call_ns: undefined })], 1, /call_ns is missing/],
    ["a call without its return", [line({ return_ns: undefined })], 1, /return_ns is missing/],
    ["a time in words", [line({ call_ns: "soon" })], 1, /call_ns is "soon",.*; allowed is an integer in digits/],
    ["a time that is no integer", [line({ return_ns: 5.5 })], 1, /return_ns is 5.5/],
    ["a time beyond all", [line({}).replace('"return_ns":5', '"return_ns":1e400')], 1, /return_ns is 1e400/],
    ["a time that is not a number", [line({}).replace('"return_ns":5', '"return_ns":NaN')], 1, /return_ns is NaN/],
    ["a time with a leading zero", [line({}).replace('"return_ns":5', '"return_ns":05')], 1, /return_ns is 05/],
    ["a member that is there twice", [line({}).replace("{", '{"client":2,')], 1, /client is there twice/],
    [
      "an argument that is there twice",
      [line({}).replace('"args":{}', '"args":{"job":1,"job":2}')],
      1,
      /job is there tw/,
    ],
    ["a carriage return", [`${good[0]}\r`], 1, /a carriage return/],
    ["a byte order mark", [`\ufeff${good[0]}`], 1, /a byte order mark/],
    ["a byte of zeros", [`${good[0]}\0`], 1, /no JSON/],
    ["a control character in a key", [line({}).replace('"n"', '"n\u0001"')], 1, /control character \(code 1\)/],
    ["a lone surrogate", [line({}).replace('"n"', '"\\ud800"')], 1, /a lone surrogate/],
    ["a time far from all others", [good[0] ?? "", reads(2 ** 53, 1, { return_ns: null })], 2, /more than 2\^53/],
    ["lists in lists", [`{"client":1,"args":${"[".repeat(1e6)}`], 1, /args is \[\[/],
  ])("is refused for %s, with its line", (_, lines, at, found) => {
    const judged = () => check(lines);
    expect(judged).toThrow(UsageError);
    expect(judged).toThrow(found);
    expect(judged).toThrow(expect.objectContaining({ where: expect.stringMatching(new RegExp(`: line ${at}$`)) }));
  });

  it.each([
    ["end_ns", '"return_ns"', '"end_ns"', "did you mean return_ns?"],
    ["call", '"call_ns"', '"call"', "did you mean call_ns?"],
    ["kinds", '"kind"', '"kinds"', "did you mean kind?"],
    ["capacity", '"args":{}', '"args":{"job":1,"capacity":2}', "did you mean args.cap?"],
    ["life", '"result":null', '"result":{"status":"ok","incarnations":1}', "did you mean result.incarnation?"],
    ["a kind", '"read"', '"reads"', "did you mean read?"],
    ["a status", '"result":null', '"result":{"status":"okay"}', "did you mean ok?"],
  ])("is refused with the word that was probably meant for %s", (_, right, wrong, fix) => {
    expect(() => check([line({}).replace(right, wrong)])).toThrow(expect.objectContaining({ fix }));
  });

  it("is refused for bytes that are not UTF-8, with the line", () => {
    const file = join(folder, "bytes.jsonl");
    for (const end of ["\n", ""]) {
      writeFileSync(
        file,
        Buffer.concat([Buffer.from(`${good[0]}\n`), Buffer.from(line({}).replace('"n"', '"\xff"') + end, "latin1")]),
      );
      expect(() => checkFile({ file, model: "node-jobs", budget: 1, now: () => 0 })).toThrow(
        expect.objectContaining({ message: expect.stringContaining("no UTF-8"), where: `${file}: line 2` }),
      );
    }
  });

  it("is refused where the file is missing or a folder", () => {
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
    const checked = checkFile({ file, model: "node-jobs", budget: 1, now: () => (time += 10) });
    expect(checked.json).toMatchObject({ verdict: "unknown", reason: "key n: the time was up" });
  });
});
