import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { BrokenRunError } from "../../../src/evidence/failure.ts";
import { HistoryFile } from "../../../src/inject/observe/history-file.ts";
import { HistoryLog } from "../../../src/inject/observe/history-log.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { dump, read } from "../../check/trials.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const patient = { timeout: 5_000, interval: 2 };
const linesOf = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

describe("a log", () => {
  const said = fc.record({ kind: fc.string({ unit: "binary" }), at: fc.integer() });

  it("gives back every line once, in order, however often and whenever it is read", () => {
    fc.assert(
      fc.property(fc.array(fc.array(said)), (bursts) => {
        const log = new HistoryLog();
        const mark = { chunk: 0, offset: 0 };
        const seen = bursts.flatMap((burst) => {
          for (const one of burst) log.add(one);
          return log.read(mark);
        });
        expect(seen).toEqual(bursts.flat());
        expect(log.read({ chunk: 0, offset: 0 })).toEqual(bursts.flat());
      }),
    );
  });

  it("has room for lines longer than what it grows by, and for characters of several bytes", () => {
    const log = new HistoryLog();
    const long = [{ text: "結".repeat(900_000) }, { text: "x" }, { text: "é".repeat(700_000) }, { text: "🧩" }];
    for (const one of long) log.add(one);
    expect(log.read({ chunk: 0, offset: 0 })).toEqual(long);
  });
});

describe("a history that is being written", () => {
  it("is there before the run is over, and whole when it is closed", async () => {
    const path = join(folder, "new", "history.jsonl");
    const log = new HistoryLog();
    log.add({ kind: "trial" });
    await using file = await HistoryFile.open(path, log);
    log.add({ kind: "note", at: 1 });
    expect(await waitFor(() => (linesOf(path).length === 2 ? true : undefined), patient)).toBe(true);
    for (let at = 2; at < 50_000; at += 1) log.add({ kind: "note", at });
    await file.close();
    expect(linesOf(path)).toHaveLength(50_000);
    expect(linesOf(path)[0]).toBe('{"kind":"trial"}');
    expect(linesOf(path).at(-1)).toBe('{"kind":"note","at":49999}');
  });

  it("is not written over by another run, and holds nothing of what its own run began before", async () => {
    const path = join(folder, "history.jsonl");
    const write = async (kind: string, how: "new" | "again"): Promise<void> => {
      const log = new HistoryLog();
      log.add({ kind });
      await (await HistoryFile.open(path, log, how)).close();
    };
    await write("a longer one, first", "new");
    await expect(write("another run's", "new")).rejects.toThrow(/EEXIST/);
    expect(linesOf(path)).toEqual(['{"kind":"a longer one, first"}']);
    await write("second", "again");
    expect(linesOf(path)).toEqual(['{"kind":"second"}']);
  });

  it("breaks the run on a full disk, when it is closed and not before", async () => {
    const path = join(folder, "history.jsonl");
    symlinkSync("/dev/full", path);
    const log = new HistoryLog();
    log.add({ kind: "trial" });
    const file = await HistoryFile.open(path, log);
    const broken = { where: path, message: expect.stringContaining("ENOSPC"), fix: expect.stringContaining("room") };
    await expect(file.close()).rejects.toThrow(BrokenRunError);
    await expect(file.close()).rejects.toMatchObject(broken);
    await file[Symbol.asyncDispose]();
  });

  it("breaks the run at once where it cannot be written at all", async () => {
    const opening = HistoryFile.open("/dev/null/history.jsonl", new HistoryLog());
    await expect(opening).rejects.toThrow(BrokenRunError);
  });
});

describe("a recorder", () => {
  it("hands over what a reader of its file sees: by the clock of the load, and nothing after the end", async () => {
    const path = join(folder, "history.jsonl");
    const log = new HistoryLog();
    const recorder = new Recorder(log);
    const file = await HistoryFile.open(path, log);
    recorder.event(read(1, 2)); // before the load begins nothing is part of the history
    recorder.observed(dump(0, []));
    recorder.begin();
    const answered = read(10, 11);
    recorder.begun(answered.id, { instance: 0, op: "get_node", node: "n1" });
    expect(recorder.events).toHaveLength(1);
    recorder.event(answered);
    recorder.observed(dump(5, []));
    const { history, observations } = recorder.end();
    recorder.event(read(20, 21));
    recorder.observed(dump(6, []));
    await file.close();
    expect(history).toEqual([{ kind: "phase", at: 0, name: "load" }, answered]);
    expect(recorder.events).toEqual(history);
    expect(observations).toMatchObject([{ version: { sequence: 0 } }, { at: 5 }]);
    expect(observations[0]?.at).toBeLessThan(0);
    const written = linesOf(path).map((line): { kind: string } => JSON.parse(line));
    expect(written.map(({ kind }) => kind)).toEqual(["dump", "phase", "begun", "call", "dump"]);
    expect(written.filter(({ kind }) => kind === "dump")).toEqual(observations);
  });

  it("converts a moment before the load to the clock of the load, once that runs", async () => {
    const recorder = new Recorder();
    const [moment, early] = [recorder.moment(), recorder.now()];
    expect(recorder.at(moment)).toBeCloseTo(early, 0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    recorder.begin();
    expect(recorder.at(moment)).toBeLessThan(-4);
    expect(recorder.at(recorder.moment())).toBeCloseTo(recorder.now(), 0);
  });

  it("hands over what instances said of themselves when they got ready, before the load began", () => {
    const recorder = new Recorder();
    const { name, ...rest } = { name: "other", version: "1", claims: ["J1"], withheld: { D2: "not reported" } };
    recorder.event({ kind: "system", at: recorder.now(), instance: 1, name, ...rest });
    recorder.begin();
    const { history } = recorder.end();
    expect(history).toMatchObject([
      { kind: "system", instance: 1, name, ...rest },
      { kind: "phase", name: "load" },
    ]);
    expect(history[0]).toHaveProperty("at", expect.any(Number));
    expect(Number(Object(history[0]).at)).toBeLessThan(0);
  });

  it("writes both lines of each call that the history has, also of those made before the load", () => {
    const log = new HistoryLog();
    const recorder = new Recorder(log);
    const call = (id: number): Call => ({ ...read(recorder.now(), recorder.now()), id });
    const begin = (id: number) => recorder.begun(id, { instance: 0, op: "get_node", node: "n1" });
    begin(1);
    recorder.event(call(1)); // of no instance that is described: not part of the history
    recorder.event({ kind: "system", at: 0, instance: 0, name: "other", version: "1", claims: [], withheld: {} });
    begin(2);
    recorder.event(call(2));
    begin(3);
    recorder.begin();
    recorder.event(call(3));
    const written = log.read({ chunk: 0, offset: 0 }) as readonly { kind: string; id?: number; from?: number }[];
    expect(written.filter(({ kind }) => kind === "begun").map(({ id }) => id)).toEqual([2, 3]);
    expect(written.filter(({ kind }) => kind === "call").map(({ id }) => id)).toEqual([2, 3]);
    expect(written.find(({ kind }) => kind === "begun")?.from).toBeLessThanOrEqual(0);
    expect(recorder.calls).toBe(2);
  });
});
