import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { UsageError } from "../../../src/evidence/failure.ts";
import { copyFiles, gatherEvidence, leavesOf, mergedMeta, readReport } from "../../../src/report/document/collect.ts";
import { composeReport, type RunMeta } from "../../../src/report/document/compose.ts";
import { type Mixture, refuseUnmergeable } from "../../../src/report/document/shards.ts";
import { announceRun, prepareReport, saveReport, writeReport } from "../../../src/report/files/write.ts";
import { allHeld, identity, layer, meta, redisGone, violation } from "../sample.ts";
import { smallTimeline } from "../timeline/small-timeline.ts";

let base = "";
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lockproof-shards-"));
});
afterEach(() => rm(base, { recursive: true }));

let made = 0;

async function run(parts: Partial<RunMeta> = {}, evidence: readonly LayerEvidence[] = [allHeld]): Promise<string> {
  made += 1;
  const folder = join(base, `run-${made}`, "20261124T101703Z-8213");
  await mkdir(folder, { recursive: true });
  await writeReport(evidence, { ...meta, ...parts }, folder);
  return folder;
}

const shard = (index: number, of: number, parts: Partial<RunMeta["identity"]> = {}): Partial<RunMeta> => ({
  identity: { ...identity, shard: { index, of }, ...parts },
});

async function merged(folders: readonly string[], allowed: readonly Mixture[] = []) {
  const [first, ...others] = await Promise.all(folders.map(readReport));
  if (first === undefined) throw new Error("nothing to merge");
  const parts = [first, ...others] as const;
  refuseUnmergeable(leavesOf(parts), allowed);
  return composeReport(gatherEvidence(parts).evidence, mergedMeta(parts)).report;
}

