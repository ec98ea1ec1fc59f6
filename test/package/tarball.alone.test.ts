/** Installed is as good as checked out: the packed packages in empty folders, on each Node that they claim. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLab } from "../../src/lab/lab.ts";
import { readReport } from "../../src/report/document/collect.ts";
import { checkMachineLoad } from "../../src/report/document/machine-load.ts";
import { hoverIn } from "./hover.ts";
import { type Ended, emptyProject, install, installedIn, pack, root, run } from "./installed.ts";

const minute = 60_000;
const nodes = ["22.18", "24", "26"] as const;
const consumer = `
  import { createScheduler, type Answer, type NodeAnswer, type RegisterReply, type RegisterRequest, type Selection } from "lockproof";
  import { Move } from "lockproof/scheduler/migration";
  import { upgradeStore } from "lockproof/scheduler/upgrade";
  import type { CreateScheduler } from "lockproof/simulate";
  import type { Scenario } from "lockproof/scenario";
  import type { Config } from "lockproof/config";
  const scheduler = createScheduler({ redis: "redis://db", settings: { partitions: 4 } });
  const request: RegisterRequest = { node: "n", max_jobs: 1, pools: [], languages: [], services: [] };
  export const registered: Promise<Answer<RegisterReply>> = scheduler.registerNode(request);
  export const node: Promise<NodeAnswer> = scheduler.getNode("n");
  export const selection: Selection = scheduler.selectNodes({ source: "de", target: "en", services: [], count: 1 });
  export const config = { sut: "x", profile: "quick" } satisfies Config;
  export type { CreateScheduler, Scenario };
  export { Move, upgradeStore };
`;

/** A program that uses ten symbols of the package. */
const hovered = `
  import { createScheduler } from "lockproof/scheduler";
  import { upgradeStore } from "lockproof/scheduler/upgrade";
  import type { Config } from "lockproof/config";
  // from here
  const scheduler = createScheduler({ redis: "redis://db", prefix: "a:", settings: { readDeadline: 25, partitions: 4 } });
  await scheduler.reserveJob("n", "j");
  const answer = await scheduler.getNode("n");
  export const isStale = answer.stale;
  export const selected = scheduler.selectNodes({ source: "de", target: "en", services: [], count: 1 });
  export const config: Config = { profile: "quick" };
  export const upgrade = upgradeStore;
`;
/** Name, a part of its signature, and a part of its documentation. */
const hoveredNames = [
  ["createScheduler", "(options: SchedulerOptions): EmbeddedScheduler", "Connects nothing yet: `start` does."],
  ["prefix", "prefix?: string", "`lp:` by default."],
  ["readDeadline", "readDeadline?: number", "Milliseconds, 1 to 10,000; default 25."],
  ["partitions", "partitions?: number", "Whole number, 1 to 4,096; default 8."],
  ["reserveJob", "Promise<Answer<ReserveReply>>", "Gives a job a place on this node"],
  ["getNode", "Promise<NodeAnswer>", "Answers within `budget` (50 ms by default), whatever Redis does"],
  ["stale", "NodeAnswer.stale: boolean", "True when it could not be confirmed in time."],
  ["selectNodes", "Selection", "without a lock, a wait or a call of Redis, in every mode"],
  ["profile", 'Config.profile?: "quick" | "full" | "soak"', "How much `verify` runs; quick by default."],
  ["upgradeStore", "Promise<number>", "Brings a store of layout 1 to layout 2."],
] as const;

