/**
 * `node test/check/linear/speed.ts`: how fast the judges of linearizability are; where porcupine is there, as a ratio to it, rounds taken in
 * turns. Prints a table for docs/benchmarks.md. Not a test: it measures, and on a loaded machine it measures the load.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeJobs } from "../../../src/check/linear/node/node-jobs.ts";
import { judgeByVersions } from "../../../src/check/linear/search/versioned.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { lastLine, runCommand } from "../../../src/lab/process/command.ts";
import { madeRun } from "../../judges/linear/made-run.ts";
import { madeLong } from "./made-long.ts";
import { findPorcupine, type Porcupine } from "./peer.ts";

const rounds = 3;
const { env } = process;
const self = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));
const print = (text: string) => process.stdout.write(`${text}\n`);
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const cases = [
  ["10 k, 10 keys", "--ops 10000 --clients 10 --keys 10 --seed 1"],
  ["100 k, 50 keys", "--ops 100000 --clients 20 --keys 50 --seed 2"],
  ["20 k, 1 key, 4 in flight", "--ops 20000 --clients 20 --keys 1 --concurrency 4 --seed 4"],
  ["2 k, 1 key, 10 in flight", "--ops 2000 --clients 30 --keys 1 --concurrency 10 --seed 3"],
  ["2 k, 1 key, 12 in flight", "--ops 2000 --clients 30 --keys 1 --concurrency 12 --seed 3"],
  ["2 k, 10 in flight, 1 % unanswered", "--ops 2000 --clients 30 --keys 1 --concurrency 10 --timeouts 0.01 --seed 3"],
  ["2 k, 10 in flight, 5 % unanswered", "--ops 2000 --clients 30 --keys 1 --concurrency 10 --timeouts 0.05 --seed 3"],
] as const;

interface Said {
  readonly verdict: string;
  readonly seconds: number;
  readonly read_seconds: number;
  readonly ops: number;
}

async function ours(file: string, runs: number): Promise<Said> {
  const words = [program, "check", file, "--model", "node-jobs", "--json", "--budget", "15s", "--runs", String(runs)];
  const { stdout } = await runCommand(process.execPath, words, { env, timeout: 120_000 });
  return JSON.parse(lastLine(stdout)) as Said;
}

/** Medians of rounds in turns; each round is a process of its own, and the median of three judgements in it, as the peer does it. */
async function compare(peer: Porcupine, folder: string, name: string, options: string): Promise<void> {
  for (const how of ["none", "stale"]) {
    const file = join(folder, "made.jsonl");
    const words = [peer.generator, ...options.split(" "), "--invalid", how, "--out", file];
    await runCommand(process.execPath, words, { env, timeout: 60_000 });
    const [mine, first, theirs] = [[], [], []] as [number[], number[], number[]];
    const verdicts = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      const said = await ours(file, 3);
      const once = await ours(file, 1);
      const answer = await peer.judge(file, 15, 1);
      const settled = answer.ok === null ? answer : await peer.judge(file, 15, 3);
      verdicts.add(`${said.verdict} / ${settled.ok === null ? "unknown" : settled.ok ? "held" : "violated"}`);
      mine.push(said.seconds);
      first.push(once.seconds);
      theirs.push(settled.seconds);
      if (said.verdict === "unknown" || settled.ok === null) break;
    }
    const ratios = [mine, first].map((times) => (median(times) / median(theirs)).toFixed(2));
    const columns = [name, how === "none" ? "valid" : "invalid", [...verdicts].join(", ")];
    const times = [median(mine), median(first), median(theirs)].map((seconds) => seconds.toFixed(3));
    print(`| ${[...columns, ...times, ...ratios].join(" | ")} |`);
  }
}

/** `judge` alone, by the clock and in processor time, its compiler's and collector's included. */
function timed(judge: () => number): string {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const judged = judge();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { system, user } = process.cpuUsage(before);
  const processor = (user + system) / 1e6;
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
  const rate = (Math.round(judged / seconds / 1_000) * 1_000).toLocaleString("en");
  return `${judged} judged in ${seconds.toFixed(2)} s, ${processor.toFixed(2)} s of processor time: ${rate} a second; ${memory} MiB with the history`;
}

function byVersions(): void {
  const { feed, operations } = madeLong(1_000_000);
  const reported = timed(() => {
    const { verdict } = judgeByVersions(nodeJobs, operations, feed);
    if (verdict !== "held") throw new Error(`a possible history was found ${verdict}`);
    return operations.length;
  });
  print(`by versions: ${reported}`);
}

/** The first of a process, as `check` and a run have it. */
function ofARun(calls: number): void {
  const trial = madeRun(calls);
  const reported = timed(() => {
    const { measures, verdict } = judgeRecorded(judgeLinearizability, trial);
    if (verdict !== "held") throw new Error(`a possible run was found ${verdict}`);
    return measures.find(({ name }) => name === "calls_judged")?.value ?? 0;
  });
  print(`L1 of ${calls} calls, ${trial.observations.length} feed entries: ${reported}`);
}

const load = () =>
  `load ${loadavg()
    .map((value) => value.toFixed(1))
    .join(", ")}`;

/** Each in a process of its own: so it is the first that is judged, and the memory is its own. */
const parts: Readonly<Record<string, () => void>> = { run: () => ofARun(1_000_000), versions: byVersions };

async function whole(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-speed-"));
  try {
    print(load());
    for (const part of Object.keys(parts)) {
      const { stdout } = await runCommand(process.execPath, [self, part], { env, timeout: 300_000 });
      print(lastLine(stdout));
    }
    await againstPeer(folder);
    print(load());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function againstPeer(folder: string): Promise<void> {
  const peer = await findPorcupine();
  if (peer === null) {
    print("no porcupine: set LOCKPROOF_PEERS, or have Go on the PATH");
    return;
  }
  print("| history | | verdict, ours / porcupine | ours, s | ours, first, s | porcupine, s | ratio | ratio, first |");
  print("| --- | --- | --- | --- | --- | --- | --- | --- |");
  for (const [name, options] of cases) await compare(peer, folder, name, options);
  const file = join(folder, "long.jsonl");
  const words = [peer.generator, "--ops", "1000000", "--clients", "100", "--keys", "200", "--out", file];
  await runCommand(process.execPath, words, { env, timeout: 120_000 });
  const said = await ours(file, 1);
  print(`reading: ${said.ops} lines in ${said.read_seconds} s, judged in ${said.seconds} s`);
}

const part = parts[process.argv[2] ?? ""];
if (part === undefined) await whole();
else part();
