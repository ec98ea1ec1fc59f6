import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runCommand } from "../../../src/lab/process/command.ts";
import { identify } from "../../../src/lab/process/process.ts";
import { tempFolder, writeProgram } from "./temp-folder.ts";

/** A killed process ends within moments, not at once. */
async function hasEnded(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100 && identify(pid) !== undefined; tries += 1) await sleep(10);
  return identify(pid) === undefined;
}

/** Runs a shell script, and checks afterwards the process with the id that it wrote into `child`. */
async function runScript(body: string, timeout: number) {
  const folder = await tempFolder();
  const program = await writeProgram(join(folder, "program"), body);
  const startedAt = performance.now();
  const result = await runCommand(program, [], { env: process.env, cwd: folder, timeout });
  const took = performance.now() - startedAt;
  const child = Number(await readFile(join(folder, "child"), "utf8"));
  expect(child).toBeGreaterThan(1);
  return { ...result, took, isChildRunning: !(await hasEnded(child)) };
}

describe("a program that is run for its answer", () => {
  it("that hangs is ended at its timeout, and its children with it", async () => {
    const { exitCode, isChildRunning, stderr } = await runScript("sleep 600 & echo $! > child; wait", 500);
    expect({ exitCode, isChildRunning, stderr }).toEqual({
      ...{ exitCode: null, isChildRunning: false, stderr: "took longer than 500 ms" },
    });
  });

  it("that leaves a child which holds its output has answered when it ends", async () => {
    const { exitCode, isChildRunning, stdout, took } = await runScript(
      "sleep 600 & echo $! > child; echo v=7.0.15",
      20_000,
    );
    expect({ exitCode, isChildRunning, stdout }).toEqual({ exitCode: 0, isChildRunning: false, stdout: "v=7.0.15\n" });
    expect(took).toBeLessThan(5_000);
  });

  it("is waited for no longer when a child outside its group holds its output", async () => {
    const { exitCode, stdout, took } = await runScript("setsid sleep 8 & echo $! > child; echo v=7.0.15", 20_000);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "v=7.0.15\n" });
    expect(took).toBeLessThan(5_000);
  });

  it("that writes without end takes no memory without end", async () => {
    const { exitCode, stdout } = await runScript("echo $$ > child; yes | head -c 40000000", 20_000);
    expect(exitCode).toBe(0);
    expect(stdout.length).toBeLessThan(17 * 1024 * 1024);
  });
});
