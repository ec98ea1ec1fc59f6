import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { announceRun, openRunFolder, writeReport } from "../../../src/report/files/write.ts";
import { layer, meta, property } from "../../report/sample.ts";
import { command, jsonLines } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-compare-"));
});
afterEach(() => rm(reports, { recursive: true }));

async function report(evidence: readonly LayerEvidence[]): Promise<string> {
  const folder = await openRunFolder(reports, meta.started_at, meta.seed);
  await writeReport(evidence, meta, folder);
  return folder;
}
const reads = (value: number) =>
  report([
    layer("inject", {
      properties: [property("D1", { figures: [{ name: "read_latency_ms_p50", value, of: "redis-gone, fault" }] })],
    }),
  ]);
const compare = (...words: readonly string[]) => command(["report", "--compare", ...words]);

describe("report --compare", () => {
  it("says what is worse, in both languages, and ends with 1", async () => {
    const { code, out } = await compare(await reads(0.2), await reads(10.2));
    expect(code).toBe(1);
    const of = "(redis-gone, fault)";
    expect(out).toContain(
      `\n  worse  D1 median read ${of}: 0.2 -> 10.2, lower is better\n  1 worse · 0 better · 1 figures compared\n`,
    );
    expect(out).toContain(
      `\n  变差  D1 读取中位数 ${of}：0.2 -> 10.2，越低越好\n  1 项变差 · 0 项变好 · 比较了 1 个数值\n`,
    );
  });

  it("says nothing of a run with itself, and ends with 0, as where all is better", async () => {
    const one = await reads(10.2);
    const { code, out } = await compare(one, one);
    expect(code).toBe(0);
    expect(out).toContain("\n  0 worse · 0 better · 1 figures compared\n");
    expect(out).not.toContain("D1");
    expect((await compare(one, await reads(0.2))).code).toBe(0);
  });

  it("prints one JSON object a change, then the whole", async () => {
    const { out } = await compare(await reads(0.2), await reads(10.2), "--json");
    const [change, whole] = jsonLines(out);
    expect(change).toMatchObject({ change: "worse", figure: "read_latency_ms_p50", direction: "at_most", from: 0.2 });
    expect(change).toHaveProperty("text.zh");
    expect(whole).toMatchObject({ compared: 1, changes: 1, exit_code: 1 });
  });

  it("is inconclusive where the runs have nothing in common", async () => {
    const unfinished = await openRunFolder(reports, meta.started_at, 9);
    await announceRun(meta, unfinished);
    expect((await compare(unfinished, unfinished)).code).toBe(2);
  });

  it("refuses another number of folders, and flags of a merge", async () => {
    const one = await reads(1);
    expect((await compare(one)).err).toContain("found 1 folder with --compare; allowed: two");
    const mixed = await compare(one, one, "--mixed", "seeds");
    expect(mixed).toMatchObject({ code: 64, out: "" });
  });

  it("leaves no report", async () => {
    const one = await reads(1);
    await compare(one, one);
    await expect(readFile(join(one, "..", "history.jsonl"))).rejects.toThrow(/ENOENT/);
  });
});
