import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import steady from "../../../scenarios/mixed/steady.ts";
import { addScenario } from "../../../scenarios/registry.ts";
import { BrokenRunError, UsageError } from "../../../src/evidence/failure.ts";
import { checkInThread } from "../../../src/verify/threads/checking.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
const line = (call: number, incarnation: number): string =>
  `{"client":${call},"call_ns":${call},"return_ns":${call + 1},"key":"n${call}","kind":"register","args":{},"result":{"status":"ok","incarnation":${incarnation}}}\n`;

/** Empty lines, which take long to read and are written quickly. */
const blankMegabytes = 200;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-checking-"));
  writeFileSync(at("held.jsonl"), line(1, 1));
  writeFileSync(at("violated.jsonl"), line(1, 2));
  writeFileSync(at("foreign.jsonl"), "INFO started\n");
  writeFileSync(at("large.jsonl"), Array.from({ length: 200_000 }, (_, index) => line(index, 1)).join(""));
  const blank = openSync(at("blank.jsonl"), "w");
  const block = Buffer.alloc(1 << 20, "\n");
  for (let written = 0; written < blankMegabytes; written += 1) writeSync(blank, block);
  closeSync(blank);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(name: string, signal = new AbortController().signal, memory?: number) {
  return checkInThread({ file: at(name), model: "node-jobs", budget: 10_000, runs: 1, signal }, memory);
}

describe("a history that a thread judges", () => {
  it("has its verdict", async () => {
    expect(await check("held.jsonl")).toMatchObject({ verdict: "held", json: { ops: 1 } });
    expect(await check("violated.jsonl")).toMatchObject({ verdict: "violated", json: { key: "n1" } });
  });

  it("is refused with the same errors as without a thread", async () => {
    const refused = check("foreign.jsonl");
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toMatchObject({
      message: "no JSON: INFO started",
      where: `${at("foreign.jsonl")}: line 1`,
    });
    await expect(check("nothing.jsonl")).rejects.toThrow(UsageError);
  });

  it("may be of a scenario of the user's own, which the thread has to know", async () => {
    const run = { kind: "trial", scenario: "own-in-a-thread", seed: 1, side: "fault", instances: 1 };
    const bounds = { budget: 50, recovery: 1_000, convergence: 500, staleness: 300 };
    const terms = { missTtl: 100, l1Ttl: 100, heartbeatTtl: 2_000, ttlSpread: 0.2, feedMax: 10 };
    const pace = { kind: "pace", at: 9, planned: 1, made: 1, late_ms_p95: 1, late_ms_max: 1 };
    const lines = [{ ...run, bounds, terms, properties: ["J1"] }, pace, { kind: "phase", at: 10, name: "end" }];
    writeFileSync(at("own.jsonl"), lines.map((each) => JSON.stringify(each)).join("\n"));
    const reasonOf = async () => {
      const { signal } = new AbortController();
      const { json } = await checkInThread({ file: at("own.jsonl"), model: null, budget: 10_000, runs: 1, signal });
      return String(Object(json)["reason"]);
    };
    expect(await reasonOf()).toContain("no scenario own-in-a-thread is known");
    addScenario({ ...steady, name: "own-in-a-thread" }, "here");
    expect(await reasonOf()).toContain("own-in-a-thread has");
  });

  it("is unknown where it exceeds its memory limit, and ends only the thread", async () => {
    const { json, lines, verdict } = await check("large.jsonl", undefined, 16);
    expect(verdict).toBe("unknown");
    expect(json).toMatchObject({ ops: 0, reason: expect.stringContaining("16 MiB") });
    expect(lines.join()).toContain("16 MiB");
  });

  it("is broken where a signal ends it, before or during the check", async () => {
    await expect(check("held.jsonl", AbortSignal.abort())).rejects.toThrow(BrokenRunError);
    const startedAt = performance.now();
    await expect(check("blank.jsonl", AbortSignal.timeout(700))).rejects.toThrow(/ended before it had a verdict/);
    expect(performance.now() - startedAt).toBeLessThan(2_700);
  });
});

it.each([["SIGINT"], ["SIGTERM"]] as const)("%s ends the command within 2 s while it reads", async (signal) => {
  const launcher = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));
  const words = [launcher, "check", at("blank.jsonl"), "--json"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close");
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const sentAt = performance.now();
  child.kill(signal);
  const [code] = await ended;
  expect(performance.now() - sentAt).toBeLessThan(2_000);
  expect(code).toBe(3);
  expect(said).toContain(`${signal}: `);
  expect(said).not.toMatch(/was stopped|"verdict"/); // by itself, and not by the launcher's SIGKILL
});
