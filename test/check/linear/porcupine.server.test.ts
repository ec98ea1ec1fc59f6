// @module-tag slow
/**
 * Our judges against porcupine, on the same 2,000 small histories as they are held against each other, and on larger ones that its own
 * generator makes. Where the peer is not there, what it said when it was last asked is in `porcupine.txt`, one letter a history.
 */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeJobs } from "../../../src/check/linear/node/node-jobs.ts";
import { judgeByAllOrders } from "../../../src/check/linear/search/brute.ts";
import { judgeByWindow } from "../../../src/check/linear/search/windowed.ts";
import { checkNodeJobs } from "../../../src/history/node-jobs/judge.ts";
import { runCommand } from "../../../src/lab/process/command.ts";
import { madeHistories } from "./histories.ts";
import { findPorcupine, type Porcupine, peerLines } from "./peer.ts";

const recorded = "porcupine.txt";
const histories = fc.sample(madeHistories(7), { numRuns: 2_000, seed: 7 }).map(({ operations }) => operations);
const lines = histories.map((history, index) => peerLines(history, `h${index}`));
const letters = { held: "h", violated: "v", unknown: "?" } as const;
const limits = { configurations: 1_000_000, outOfTime: () => false };

const porcupine = await findPorcupine();
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lockproof-porcupine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Those that we hold in one file, as objects of their own: it holds all or not. The others one by one. */
async function ask(peer: Porcupine, ours: readonly string[]): Promise<string> {
  const file = join(folder, "held.jsonl");
  await writeFile(file, lines.filter((_, index) => ours[index] === "h").join(""));
  if ((await peer.judge(file, 60)).ok !== true) return "one of those that we hold is impossible";
  const answers = [...ours];
  const open = [...ours.keys()].filter((index) => ours[index] !== "h");
  const work = async (worker: number) => {
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const one = join(folder, `one-${worker}.jsonl`);
      await writeFile(one, lines[index] ?? "");
      const { ok } = await peer.judge(one, 60);
      answers[index] = ok === null ? "?" : ok ? "h" : "v";
    }
  };
  await Promise.all([work(1), work(2)]);
  return answers.join("");
}

describe("porcupine", { tags: ["nightly"] }, () => {
  it("agrees with our judges on each of 2,000 small histories", async () => {
    const ours = histories.map((history) => letters[judgeByWindow(nodeJobs, history, limits).verdict]);
    expect(ours.filter((letter) => letter === "v").length).toBeGreaterThan(400);
    expect(histories.map((history) => letters[judgeByAllOrders(nodeJobs, history).verdict])).toEqual(ours);
    const digest = createHash("sha256").update(lines.join("")).digest("hex");
    const said = `histories ${digest}\n${ours.join("")}\n`;
    if (porcupine === null) {
      expect(await readFile(new URL(recorded, import.meta.url), "utf8")).toBe(said);
      return;
    }
    expect(await ask(porcupine, ours)).toBe(ours.join(""));
    await expect(said).toMatchFileSnapshot(recorded);
  }, 120_000);
});

const made = [
  ["10,000 operations, 10 keys", "--ops 10000 --clients 10 --keys 10 --seed 1"],
  ["20,000 operations, 1 key, 4 in flight", "--ops 20000 --clients 20 --keys 1 --concurrency 4 --seed 4"],
  ["2,000 operations, 1 key, 10 in flight", "--ops 2000 --clients 30 --keys 1 --concurrency 10 --seed 3"],
  ["1,000 operations, 1 key, 12 in flight", "--ops 1000 --clients 30 --keys 1 --concurrency 12 --seed 3"],
  [
    "1,000 operations, 1 key, 1 % unanswered",
    "--ops 1000 --clients 30 --keys 1 --concurrency 10 --timeouts 0.01 --seed 3",
  ],
] as const;

/** The peer itself makes them, so there are none without it. */
if (porcupine !== null) {
  describe("porcupine's own histories", () => {
    const spoilt = made.flatMap(([name, options]) => ["none", "stale"].map((how) => ({ name, options, how })));
    it.each(spoilt)("are judged alike: $name, spoilt: $how", async ({ how, options }) => {
      const file = join(folder, "made.jsonl");
      const words = [porcupine.generator, ...options.split(" "), "--invalid", how, "--out", file];
      const { exitCode } = await runCommand(process.execPath, words, { env: process.env, timeout: 60_000 });
      expect(exitCode).toBe(0);
      const ours = checkNodeJobs({ file, budget: 60_000, now: () => performance.now() });
      expect(ours.verdict).toBe(how === "none" ? "held" : "violated");
      const theirs = await porcupine.judge(file, 2);
      // It may run out of time where we do not.
      expect([how === "none", null]).toContain(theirs.ok);
    });
  });
}
