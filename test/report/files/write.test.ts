import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { BrokenRunError, UsageError } from "../../../src/evidence/failure.ts";
import { copyFiles, gatherEvidence, mergedMeta, readReport } from "../../../src/report/document/collect.ts";
import { announceRun, dropRunFolder, openRunFolder, writeReport } from "../../../src/report/files/write.ts";
import { reportSchema } from "../../../src/report/schema.ts";
import { renderTimeline } from "../../../src/report/timeline/space-time-page.ts";
import { layer, meta, property, redisGone, sampleToken, violation } from "../sample.ts";
import { smallTimeline } from "../timeline/small-timeline.ts";

let base = "";
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lockproof-report-"));
});
afterEach(() => rm(base, { recursive: true }));

const open = (reports = base) => openRunFolder(reports, meta.started_at, meta.seed);
const canary = layer("canary", {
  mutants: [
    {
      id: "m",
      origin: "a check left out",
      layer: "conform",
      verdict: "killed",
      property: "J1",
      runs_to_kill: 2,
      token: sampleToken,
    },
  ],
});

async function publishedSchema(): Promise<object> {
  return JSON.parse(
    await readFile(new URL("../../../src/report/report.schema.json", import.meta.url), "utf8"),
  ) as object;
}

describe("a report's folder", () => {
  it("is named by start and seed, and a second one of the same second gets a number", async () => {
    expect(await open()).toBe(join(base, "20261124T101703Z-8213"));
    expect(await open()).toBe(join(base, "20261124T101703Z-8213-2"));
  });

  it("that cannot be made is a broken run that says where, before anything has run", async () => {
    const file = join(base, "file");
    await writeFile(file, "");
    const failure = await open(file).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BrokenRunError);
    expect(failure).toMatchObject({ where: file, fix: expect.stringContaining("--reports DIR") });
  });

  it("is made with its parents", async () => {
    const folder = await open(join(base, "a", "b"));
    expect(folder).toBe(join(base, "a", "b", "20261124T101703Z-8213"));
  });

  it.runIf(process.platform === "linux")("below /proc is refused, and not waited for", async () => {
    await expect(open("/proc/lockproof/reports")).rejects.toBeInstanceOf(BrokenRunError);
  });

  it("is removed with latest where it is empty, and stays where it is not", async () => {
    const folder = await open();
    await announceRun(meta, folder);
    await dropRunFolder(folder);
    expect(await readdir(base)).toEqual([]);
    const kept = await open();
    await writeFile(join(kept, "history.json"), "{}");
    await dropRunFolder(kept);
    expect(await readdir(kept)).toEqual(["history.json"]);
  });
});

describe("a report written", () => {
  it("has all its forms, and latest points at the newest", async () => {
    const first = await open();
    await writeReport([canary, redisGone], meta, first);
    expect((await readdir(first)).sort()).toEqual([
      "checklist.md",
      "evidence.json",
      "index.html",
      "junit.xml",
      "report.json",
      "sarif.json",
    ]);
    const second = await open();
    await writeReport([redisGone], meta, second);
    expect(await readlink(join(base, "latest"))).toBe("20261124T101703Z-8213-2");
    expect((await readdir(base)).sort()).toEqual(["20261124T101703Z-8213", "20261124T101703Z-8213-2", "latest"]);
  });

  it("has the picture of each violation that can be drawn, named by it in every form", async () => {
    const folder = await open();
    const red = layer("conform", { verdict: "violated", violations: [violation({ timeline: smallTimeline })] });
    const { report } = await writeReport([red], meta, folder);
    const name = "picture-1-inject-J1.html";
    expect(report.violations.map(({ files }) => files)).toEqual([[name]]);
    expect(await readFile(join(folder, name), "utf8")).toBe(renderTimeline(smallTimeline));
    expect(await readFile(join(folder, "index.html"), "utf8")).toContain(`href="./${name}"`);
    const { evidence } = await readReport(folder);
    expect(evidence.layers[0]?.violations[0]?.files).toEqual([name]);
  });

  it("says so where latest is no link", async () => {
    await mkdir(join(base, "latest"));
    await expect(writeReport([redisGone], meta, await open())).rejects.toBeInstanceOf(BrokenRunError);
  });

  it("fits the published JSON schema, which refuses unknown fields", async () => {
    const folder = await open();
    const red = layer("conform", {
      verdict: "violated",
      violations: [violation({ layer: "conform", files: ["trace.json"] })],
    });
    await writeReport([canary, red, redisGone], meta, folder);
    const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8")) as Record<string, unknown>;
    const fits = new Ajv2020({ strict: true, validateFormats: false }).compile(await publishedSchema());
    expect(fits(report), JSON.stringify(fits.errors)).toBe(true);
    expect(fits({ ...report, verdict: "green" })).toBe(false);
    expect(fits({ ...report, extra: 1 })).toBe(false);
    expect(fits({ ...report, properties: undefined })).toBe(false);
  });

  it("names the SHA-256 of its evidence.json, as any other program computes it", async () => {
    const folder = await open();
    const { report } = await writeReport([canary, redisGone], meta, folder);
    const bytes = await readFile(join(folder, "evidence.json"));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(report.evidence_sha256);
  });

  it("is described by the committed schema and no other (`npm run schema` writes it anew)", async () => {
    expect(await publishedSchema()).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(reportSchema))));
  });
});

describe("reports merged", () => {
  it("keep the worst verdict, sum the exercise counts and copy the files", async () => {
    const one = await open(join(base, "a"));
    await writeReport([canary, layer("inject", { properties: [property("J1", { exercised: 4 })] })], meta, one);
    const other = await open(join(base, "b"));
    await mkdir(join(other, "traces"));
    await writeFile(join(other, "traces", "t.json"), "[]");
    const red = layer("inject", { verdict: "violated", violations: [violation({ files: ["traces/t.json"] })] });
    await writeReport(
      [red, layer("conform", { properties: [property("J1", { exercised: 3 })] })],
      { ...meta, seed: 8214 },
      other,
    );

    const parts = [await readReport(join(base, "a", "latest")), await readReport(other)] as const;
    const target = await open(join(base, "merged"));
    const gathered = gatherEvidence(parts);
    const { report } = await writeReport(gathered.evidence, mergedMeta(parts), target);
    await copyFiles(gathered.files, target);

    expect(report).toMatchObject({ verdict: "violated", exit_code: 1, seed: 8213, duration_ms: 2 * meta.duration_ms });
    expect(report.properties.find((part) => part.id === "J1")).toMatchObject({ verdict: "violated", exercised: 7 });
    expect(report.environment.merged_from?.map((part) => part.run)).toEqual([
      "20261124T101703Z-8213",
      "20261124T101703Z-8213",
    ]);
    expect(report.violations[0]?.files).toEqual(["part-2/traces/t.json"]);
    expect(await readFile(join(target, "part-2", "traces", "t.json"), "utf8")).toBe("[]");
    expect(report.mutants).toHaveLength(1);
  });

  it("refuse a folder without a report, and a report of another form", async () => {
    await expect(readReport(base)).rejects.toBeInstanceOf(UsageError);
    await writeFile(join(base, "report.json"), `{"schema":"lockproof-report/9"}`);
    await expect(readReport(base)).rejects.toMatchObject({ where: join(base, "report.json") });
  });

  it("refuse a report that names a file outside its folder", async () => {
    const folder = await open();
    await writeReport([layer("inject", { violations: [violation({ files: ["../../secret"] })] })], meta, folder);
    const part = await readReport(folder);
    expect(() => gatherEvidence([part])).toThrow(/outside its folder/);
  });
});
