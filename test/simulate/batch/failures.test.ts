import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { findSchedulerMutant, loadScheduler } from "../../../src/mutants/schedulers.ts";
import { renderTimeline } from "../../../src/report/timeline/space-time-page.ts";
import { timelineLines } from "../../../src/report/timeline/words.ts";
import { runBatch } from "../../../src/simulate/batch/batch.ts";
import { readPlan } from "../../../src/simulate/plan/plan-file.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { deaf, small } from "../small.ts";

const shared = { now: () => 0, signal: new AbortController().signal };
const planted = { id: "deaf", createScheduler: deaf };
const lockproof = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "lockproof-failures-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("the failures of a batch", () => {
  it("are reported once for each kind, with their frequency, the smallest plan and its picture", async () => {
    const seeds = { from: 1, to: 6 };
    const { json, violations } = await runBatch(small(), { ...shared, seeds, planted });
    expect(violations).toHaveLength(1);
    const [violation] = violations;
    expect(violation).toMatchObject({ property: "V3", layer: "simulate", scenario: "small" });
    expect(violation?.story).toContain("found with 6 of 6 seeds, first with 1");
    expect(
      violation?.story.some((line) => /^shrunk in \d+ runs to 0 faults, [012] actions?, 1 instance/.test(line)),
    ).toBe(true);
    expect(violation?.timeline?.title).toBe("small, simulated, seed 1, shrunk");
    expect(json["failures"]).toMatchObject([{ property: "V3", seeds: 6, first: 1, plan: violation?.token, faults: 0 }]);
  });

  it("are one kind when they have been shrunk to the same, whatever they said before", async () => {
    const scenario = small([], { topology: { instances: 1, nodes: 4, maxJobsPerNode: 2, partitions: 1 } });
    const plain = await runBatch(scenario, { ...shared, seeds: { from: 1, to: 8 }, planted, failures: "plain" });
    const shrunk = await runBatch(scenario, { ...shared, seeds: { from: 1, to: 8 }, planted });
    const count = ({ json }: typeof plain) =>
      (json["failures"] as readonly { readonly seeds: number }[]).map(({ seeds }) => seeds);
    expect(count(plain).reduce((sum, seeds) => sum + seeds)).toBe(8);
    expect(count(shrunk)).toEqual([8]);
  });

  it("are reported unshrunk when there is no time left, and say so", async () => {
    let time = 0;
    const now = () => (time += 20_000);
    const { violations } = await runBatch(small(), { ...shared, now, seeds: { from: 1, to: 2 }, planted });
    expect(violations).toHaveLength(1);
    expect(violations[0]?.timeline).toBeUndefined();
    expect(violations[0]?.story.at(-1)).toBe("not shrunk: there was no time");
    expect(violations[0]?.token).toMatch(/^lp1:small:1:/);
  });

  it("are drawn unshrunk where one run alone was asked for, up to the event that breaks the property", async () => {
    const shrinking = { left: 0, shrunk: new Set<PropertyId>() };
    const { violations } = await runBatch(small(), { ...shared, shrinking, seeds: { from: 1, to: 1 }, planted });
    const [violation] = violations;
    expect(violation?.story.at(-1)).toBe("not shrunk: there was no time");
    expect(violation?.timeline).toMatchObject({ title: "small, simulated, seed 1", token: violation?.token });
    expect(violation?.story[0]).toContain(violation?.timeline?.found);
  });

  it("leave time for those of other batches, and shrink each property once between them", async () => {
    const shrinking = { left: 60_000, shrunk: new Set<PropertyId>() };
    let time = 0;
    const now = () => (time += 10);
    const run = () => runBatch(small(), { ...shared, now, shrinking, seeds: { from: 1, to: 1 }, planted });
    const [first] = (await run()).violations;
    const { left } = shrinking;
    expect(left).toBeLessThan(60_000);
    expect([...shrinking.shrunk]).toEqual(["V3"]);
    const [again] = (await run()).violations;
    expect(again?.story.at(-1)).toBe("not shrunk: another failure of it was");
    expect(first?.story.at(-1)).not.toBe(again?.story.at(-1));
    shrinking.shrunk.clear();
    shrinking.left = 0;
    expect((await run()).violations[0]?.story.at(-1)).toBe("not shrunk: there was no time");
  });

  it("stay failures where what they leave cannot be written", async () => {
    const inAFile = fileURLToPath(import.meta.url);
    const { verdict, violations } = await runBatch(small(), {
      ...shared,
      seeds: { from: 1, to: 1 },
      planted,
      dir: inAFile,
    });
    expect(verdict).toBe("violated");
    expect(violations[0]?.story.at(-1)).toMatch(/^shrunk, but its plan and picture could not be kept: E/);
    expect(violations[0]?.token).toMatch(/^lp1:small:1:/);
  });

  it("leave their plan and its trace beside the report", async () => {
    const { violations } = await runBatch(small(), { ...shared, seeds: { from: 1, to: 1 }, planted, dir });
    expect(violations[0]?.files).toEqual(["simulate-small-V3-1.plan.json", "simulate-small-V3-1.trace.txt"]);
    expect((await readdir(dir)).sort()).toEqual(violations[0]?.files);
    const { plan } = readPlan(JSON.parse(await readFile(join(dir, "simulate-small-V3-1.plan.json"), "utf8")), "plan");
    const { lines } = await runPlan({ plan, properties: ["V3"], createScheduler: deaf, withText: true });
    expect(await readFile(join(dir, "simulate-small-V3-1.trace.txt"), "utf8")).toBe(`${lines.join("\n")}\n`);
  });
});

describe("a planted bug's failure", () => {
  it("is shrunk to a token that replays to the same trace in another process, elsewhere, with its picture", async () => {
    const id = "health-not-followed";
    using wrong = await loadScheduler(findSchedulerMutant(id));
    const { createScheduler } = wrong;
    const scenario = findScenario("subscriber-deaf");
    if (scenario === undefined) throw new Error("no such scenario");
    const options = { ...shared, seeds: { from: 1, to: 1 }, dir, planted: { id, createScheduler } };
    const [violation] = (await runBatch({ ...scenario, always: ["F1"] }, options)).violations;
    expect(violation).toMatchObject({ property: "F1", scenario: "subscriber-deaf" });
    const { timeline, token = "" } = violation ?? {};
    if (timeline === undefined) throw new Error("no picture");
    expect(timeline.events[timeline.broken ?? -1]).toBeDefined();
    expect(timeline.broken).toBe(timeline.events.length - 1);
    expect(timeline.messages.some(({ fate }) => fate === "arrived")).toBe(true);
    expect(timelineLines(timeline).join("\n")).toMatch(/store runs heartbeat node-0: renewed/);
    expect(renderTimeline(timeline).length).toBeLessThan(1_000_000);

    const file = join(dir, "replayed.txt");
    const env = { ...process.env, TZ: "Pacific/Chatham", LC_ALL: "tr_TR.UTF-8" };
    const run = promisify(execFile);
    const said = await run(process.execPath, [lockproof, "replay", token, "--json", "--trace", file], { env }).catch(
      (error: unknown) => error as { readonly code: number; readonly stdout: string },
    );
    expect(said).toMatchObject({ code: 1 });
    const line = JSON.parse(said.stdout);
    expect(line).toMatchObject({ verdict: "violated", token });
    const trace = violation?.files.find((name) => name.endsWith(".trace.txt")) ?? "";
    expect(await readFile(file, "utf8")).toBe(await readFile(join(dir, trace), "utf8"));
  });
});