describe("shards merged", () => {
  it("are complete where each is present", async () => {
    const folders = await Promise.all([1, 2, 3].map((index) => run(shard(index, 3))));
    expect(await merged(folders)).toMatchObject({ verdict: "held", exit_code: 0, open: [] });
  });

  it("are inconclusive where one is missing, and name it", async () => {
    const folders = await Promise.all([1, 2, 4, 5, 6, 7, 8].map((index) => run(shard(index, 8))));
    const report = await merged(folders);
    expect(report).toMatchObject({ verdict: "unknown", exit_code: 2 });
    expect(report.open).toMatchObject([{ kind: "shard", id: "3/8", cause: "missing_shard" }]);
    expect(await merged(folders.slice(0, 1))).toMatchObject({ verdict: "unknown" });
  });

  it("are violated where one is, although another is missing", async () => {
    const red = layer("inject", { verdict: "violated", violations: [violation()] });
    expect(await merged([await run(shard(1, 2), [red])])).toMatchObject({ verdict: "violated", exit_code: 1 });
  });

  it("may be merged in steps, because a merged report lists its parts", async () => {
    const half = async (indices: readonly number[]) => {
      const parts = await Promise.all(indices.map(async (index) => readReport(await run(shard(index, 4)))));
      const [first, ...others] = parts;
      if (first === undefined) throw new Error("no shard");
      return run(mergedMeta([first, ...others]));
    };
    const [one, other] = [await half([1, 2]), await half([3, 4])];
    expect(await merged([one])).toMatchObject({ verdict: "unknown" });
    expect(await merged([one, other])).toMatchObject({ verdict: "held", open: [] });
    await expect(merged([one, one])).rejects.toThrow(/counted twice/);
  });

  it.each([
    ["commits", shard(2, 2, { commit: "f".repeat(40) })],
    ["commits", shard(2, 2, { dirty: true })],
    ["commits", shard(2, 2, { chosen: { ...identity.chosen, scripts: "a".repeat(64) } })],
    ["profiles", { ...shard(2, 2), profile: "soak" }],
    ["seeds", { ...shard(2, 2), seed: 9 }],
  ] as const)("of mixed %s are refused, unless that is allowed", async (mixture, other) => {
    const folders = [await run(shard(1, 2)), await run(other)];
    await expect(merged(folders)).rejects.toThrow(new RegExp(`mixed ${mixture}`));
    await expect(merged(folders)).rejects.toBeInstanceOf(UsageError);
    // Two runs that do not belong together both lack their other shard.
    expect(await merged(folders, [mixture])).toMatchObject({ verdict: "unknown" });
  });

  it("of two schedulers are refused, whatever is allowed: what one exercised says nothing about the other", async () => {
    const of = (name: string | null, index: number) => {
      const system = name === null ? {} : { system: { name, version: "1", asked: ["J2", "N4"] } };
      return run(shard(index, 2, { chosen: { ...identity.chosen, ...system } }));
    };
    const [ours, theirs, others] = [await of(null, 1), await of("theirs", 2), await of("others", 1)];
    await expect(merged([ours, theirs], ["commits", "profiles", "seeds"])).rejects.toThrow(
      /mixed schedulers: .* has that of lockproof, .* has theirs 1/,
    );
    await expect(merged([theirs, others])).rejects.toThrow(/has theirs 1, .* has others 1/);
    expect(await merged([theirs, await of("theirs", 1)])).toMatchObject({ verdict: "held" });
  });

  it("that are given twice are refused, and so are two with a common seed", async () => {
    const one = await run(shard(1, 2));
    await expect(merged([one, one])).rejects.toThrow(/counted twice/);
    const copy = join(base, "copy", "under-another-name");
    await cp(one, copy, { recursive: true });
    await expect(merged([one, copy])).rejects.toThrow(/counted twice/);
    const other = await run({ ...shard(1, 4), started_at: "2026-11-24T11:00:00.000Z" });
    await expect(merged([one, other])).rejects.toThrow(/shard 1\/2.* and .*shard 1\/4.* both ran seed 8213/);
    const longer = await run(shard(1, 2, { rounds: 3, chosen: { ...identity.chosen, layers: ["explore"] } }));
    await expect(merged([await run(shard(2, 2, { rounds: 2, shard: { index: 1, of: 1 } })), longer])).rejects.toThrow(
      /both ran seed/,
    );
  });

  it("of different layers may have the same seeds", async () => {
    const of = (name: string) => run({ identity: { ...identity, chosen: { ...identity.chosen, layers: [name] } } });
    expect(await merged([await of("explore"), await of("inject")])).toMatchObject({ verdict: "held" });
  });

  it("keep what all have in common, and no load of one machine for all", async () => {
    const load = { average_before: 1, average_after: 2, busy_percent: 40, steal_percent: 0 };
    const of = (index: number, script_set: string) =>
      run({
        ...shard(index, 2, { script_set, system_under_test: { name: "ours", version: "1" } }),
        environment: { ...meta.environment, cpu: "fast", load },
      });
    const [one, other, different] = [await of(1, "lua@1"), await of(2, "lua@1"), await of(2, "lua@2")];
    const same = await merged([one, other]);
    expect(same.identity).toMatchObject({ script_set: "lua@1", system_under_test: { name: "ours", version: "1" } });
    expect(same.environment).not.toHaveProperty("load");
    expect((await merged([one])).environment).toMatchObject({ load });
    expect((await merged([one, different])).identity).toMatchObject({ script_set: null });
  });

  it("with a killed one are a broken run", async () => {
    const killed = join(base, "killed");
    await mkdir(killed);
    await announceRun({ ...meta, ...shard(2, 2, { rounds: 0 }) }, killed);
    await writeFile(join(killed, "evidence.json"), "{}"); // it was about to write its report
    const report = await merged([await run(shard(1, 2)), killed]);
    expect(report).toMatchObject({ verdict: "broken", exit_code: 3 });
    expect(report.open[0]).toMatchObject({ kind: "run", cause: "interrupted" });
  });

  it("of a report of version 1 are read, and never complete", async () => {
    const folder = await run();
    const { schema: _, ...evidence } = JSON.parse(await readFile(join(folder, "evidence.json"), "utf8"));
    const report = JSON.parse(await readFile(join(folder, "report.json"), "utf8"));
    const { identity: _i, ...layers } = evidence;
    await writeFile(join(folder, "evidence.json"), JSON.stringify({ schema: "lockproof-evidence/1", ...layers }));
    for (const key of ["finished", "identity", "languages", "open", "evidence_sha256", "checksum"]) delete report[key];
    report.schema = "lockproof-report/1";
    report.layers = report.layers.map(({ repeated_runs: _r, ...one }: Record<string, unknown>) => one);
    report.checklist = report.checklist.map(({ figures: _f, not_asked: _n, ...one }: Record<string, unknown>) => one);
    await writeFile(join(folder, "report.json"), JSON.stringify(report));
    const whole = await merged([folder]);
    expect(whole).toMatchObject({ verdict: "unknown", exit_code: 2 });
    expect(whole.open[0]?.reason).toContain("of version 1");
  });
});

