// @module-tag slow
/** A history is written while the run lasts: the file of a killed process is a prefix, and is judged as one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { BrokenRunError } from "../../../src/evidence/failure.ts";
import { checkFile } from "../../../src/history/check-file.ts";
import { runInject } from "../../../src/inject/run.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-history-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = fileURLToPath(new URL("./history-host.ts", import.meta.url));
const scenario = "reply-lost";
const file = () => join(folder, `inject-${scenario}-7-control.jsonl`);
const check = (name: string) => checkFile({ file: name, model: null, budget: 1_000, now: () => 0 });
const bytesOf = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;

describe("the history of a run", () => {
  it("that is killed in its middle can be read, says that it was cut, and has no violation, wherever it ends", async () => {
    await using lab = await openLab();
    await Promise.all([lab.redisBinary(), lab.toxiproxyBinary()]);
    const child = spawn(process.execPath, [program, scenario, folder], { stdio: ["ignore", "ignore", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    const hasBegun = () => (bytesOf(file()) > 1_500_000 ? true : undefined);
    expect(await waitFor(hasBegun, { timeout: 40_000, interval: 5 })).toBe(true);
    child.kill("SIGKILL");
    await ended;
    const { json, lines, verdict } = check(file());
    expect(json).toMatchObject({ scenario, seed: 7, side: "control", complete: false, violations: [] });
    expect(json.ops).toBeGreaterThan(100);
    // No judge has the part after the cut; the rest was judged.
    expect(json).toHaveProperty("properties.L1.verdict", expect.stringMatching(/held|unknown/));
    expect(json).toHaveProperty(
      "properties.L1.exercised",
      expect.toSatisfy((count: number) => count > 0),
    );
    expect(json).toHaveProperty("properties.D1.verdict", expect.stringMatching(/held|unknown/));
    expect(verdict).toBe("unknown");
    expect(lines.join("\n")).toContain("the history ends before the run did");
    const whole = readFileSync(file());
    const head = whole.indexOf("\n") + 1;
    for (let part = 0; part < 24; part += 1) {
      const shorter = join(folder, "shorter.jsonl");
      writeFileSync(shorter, whole.subarray(0, head + Math.floor(((whole.length - head) * part) / 24)));
      expect(check(shorter).json).toMatchObject({ complete: false, violations: [] });
    }
  });

  it("is its own, also where two processes run the same scenario on the same seed into one folder at once", {
    tags: ["nightly"],
    timeout: 240_000, // each repeats its run for as long as the other one starves it
  }, async () => {
    await using lab = await openLab();
    await Promise.all([lab.redisBinary(), lab.toxiproxyBinary()]);
    const runs = [1, 2].map(async () => {
      const child = spawn(process.execPath, [program, scenario, folder], { stdio: ["ignore", "pipe", "inherit"] });
      onTestFinished(() => void child.kill("SIGKILL"));
      const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
      return JSON.parse(said) as { readonly files: readonly string[] };
    });
    const files = (await Promise.all(runs)).map((run) => run.files);
    expect(files.map((own) => own.length)).toEqual([2, 2]);
    expect(new Set(files.flat()).size).toBe(4);
    for (const name of files.flat()) {
      const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
      const kinds = lines.map((line) => (JSON.parse(line) as { readonly kind: string }).kind);
      expect(kinds.filter((kind) => kind === "trial")).toHaveLength(1);
      expect(check(join(folder, name)).json).toMatchObject({ complete: true, violations: [] });
    }
  });

  it("on a disk that is full breaks the run, and says so", async () => {
    symlinkSync("/dev/full", file());
    const running = runInject({ scenario, seed: 7, dir: folder, signal: new AbortController().signal });
    await expect(running).rejects.toThrow(BrokenRunError);
    await expect(running).rejects.toMatchObject({ where: file(), message: expect.stringContaining("ENOSPC") });
  });

  it("that is aborted has no end, so it is not taken for a complete one", async () => {
    const stop = new AbortController();
    const { duration } = findScenario(scenario) ?? { duration: 0 };
    expect(duration).toBeGreaterThan(1_000);
    const running = runInject({ scenario, seed: 7, dir: folder, signal: stop.signal });
    running.catch(() => {});
    await waitFor(() => (bytesOf(file()) > 50_000 ? true : undefined), { timeout: 40_000, interval: 5 });
    stop.abort();
    await expect(running).rejects.toThrow(BrokenRunError);
    expect(check(file())).toMatchObject({ verdict: "unknown", json: { complete: false } });
  });
});
