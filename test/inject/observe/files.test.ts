import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunFiles, type StoredRun } from "../../../src/inject/observe/files.ts";
import { HistoryLog } from "../../../src/inject/observe/history-log.ts";
import { trialOf } from "../../check/trials.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run: StoredRun = { scenario: "steady", redis: "single", seed: 7, properties: [] };
const sides = ["control", "fault"] as const;

/** Both sides of one run, one after the other; each names its owner. */
async function write(files: RunFiles, owner: string, attempt = 1): Promise<void> {
  for (const side of sides) {
    const log = new HistoryLog();
    const file = await files.open(attempt, trialOf({ side }), log);
    log.add({ owner });
    await file.close();
  }
}

const owner = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8").split("\n")[1] ?? "");

describe("the histories of a run", () => {
  it("have names of their own for each run on a seed, and the first has no number", async () => {
    const files = new RunFiles(folder, run);
    expect(files.name("fault", 1)).toBe("inject-steady-7-fault.jsonl");
    expect(files.name("control", 1)).toBe("inject-steady-7-control.jsonl");
    expect(new RunFiles(folder, { ...run, redis: "cluster" }).name("fault", 2)).toBe(
      "inject-steady-cluster-7-fault-run-2.jsonl",
    );
  });

  it("are created by it: those of an earlier run in the folder stay as they are", async () => {
    const [first, second] = [new RunFiles(folder, run), new RunFiles(folder, run)];
    await write(first, "first");
    await write(second, "second");
    await write(second, "second", 2);
    await write(first, "first", 2);
    expect(readdirSync(folder)).toHaveLength(8);
    for (const [files, name] of [
      [first, "first"],
      [second, "second"],
    ] as const)
      for (const attempt of [1, 2])
        for (const side of sides) expect(owner(files.name(side, attempt))).toEqual({ owner: name });
  });

  it("are never shared, however many runs begin at the same moment", async () => {
    const runs = Array.from({ length: 20 }, (_, index) => ({ files: new RunFiles(folder, run), index }));
    await Promise.all(runs.map(({ files, index }) => write(files, String(index))));
    expect(readdirSync(folder)).toHaveLength(40);
    for (const { files, index } of runs)
      for (const side of sides) expect(owner(files.name(side, 1))).toEqual({ owner: String(index) });
  });

  it("are begun again by the run that they belong to, where the machine kept it from beginning", async () => {
    const files = new RunFiles(folder, run);
    await write(files, "too early");
    await write(files, "in time");
    expect(readdirSync(folder)).toHaveLength(2);
    expect(owner(files.name("control", 1))).toEqual({ owner: "in time" });
  });

  it("go where a link leads that is no file", async () => {
    symlinkSync("/dev/null", join(folder, "inject-steady-7-control.jsonl"));
    const files = new RunFiles(folder, run);
    await write(files, "seen by no other run");
    expect(files.name("control", 1)).toBe("inject-steady-7-control.jsonl");
  });
});
