import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeCode, hashScripts } from "../../../src/cli/process/identity.ts";

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

  it("does not block on a FIFO among them", async () => {
    await writeFile(join(base, "a.lua"), "return 1");
    execFileSync("mkfifo", [join(base, "b.lua")]);
    expect(hashScripts(base)).toMatch(/^[0-9a-f]{64}$/);
  });
});
