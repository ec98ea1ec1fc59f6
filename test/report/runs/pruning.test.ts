import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { announceRun, openRunFolder, writeReport } from "../../../src/report/files/write.ts";
import { pruneRuns } from "../../../src/report/runs/pruning.ts";
import { allHeld, layer, meta, violation } from "../sample.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-pruning-"));
});
afterEach(() => rm(reports, { recursive: true }));

const red = layer("conform", { verdict: "violated", violations: [violation()] });
const startOf = (day: number) => `2026-11-${String(day).padStart(2, "0")}T10:00:00.000Z`;
const nameOf = (day: number) => `202611${String(day).padStart(2, "0")}T100000Z-8213`;

async function run(day: number, evidence = [allHeld]): Promise<string> {
  const folder = await openRunFolder(reports, startOf(day), meta.seed);
  await writeReport(evidence, meta, folder);
  await writeFile(join(folder, "inject-redis-gone-8213-fault.jsonl.gz"), "");
  return folder;
}
const left = async () => (await readdir(reports)).filter((name) => name.startsWith("2026")).sort();

describe("old runs", () => {
  it("go beyond the newest ones, and violated ones stay", async () => {
    await run(1);
    await run(2, [red]);
    for (const day of [3, 4]) await run(day);
    const newest = await run(5);
    expect(await pruneRuns(newest, 2)).toEqual([nameOf(3), nameOf(1)]);
    expect(await left()).toEqual([2, 4, 5].map(nameOf));
    expect(await pruneRuns(newest, 2)).toEqual([]);
  });

  it("stay while they fit, and the run that has just ended always does", async () => {
    const [, second] = [await run(1), await run(2)];
    expect(await pruneRuns(second, 10)).toEqual([]);
    expect(await pruneRuns(join(reports, nameOf(1)), 1)).toEqual([nameOf(2)]);
    expect(await left()).toEqual([nameOf(1)]);
  });

  it.each([
    ["has not ended", (folder: string) => announceRun(meta, folder)],
    [
      "holds a file of another origin, such as a signed copy",
      (folder: string) => writeFile(join(folder, "signed.pdf"), ""),
    ],
    ["holds a folder", (folder: string) => mkdir(join(folder, "notes"))],
    ["holds a link", (folder: string) => symlink("/etc/hostname", join(folder, "picture-1-inject-J1.html"))],
    ["has a report that cannot be read", (folder: string) => writeFile(join(folder, "report.json"), "{")],
    ["has no report", (folder: string) => rm(join(folder, "report.json"))],
  ])("stay where one %s", async (_, change) => {
    await change(await run(1));
    expect(await pruneRuns(await run(2), 1)).toEqual([]);
    expect(await left()).toEqual([1, 2].map(nameOf));
  });

  it("are folders named by start and seed, and nothing else beside them", async () => {
    await mkdir(join(reports, "sample"));
    const elsewhere = await mkdtemp(join(tmpdir(), "lockproof-elsewhere-"));
    await symlink(elsewhere, join(reports, nameOf(1)));
    expect(await pruneRuns(await run(2), 1)).toEqual([]);
    expect(await readdir(reports)).toContain("sample");
    await rm(elsewhere, { recursive: true });
  });
});
