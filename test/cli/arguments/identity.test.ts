import { execFileSync } from "node:child_process";
import { appendFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeEnvironment, loadBetween, sampleLoad } from "../../../src/cli/process/environment.ts";
import { describeCode, hashScripts, scriptSetOf } from "../../../src/cli/process/identity.ts";

let base = "";
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "lockproof-identity-"));
});
afterEach(() => rm(base, { recursive: true }));

function git(...words: readonly string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
  return execFileSync("git", ["-C", base, ...who, ...words], { encoding: "utf8" }).trim();
}

async function packageIn(folder: string): Promise<string> {
  const inside = join(folder, "src", "cli");
  await mkdir(inside, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "lockproof", version: "1.2.3" }));
  return inside;
}

async function commit(): Promise<string> {
  git("init", "--quiet");
  await writeFile(join(base, "file"), "");
  git("add", "--all");
  git("commit", "--quiet", "--message", "all");
  return git("rev-parse", "HEAD");
}

describe("the code that ran", () => {
  it("is the commit of its checkout, with a mark for changes", async () => {
    const inside = await packageIn(base);
    const head = await commit();
    expect(await describeCode(inside)).toEqual({ version: "1.2.3", commit: head, dirty: false });
    await writeFile(join(base, "another"), "");
    expect(await describeCode(inside)).toEqual({ version: "1.2.3", commit: head, dirty: true });
  });

  it("is the version of the package without git, or in the checkout of another package", async () => {
    const alone = { version: "1.2.3", commit: null, dirty: null };
    const inside = await packageIn(join(base, "node_modules", "lockproof"));
    expect(await describeCode(inside)).toEqual(alone);
    await commit();
    expect(await describeCode(inside)).toEqual(alone);
  });

  it("with foreign scripts has the hash of their content", async () => {
    await writeFile(join(base, "reserve_job.lua"), "return 1");
    const before = hashScripts(base);
    await writeFile(join(base, "notes.txt"), "not a script");
    expect(hashScripts(base)).toBe(before);
    await writeFile(join(base, "reserve_job.lua"), "return 2");
    expect(hashScripts(base)).not.toBe(before);
    expect(hashScripts(undefined)).toBeNull();
  });

  it("names its scripts as a token does, and changed ones by another name", async () => {
    const ours = scriptSetOf(undefined);
    expect(ours).toMatch(/^lua@[0-9a-f]{12}$/);
    const copy = join(base, "lua");
    await cp(new URL("../../../lua", import.meta.url), copy, { recursive: true });
    expect(scriptSetOf(copy)).toBe(ours);
    await appendFile(join(copy, "reserve_job.lua"), "\n-- changed");
    expect(scriptSetOf(copy)).toMatch(/^lua@[0-9a-f]{12}$/);
    expect(scriptSetOf(copy)).not.toBe(ours);
    expect(scriptSetOf(join(base, "missing"))).toBeNull();
  });

  it("does not block on a FIFO among them", async () => {
    await writeFile(join(base, "a.lua"), "return 1");
    execFileSync("mkfifo", [join(base, "b.lua")]);
    expect(hashScripts(base)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the load of the machine during a run", () => {
  const sampled = async (line: string) => {
    const file = join(base, "stat");
    await writeFile(file, `${line}\ncpu0 1 1 1 1 1 1 1 1 1 1\n`);
    return { ...sampleLoad(file), average: 0.5 };
  };

  it("is the share of all processors that was not idle, and the share that the host withheld", async () => {
    const before = await sampled("cpu  100 0 100 800 0 0 0 0 50 0");
    const after = await sampled("cpu  400 0 200 1300 20 10 20 50 90 0");
    expect(loadBetween(before, { ...after, average: 2 })).toEqual({
      ...{ average_before: 0.5, average_after: 2 },
      ...{ busy_percent: 43, steal_percent: 5 },
    });
  });

  it("is null where the system does not report it, and never 0", async () => {
    const known = await sampled("cpu  100 0 100 800 0 0 0 0 50 0");
    for (const unknown of [await sampled("cpu  100 0 100"), sampleLoad(join(base, "missing"))]) {
      expect(loadBetween(known, unknown)).toMatchObject({ busy_percent: null, steal_percent: null });
    }
    expect(loadBetween(known, known)).toMatchObject({ busy_percent: null, steal_percent: null });
  });

  it("is in the environment only after the run", () => {
    const load = { average_before: 0.5, average_after: 2, busy_percent: 43, steal_percent: 5 };
    expect(describeEnvironment([], null)).not.toHaveProperty("load");
    expect(describeEnvironment([], load)).toMatchObject({ load, cpu: expect.stringMatching(/./) });
  });
});