type Json = Record<string, unknown>;

/** The path of every part of a value. */
function places(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Object.entries(value).flatMap(([key, child]) => places(child, [...path, key]));
  return path.length === 0 ? inside : [path, ...inside];
}

/** Removes the part at a path. */
function without(value: Json, path: readonly (string | number)[]): Json {
  const copy = structuredClone(value);
  let at: unknown = copy;
  for (const step of path.slice(0, -1)) at = (at as Json)[String(step)];
  const last = String(path.at(-1));
  if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete (at as Json)[last];
  return copy;
}

describe("a report that was changed by hand", () => {
  it.each(["report.json", "evidence.json"])("is refused, whatever was removed from %s", async (file) => {
    const red = layer("inject", { verdict: "violated", violations: [violation(), violation({ property: "V2" })] });
    const folder = await run({}, [red]);
    const content = JSON.parse(await readFile(join(folder, file), "utf8")) as Json;
    const all = places(content);
    const tried = all.filter((_, index) => index % Math.ceil(all.length / 120) === 0);
    expect(tried.length).toBeGreaterThan(20);
    for (const path of tried) {
      await writeFile(join(folder, file), JSON.stringify(without(content, path)));
      await expect(readReport(folder), path.join(".")).rejects.toBeInstanceOf(UsageError);
    }
    await writeFile(join(folder, file), JSON.stringify(content, null, 4));
    await expect(readReport(folder)).resolves.toMatchObject({ finished: true }); // formatted anew only
  });

  it("is refused with evidence of another run", async () => {
    const [one, other] = [await run(shard(1, 2)), await run(shard(2, 2))];
    await cp(join(other, "evidence.json"), join(one, "evidence.json"));
    await expect(readReport(one)).rejects.toThrow(/evidence.json was changed after it was written/);
  });
});