describe("the packed packages", { tags: ["nightly"] }, () => {
  const lab = openLab();
  let folder: string;
  let home: string;
  let embedding: string;
  let sizes: readonly number[];

  beforeAll(async () => {
    ({ folder } = await lab);
    const harness = await pack(".", join(folder, "harness"));
    const scheduler = await pack("packages/scheduler", join(folder, "scheduler"));
    sizes = [harness.bytes, scheduler.bytes];
    home = await emptyProject(join(folder, "home"));
    await install(home, join(folder, "cache"), [harness.file]);
    embedding = await emptyProject(join(folder, "embedding"));
    await install(embedding, join(folder, "cache"), [scheduler.file]);
  }, 5 * minute);
  afterAll(async () => (await lab).close());

  const lockproof = (words: readonly string[], bin?: string): Promise<Ended> =>
    run(join(home, "node_modules/.bin/lockproof"), words, { cwd: home, ...(bin !== undefined && { bin }) });
  const tool = async (name: string, what: readonly string[]): Promise<string> => {
    const there = await emptyProject(join(folder, name));
    await install(there, join(folder, "cache"), what);
    return there;
  };
  const nodeOf = async (version: string): Promise<string> =>
    join(await tool(`node-${version}`, [`node@${version}`]), "node_modules/.bin");

  it("take at most 2 MB each", () => {
    for (const bytes of sizes) expect(bytes).toBeLessThanOrEqual(2_000_000);
  });

  it("install ioredis, zod, pino and prom-client for a program that embeds, and nothing else of their own", async () => {
    const { names } = await installedIn(embedding);
    const own = ["fast-check", "commander", "oxc-parser", "hdr-histogram-js", "pure-rand", "toxiproxy-node-client"];
    expect(
      names.filter((name) => own.some((one) => name.includes(one)) || name.includes("redis-memory-server")),
    ).toEqual([]);
    for (const needed of ["ioredis", "zod", "pino", "prom-client"]) expect(names).toContain(needed);
    const program = 'import { createScheduler } from "lockproof-scheduler"; console.log(typeof createScheduler);';
    await writeFile(join(embedding, "program.js"), program);
    expect(await run(process.execPath, ["program.js"], { cwd: embedding })).toEqual({
      code: 0,
      stdout: "function\n",
      stderr: "",
    });
  });

  it("are clean for publint and attw", { timeout: 5 * minute }, async () => {
    const tools = await tool("tools", ["publint@0.3", "@arethetypeswrong/cli@0.18"]);
    for (const [name, at] of [
      ["lockproof", home],
      ["lockproof-scheduler", embedding],
    ] as const) {
      const installed = join(at, "node_modules", name);
      const lint = await run(join(tools, "node_modules/.bin/publint"), ["--strict", installed], { cwd: tools });
      expect({ name, ...lint }).toMatchObject({ code: 0 });
      const packed = join(folder, name === "lockproof" ? "harness" : "scheduler");
      const words = [
        "--profile",
        "esm-only",
        "--exclude-entrypoints",
        "./config.schema.json",
        "--",
        await tarballIn(packed),
      ];
      expect({ name, ...(await run(join(tools, "node_modules/.bin/attw"), words, { cwd: tools })) }).toMatchObject({
        code: 0,
      });
    }
  });

  it.each(["5.9", "7"])(
    "have types that TypeScript %s checks without skipLibCheck",
    { timeout: 3 * minute },
    async (version) => {
      const there = await tool(`typescript-${version}`, [`typescript@${version}`, "@types/node@24"]);
      const source = join(home, `consumer-${version}.ts`);
      await writeFile(source, consumer);
      for (const module of [
        ["nodenext", "nodenext"],
        ["esnext", "bundler"],
      ] as const) {
        const words = ["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2024"];
        const roots = ["--typeRoots", join(there, "node_modules/@types"), "--types", "node"];
        const how = ["--module", module[0], "--moduleResolution", module[1]];
        const checked = await run(join(there, "node_modules/.bin/tsc"), [...words, ...roots, ...how, source], {
          cwd: there,
        });
        expect({ how, ...checked }).toMatchObject({ code: 0, stdout: "" });
      }
    },
  );

  it("show an editor what a symbol does, with unit, range and default of a setting", {
    timeout: 3 * minute,
  }, async () => {
    const there = await tool("typescript-5.9", ["typescript@5.9", "@types/node@24"]);
    const source = join(home, "hovered.ts");
    await writeFile(source, hovered);
    const hover = hoverIn(there, source);
    const shown = hoveredNames.map(([name, type, words]) => ({ name, type, words, text: hover(name, "// from here") }));
    expect(shown.length).toBe(10);
    for (const { text, type, words } of shown) {
      expect(text).toContain(type);
      expect(text.replaceAll(/\s+/gu, " ")).toContain(words);
    }
  });

  it.each(nodes)(
    "work on Node %s: doctor, a mutant of the scheduler, a contract",
    { timeout: 5 * minute },
    async (version) => {
      const bin = await nodeOf(version);
      expect(await lockproof(["doctor"], bin)).toMatchObject({ code: 0 });
      const clean = await lockproof(["simulate", "--scenario", "silent-nodes", "--seeds", "1..2"], bin);
      expect(clean).toMatchObject({ code: 0, stderr: "" });
      const mutants = await lockproof(["mutants", "--id", "no-read-deadline", "--layer", "simulate", "--json"], bin);
      expect(mutants).toMatchObject({ code: 0, stdout: expect.stringContaining('"killed"') });
    },
  );

  it("refuse to be embedded on an older Node, with what was found and what is needed", {
    timeout: 2 * minute,
  }, async () => {
    const bin = await nodeOf("20");
    const program = 'import("lockproof-scheduler").catch((error) => console.log(JSON.stringify(error)));';
    await writeFile(join(embedding, "old.js"), program);
    const { stdout } = await run(join(bin, "node"), ["old.js"], { cwd: embedding });
    expect(JSON.parse(stdout)).toEqual({
      name: "NodeVersionError",
      code: "ERR_LOCKPROOF_NODE",
      found: expect.stringMatching(/^20\./u),
      needed: "^22.18 || ^24.11 || >=26",
    });
  });

  it.each([
    ["mutate", "--sample", "1"],
    ["compare", "HEAD"],
  ])("say in one sentence that %s needs a checkout", async (...words) => {
    const { code, stderr } = await lockproof(words);
    expect(code).toBe(64);
    expect(stderr).toContain(`${words[0]} needs a checkout of lockproof, and this is the installed package`);
  });

  it("verify with 0, or leave open what only the load of the machine leaves open", {
    timeout: 10 * minute,
  }, async () => {
    const since = new Date().toISOString();
    const ended = await lockproof(["verify", "--profile", "quick", "--seed", "1"]);
    const checked = checkMachineLoad(await readReport(join(home, "reports/latest")), { code: ended.code, since });
    expect(checked.passes, ended.stdout + ended.stderr + checked.lines.join("\n")).toBe(true);
    expect(ended.stdout).toMatch(/^K4 +held/mu);
  });
});

async function tarballIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await run("ls", [folder], { cwd: root });
  return join(folder, stdout.trim());
}
