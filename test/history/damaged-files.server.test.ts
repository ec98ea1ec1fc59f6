// @module-tag slow
/** Damaged histories, checked by the command in processes of their own, which shows what damaged-files.test.ts cannot, such as an abort of V8. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { damage, damageKinds } from "./damage.ts";
import { nodeJobsFile, runFile } from "./right-files.ts";

const launcher = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));
/** Milliseconds for the process, which takes a second to start on a busy machine; the damage itself may cost 5 s. */
const longest = 30_000;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-damaged-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(file: string, words: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [launcher, "check", file, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), longest);
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

const files = [
  { of: "node-jobs", bytes: nodeJobsFile, words: ["--model", "node-jobs"] },
  { of: "run", bytes: runFile, words: [] },
] as const;

/** Every other kind of damage for each of the two, so that each kind occurs. */
const cases = damageKinds.map((_, seed) => ({ ...(files[seed % 2] as (typeof files)[number]), seed }));

it.each(cases)(
  "a damaged history of $of ends the process with a message (seed $seed)",
  async ({ bytes, of, seed, words }) => {
    const damaged = damage(bytes, seed);
    const file = join(folder, `${of}-${seed}.jsonl`);
    writeFileSync(file, damaged.bytes);
    const { code, output } = await check(file, words);
    expect([0, 1, 2, 64], `${damaged.how}: ${output}`).toContain(code);
    expect(output, damaged.how).not.toMatch(/^\s+at .*:\d+:\d+/m);
    if (code === 64) expect(output, damaged.how).toMatch(new RegExp(`where: +${file}: line \\d+`));
  },
);
