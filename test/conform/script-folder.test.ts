import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runConform } from "../../src/conform/run.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { ownScriptsDir } from "../../src/redis/scripts/scripts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-scripts-"));
  cpSync(ownScriptsDir(), folder, { recursive: true });
  rmSync(join(folder, "sweep.lua"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a folder of scripts that a user names", () => {
  it.each([
    ["no such file", () => {}],
    ["a FIFO", () => execFileSync("mkfifo", [join(folder, "sweep.lua")])],
    ["a device", () => execFileSync("ln", ["-s", "/dev/zero", join(folder, "sweep.lua")])],
  ])("is refused, before any server is started, where one of them is %s", async (found, make) => {
    make();
    const { signal } = new AbortController();
    const ended = runConform({ runs: 1, seed: 1, luaDir: folder, signal, now: () => 0 });
    await expect(ended).rejects.toThrow(UsageError);
    await expect(ended).rejects.toThrow(`script sweep.lua: found ${found} in ${folder}`);
  });
});