describe("the pictures of merged shards", () => {
  const pageOf = async (folders: readonly string[]) => {
    const [first, ...others] = await Promise.all(folders.map(readReport));
    if (first === undefined) throw new Error("nothing to merge");
    const parts = [first, ...others] as const;
    const { evidence, files, timelines } = gatherEvidence(parts);
    made += 1;
    const folder = join(base, `merged-${made}`, "20261124T101703Z-8213");
    await mkdir(folder, { recursive: true });
    await copyFiles(files, folder);
    await saveReport(prepareReport(evidence, mergedMeta(parts), undefined, timelines), folder);
    return { folder, page: await readFile(join(folder, "index.html"), "utf8") };
  };
  const red = layer("conform", {
    verdict: "violated",
    violations: [violation({ layer: "conform", timeline: smallTimeline })],
  });
  const count = (text: string, part: string) => text.split(part).length - 1;

  it("have the diagram of a counterexample in the page, also when they are merged again", async () => {
    const { folder, page } = await pageOf([await run(shard(1, 2)), await run(shard(2, 2), [red])]);
    expect(count(page, 'class="space-time"')).toBe(1);
    expect(page).toContain('id="violation-1-step-5"');
    expect(page).toContain('href="./part-2/picture-1-conform-J1.html"');
    expect(await readFile(join(folder, "part-2", "picture-1-conform-J1.html"), "utf8")).toContain("space-time");
    expect(count((await pageOf([folder])).page, 'class="space-time"')).toBe(1);
  });

  it("leave to the file a diagram whose data are not there, and report a file that is missing", async () => {
    const folder = await run(shard(1, 1), [red]);
    const file = join(folder, "picture-1-conform-J1.html");
    await writeFile(file, (await readFile(file, "utf8")).replace(/<template.*<\/template>/, ""));
    const { page } = await pageOf([folder]);
    expect(count(page, 'class="space-time"')).toBe(0);
    expect(page).toContain("it is in the file beside it");
    await rm(file);
    await expect(pageOf([folder])).rejects.toThrow(/cannot be read/);
  });

  it("are drawn apart where two shards ran a scenario, each with its own faults", async () => {
    const { page } = await pageOf([await run(shard(1, 2), [redisGone]), await run(shard(2, 2), [redisGone])]);
    for (const part of ["part-1", "part-2"]) {
      const from = page.indexOf(`id="redis-gone-${part}-mode"`);
      const picture = page.slice(from, page.indexOf("</svg>", from));
      expect(count(picture, ">redis blackhole<"), part).toBe(1);
      expect(count(picture, ">instance 1<"), part).toBe(1);
    }
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(links).toContain("redis-gone-part-1-latency");
    const ids = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    expect(links.filter((link) => !ids.has(link))).toEqual([]);
  });

  it("keep the name of a scenario that one shard alone ran", async () => {
    const { page } = await pageOf([await run(shard(1, 2), [redisGone]), await run(shard(2, 2))]);
    expect(page).toContain('id="redis-gone-mode"');
  });
});

describe("a foreign report", () => {
  const red = (file: string) => layer("inject", { verdict: "violated", violations: [violation({ files: [file] })] });
  const withFile = async (file: string) => {
    const folder = await run({}, [red(file)]);
    const gathered = async () => {
      const { files } = gatherEvidence([await readReport(folder)]);
      await copyFiles(files, join(base, "merged"));
      return files;
    };
    return { folder, gathered };
  };

  it("is read without following links, neither to files nor to folders", async () => {
    const secret = join(base, "secret");
    await mkdir(secret);
    await writeFile(join(secret, "passwd"), "root");
    const { folder, gathered } = await withFile("trace.json");
    await symlink(join(secret, "passwd"), join(folder, "trace.json"));
    await expect(gathered()).rejects.toThrow(/has a link where its file/);
    const way = await withFile("traces/passwd");
    await symlink(secret, join(way.folder, "traces"));
    await expect(way.gathered()).rejects.toThrow(/has a link where its file/);
    const own = await withFile("trace.json");
    await rm(join(own.folder, "evidence.json"));
    await symlink(join(secret, "passwd"), join(own.folder, "evidence.json"));
    await expect(readReport(own.folder)).rejects.toBeInstanceOf(UsageError);
  });

  it.each(["../../secret", "/etc/passwd", "a/../../b", "", ".", "a//b", "..\\b"])(
    "cannot name %j as its file",
    async (file) => {
      const { gathered } = await withFile(file);
      await expect(gathered()).rejects.toThrow(/outside its folder/);
    },
  );

  it("has pages without scripts, and other active files as text", async () => {
    const page = await withFile("p.html");
    await writeFile(join(page.folder, "p.html"), "<script>alert(1)</script>");
    const [file] = await page.gathered();
    expect(file?.name).toBe("part-1/p.html");
    const text = await readFile(join(base, "merged", "part-1", "p.html"), "utf8");
    expect(text).toMatch(/^<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'/);
    const drawing = await withFile("p.svg");
    await writeFile(join(drawing.folder, "p.svg"), "<svg/>");
    expect((await drawing.gathered())[0]?.name).toBe("part-1/p.svg.txt");
  });
});
