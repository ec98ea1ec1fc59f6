import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { composeReport } from "../../../src/report/document/compose.ts";
import { appendToHistory } from "../../../src/report/runs/run-history.ts";
import { allHeld, layer, meta, redisGone, violation } from "../sample.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-history-"));
  await mkdir(join(reports, "run"));
});
afterEach(() => rm(reports, { recursive: true }));

const append = (evidence = [allHeld]) => appendToHistory(composeReport(evidence, meta).report, join(reports, "run"));
const path = () => join(reports, "history.jsonl");
const lines = async () =>
  (await readFile(path(), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

describe("reports/history.jsonl", () => {
  it("has one line a run, with verdict, and figure and margin of each checklist line", async () => {
    append();
    append([redisGone, layer("conform", { verdict: "violated", violations: [violation()] })]);
    const [first, second] = await lines();
    expect(first).toMatchObject({ schema: "lockproof-run/1", run: "run", seed: 8213, verdict: "held", exit_code: 0 });
    expect(second).toMatchObject({
      ...{ verdict: "violated", violated: ["J1"] },
      lines: { degradation: { figure: "time_to_degradation_ms_max", value: 44, margin: 6 } },
    });
  });

  it("is shortened from its beginning by whole lines where it grows too large", async () => {
    const line = JSON.stringify({ filler: "x".repeat(10_000) });
    await writeFile(path(), `${`${line}\n`.repeat(500)}{"last":true}\n`);
    append();
    const kept = await lines();
    expect((await stat(path())).size).toBeLessThan(4 * 1024 * 1024);
    expect(kept.at(-2)).toEqual({ last: true });
    expect(kept.at(-1)).toMatchObject({ run: "run" });
    expect(kept.length).toBeGreaterThan(100);
  });

  it("is not written where something else than a file has its name", async () => {
    execFileSync("mkfifo", [path()]);
    expect(() => append()).toThrow(/found a FIFO/);
  });
});
