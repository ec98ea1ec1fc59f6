// @module-tag slow
/** The package as npm would publish it, unpacked where a user would have it: plain JavaScript, with its scripts, its command and its types. */
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { skeletonLanguages, writeSkeleton } from "../../src/sut/skeleton.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
let lab: Lab;
let home: string;

beforeAll(async () => {
  lab = await openLab();
  home = join(lab.folder, "consumer");
  await install();
});
afterAll(() => lab.close());

/** Installs the packed file as `npm install` does, but with the dependencies of the checkout. */
async function install(): Promise<void> {
  const env = { ...process.env, npm_config_offline: "true", npm_config_update_notifier: "false" };
  await run("npm", ["pack", "--pack-destination", lab.folder], { cwd: root, env });
  const packed = (await readdir(lab.folder)).find((name) => name.endsWith(".tgz")) ?? "";
  const installed = join(home, "node_modules", "lockproof");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", join(lab.folder, packed), "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    await mkdir(dirname(join(home, "node_modules", name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(home, "node_modules", name));
  }
  await chmod(join(installed, "src", "cli", "lockproof.js"), 0o755);
  await mkdir(join(home, "node_modules", ".bin"));
  await symlink("../lockproof/src/cli/lockproof.js", join(home, "node_modules", ".bin", "lockproof"));
  await writeFile(join(home, "package.json"), '{ "type": "module" }');
}

describe("the installed package", () => {
  it("gives a scheduler that works, its errors, and its scripts", async () => {
    const redis = await lab.redis();
    const program = `
      import { createScheduler, SettingsError } from "lockproof/scheduler";
      const scheduler = createScheduler({ redis: process.argv[2] });
      await scheduler.start();
      const languages = [{ source: "de", target: "en" }];
      const answer = await scheduler.registerNode({ node: "n", max_jobs: 1, pools: ["p"], languages, services: [] });
      await scheduler.close();
      let refused = null;
      try { createScheduler({ redis: process.argv[2], settings: { partitions: 0 } }); } catch (error) { refused = error; }
      console.log(answer.kind, refused instanceof SettingsError, (await scheduler.registry.metrics()).includes("lockproof_reads_total"));
    `;
    await writeFile(join(home, "program.js"), program);
    const { stdout, stderr } = await run(process.execPath, ["program.js", redis.url], { cwd: home });
    expect([stdout.trim(), stderr]).toEqual(["registered true true", ""]);
  });

  const lockproof = (...words: readonly string[]) =>
    run(join("node_modules", ".bin", "lockproof"), words, {
      cwd: home,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${bin}:${process.env["PATH"]}` },
    });

  it("has the command", async () => {
    const { stdout } = await lockproof("--help");
    expect(stdout).toMatch(/^Usage: lockproof/u);
  });

  it("runs a scheduler of its user's on virtual time, and notices a real clock in it", async () => {
    const program = `
      import type { CreateScheduler, Ports, Scheduler } from "lockproof/simulate";
      const made = (ports: Ports): Scheduler => { throw new Error(String(ports.clock.now() < Date.now())); };
      export const createScheduler: CreateScheduler = (ports) => made(ports);
    `;
    await writeFile(join(home, "mine.ts"), program);
    const words = ["--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck", "mine.ts"];
    await expect(run(join(bin, "tsc"), words, { cwd: home })).resolves.toMatchObject({ stdout: "" });
    const simulated = lockproof("simulate", "--scheduler", "mine.ts", "--scenario", "silent-nodes", "--seeds", "1..1");
    await expect(simulated).rejects.toMatchObject({
      code: 3,
      stdout: expect.stringContaining("Date.now was used in a simulated run"),
    });
  });

  it.each(skeletonLanguages)("has the skeleton of a %s scheduler, file for file", async (language) => {
    const here = join(home, "here", language);
    await lockproof("sut", "new", "--lang", language, here);
    for (const file of writeSkeleton(language, join(home, "checkout", language)).files) {
      const expected = await readFile(join(home, "checkout", language, file), "utf8");
      expect(await readFile(join(here, file), "utf8")).toBe(expected);
    }
  });

  it("has types that a strict program can be checked against", async () => {
    const right = `
      import { createScheduler, type OrphanedJobs } from "lockproof/scheduler";
      const heard: OrphanedJobs[] = [];
      const scheduler = createScheduler({ redis: "redis://db", settings: { partitions: 4 }, onOrphaned: (jobs) => { heard.push(jobs); } });
      export const nodes: readonly string[] = scheduler
        .selectNodes({ pool: "p", source: "de", target: "en", services: [], count: 1 })
        .nodes.map(({ node }) => node);
    `;
    await writeFile(join(home, "right.ts"), right);
    await writeFile(join(home, "wrong.ts"), right.replace("partitions: 4", 'partitions: "four"'));
    const check = (file: string) =>
      run(join(bin, "tsc"), ["--noEmit", "--strict", "--module", "nodenext", "--skipLibCheck", file], { cwd: home });
    await expect(check("right.ts")).resolves.toMatchObject({ stdout: "" });
    await expect(check("wrong.ts")).rejects.toMatchObject({
      stdout: expect.stringMatching(/^wrong\.ts\(4,\d+\): error TS2322/u),
    });
  });
});
