// @module-tag slow
/** Hundreds of wrong command lines: each is refused soon, with a message, and leaves no files. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../../src/cli/main.ts";
import { createOutput } from "../../../src/cli/printing/output.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { loadLayers } from "../../../src/verify/wiring.ts";
import { idleContext } from "../process/idle.ts";
import { stream } from "../terminal.ts";
import { type BadLine, badLines, type Traps } from "./bad-lines.ts";

const launcher = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));
const seed = 8213;
const moreSeeds = [1, 4, 5];
/** Milliseconds. */
const longest = 5_000;
/** A process takes half a second to start, and many times that on a busy machine. */
const longestProcess = 20_000;

let base = "";
let traps: Traps = { fifo: "", folder: "", file: "" };
const cwd = process.cwd();

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "lockproof-bad-lines-"));
  traps = { fifo: join(base, "fifo"), folder: join(base, "folder"), file: join(base, "file") };
  execFileSync("mkfifo", [traps.fifo]);
  await mkdir(traps.folder);
  await mkdir(join(base, "work"));
  await writeFile(traps.file, "neither JSON\nnor a program\n");
  process.chdir(join(base, "work"));
});
afterAll(async () => {
  process.chdir(cwd);
  await rm(base, { recursive: true });
});

interface Refusal {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Milliseconds. */
  readonly took: number;
}

/** With the real layers, so that a line that is not refused starts a run. */
async function inProcess(words: readonly string[]): Promise<Refusal> {
  const [out, err] = [stream(), stream()];
  const startedAt = performance.now();
  const code = await run(words, {
    output: createOutput(out, err, {}),
    env: process.env,
    layers: async () => loadLayers(),
    interrupted: AbortSignal.timeout(longest),
    version: "0.0.0",
  });
  return { code, out: out.text, err: err.text, took: performance.now() - startedAt };
}

/** The first line of a command loads its modules, for seconds on a busy machine: one that is not refused soon is given again. */
async function refusalOf(words: readonly string[]): Promise<Refusal> {
  const first = await inProcess(words);
  return first.took <= longest ? first : await inProcess(words);
}

async function asProcess(words: readonly string[]): Promise<Refusal> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [launcher, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longestProcess,
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = await once(child, "close");
  return { code, out, err, took: performance.now() - startedAt };
}

/** The defects of a refusal, each in a few words. */
function faults(
  { isUsage, words, wrong }: BadLine,
  { code, err, out, took }: Refusal,
  most = longest,
): readonly string[] {
  const shown = JSON.stringify(
    words.map((word) => (word.length > 200 ? `${word.slice(0, 50)}… (${word.length})` : word)),
  );
  const found = [
    ...(isUsage && code !== 64 ? [`exit ${code}, not 64`] : []),
    ...(!isUsage && code !== 64 && code !== 3 ? [`exit ${code}, not 3 or 64`] : []),
    ...(code === 64 && out !== "" ? [`output: ${out.slice(0, 200)}`] : []),
    ...(err === "" && !/^(?:missing|wrong) /m.test(out) ? ["no message"] : []),
    ...(code === 64 && !/^usage: .+\n(?: {2}.+\n)*$/.test(err) ? [`not our form: ${err.slice(0, 300)}`] : []),
    ...(/\n\s+at /.test(err + out) ? ["a stack trace"] : []),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not occur
    ...(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(err + out) ? ["a control character"] : []),
    ...(err.length + out.length > 12_000 ? [`${err.length + out.length} characters`] : []),
    ...foreignFlags(words, err).map((flag) => `advice about ${flag}, which the command does not have`),
    ...(took > most ? [`${Math.round(took)} ms`] : []),
  ];
  return found.map((what) => `${wrong}: ${shown}: ${what}`);
}

/** Flags in the advice that the command does not have, except in quoted command lines. */
function foreignFlags(words: readonly string[], err: string): readonly string[] {
  const top = program.commands.find((one) => one.name() === words[0]) ?? program;
  const command = top.commands.find((one) => one.name() === words[1]) ?? top;
  const known = ["--help", ...command.options.map(({ long }) => long)];
  const [, advice = ""] = /^ {2}fix: +(.*)$/m.exec(err) ?? [];
  const named = advice.replace(/`[^`]*`/g, "").match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
  return named.filter((flag) => !known.includes(flag));
}

const program = createProgram(idleContext, "0.0.0");

async function childrenOfOurs(): Promise<readonly string[]> {
  const threads = await readdir("/proc/self/task");
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ")).filter((pid) => pid.trim() !== "");
}

describe("a wrong command line", () => {
  it("is drawn from a seed, for every command and every flag", () => {
    const lines = badLines(seed, traps);
    expect(badLines(seed, traps)).toEqual(lines);
    expect(lines.length).toBeGreaterThanOrEqual(400);
    expect(badLines(seed + 1, traps)).not.toEqual(lines);
  });

  const areRefused = async (seed: number): Promise<void> => {
    const children = await childrenOfOurs();
    const found: string[] = [];
    for (const line of badLines(seed, traps)) found.push(...faults(line, await refusalOf(line.words)));
    expect(found).toEqual([]);
    expect(await readdir(".")).toEqual([]);
    expect(await childrenOfOurs()).toEqual(children);
  };
  const timeout = 300_000;
  it("is refused soon, with a message, and leaves no files", { timeout }, () => areRefused(seed));
  it.each(moreSeeds)("of seed %i is refused as soon", { timeout, tags: ["nightly"] }, areRefused);

  it("is refused by a process too", { timeout }, async () => {
    const possible = badLines(seed + 1, traps).filter(({ words }) =>
      words.every((word) => !word.includes("\u0000") && word.length < 100_000),
    );
    const sample = possible.filter((_, index) => index % Math.floor(possible.length / 40) === 0);
    expect(sample.length).toBeGreaterThanOrEqual(40);
    const found: string[] = [];
    const lane = async (rest: IterableIterator<BadLine>) => {
      for (const line of rest) found.push(...faults(line, await asProcess(line.words), longestProcess));
    };
    const rest = sample.values();
    await Promise.all([lane(rest), lane(rest)]);
    expect(found).toEqual([]);
    expect(await readdir(".")).toEqual([]);
  });
});
