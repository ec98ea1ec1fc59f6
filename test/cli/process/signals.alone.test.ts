// @module-tag slow
/** Every command, in a process of its own, is ended by a signal: within 2 s, with 3 and one line, and no process is left. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { encodeToken } from "../../../src/evidence/token.ts";

const launcher = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));

let work = "";
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "lockproof-signals-"));
  await writeFile(join(work, "hangs"), "#!/bin/sh\nsleep 600\n", { mode: 0o755 });
});
afterAll(() => rm(work, { recursive: true }));

const token = (options: Readonly<Record<string, unknown>>) =>
  encodeToken({ subject: "system", seed: 0, layer: "explore", options });
const large = { model: "system", scope: { N: 2, J: 2, C: 2, K: 2, E: 2, M: 2 } };

/** Each goes on for much longer than the test waits. */
const commands: readonly (readonly string[])[] = [
  ["simulate", "--seeds", "1..1000000"],
  ["simulate", "--guided", "--budget", "1h"],
  ["simulate", "--on", "redis", "--seeds", "1..1000000"],
  ["explore", "--model", "system", "--scope", "full"],
  ["explore", "--model", "system", "--scope", "full", "--threads", "2"],
  ["conform", "--runs", "1000000"],
  ["conform", "--runs", "1000000", "--concurrent"],
  ["inject", "--scenario", "redis-gone", "--runs", "100"],
  ["inject", "--scenario", "redis-gone", "--runs", "100", "--processes"],
  ["bench"],
  ["mutants", "--layer", "simulate", "--rounds", "1000"],
  ["mutants", "--layer", "conform"],
  ["replay", token(large)],
  ["explain", token(large)],
  ["explain", "--model", "system", "--scope", "full"],
  ["verify"],
  ["verify", "--profile", "soak", "--layer", "inject"],
  ["doctor", "--redis-server", "./hangs"],
];
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function descendantsOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "")),
  );
  const children = lists.flatMap((list) => list.split(" ")).filter((word) => word.trim() !== "");
  const below = await Promise.all(children.map((child) => descendantsOf(Number(child))));
  return [...children.map(Number), ...below.flat()];
}

async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tZ");
  return !/^State:\s+Z/m.test(status);
}

async function runningOf(pids: readonly number[]): Promise<readonly number[]> {
  const running = await Promise.all(pids.map(isRunning));
  return pids.filter((_, index) => running[index]);
}

interface Interrupted {
  readonly code: number | null;
  readonly err: string;
  /** From the signal to the end, in ms. */
  readonly took: number;
  /** Processes that still ran 3 s later. */
  readonly left: readonly number[];
}

/** The launcher's messages about a run that did not react. */
const early = /^broken run: SIG\w+: the run (?:was ended before it began|did not end within 1\.5 s and was stopped)\n/;
/** The last time at which a command may still be loading, in ms after its start. */
const latest = 10_000;

/** @param patience how long the command works before the signal, in ms */
async function interrupt(words: readonly string[], signal: NodeJS.Signals, patience: number): Promise<Interrupted> {
  const child = spawn(process.execPath, [launcher, ...words], { cwd: work, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.resume();
  await sleep(patience);
  expect({ code: child.exitCode, err }).toEqual({ code: null, err: "" });
  const pids = await descendantsOf(child.pid ?? 0);
  const sentAt = performance.now();
  child.kill(signal);
  const [code] = await once(child, "exit");
  const took = performance.now() - sentAt;
  for (let waited = 0; waited < 3_000 && (await runningOf(pids)).length > 0; waited += 100) await sleep(100);
  return { code, err, took, left: await runningOf(pids) };
}

const lines = commands.map((words, index) => ({
  line: words.map((word) => word.slice(0, 30)).join(" "),
  words,
  signal: signals[index % signals.length] ?? "SIGINT",
}));

describe.each(lines)("$line", ({ words, signal }) => {
  const isEnded = async (patience: number): Promise<void> => {
    const { code, err, left, took } = await interrupt(words, signal, patience);
    expect(took).toBeLessThan(2_000);
    expect({ code, left }).toEqual({ code: 3, left: [] });
    // While a slow machine loads the modules, the command cannot react, and ends by its launcher alone: it is asked later.
    if (early.test(err) && patience < latest) return isEnded(2 * patience);
    // verify says also what it had reached, and where the report is.
    const [first = "", ...more] = err.trimEnd().split("\n");
    expect(first).toMatch(new RegExp(`^${signal}: ending the run; `));
    expect(more.filter((line) => words[0] !== "verify" || !/^interrupted .*report/.test(line))).toEqual([]);
    expect(more.length).toBeLessThan(2);
  };

  it(`is ended by ${signal} as it begins, and no process is left`, () => isEnded(1_200));
  it(`is ended by ${signal} as it works, and no process is left`, { tags: ["nightly"] }, () => isEnded(3_000));
});
