/**
 * `node test/verify/rounds.ts --state FILE [--rounds 20] [--loads 0,2] [--profile quick] [--seed 1000]`: runs `verify` so often, quiet and beside
 * neighbours that keep a processor busy each, and prints how each ended, for docs/benchmarks.md. What is not `held` is printed with its reason.
 *
 * Each round is written to FILE when it has ended, so that a measurement that was ended goes on where it was. Not a test: it measures, for hours.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

interface Round {
  /** The commit of the checkout: rounds of other code are kept, and say nothing of this one. */
  readonly commit: string;
  readonly profile: string;
  readonly load: number;
  readonly seed: number;
  readonly seconds: number;
  /** null: it was ended by a signal. */
  readonly exit: number | null;
  /** Properties and layers that did not hold, each with its verdict and reason. */
  readonly open: readonly string[];
}

/** The parts of report.json that are read. */
interface Report {
  readonly properties: readonly { readonly id: string; readonly verdict: string; readonly reason?: string }[];
  readonly layers: readonly { readonly name: string; readonly verdict: string; readonly reason?: string }[];
}

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    rounds: { type: "string", default: "20" },
    loads: { type: "string", default: "0,2" },
    profile: { type: "string", default: "quick" },
    seed: { type: "string", default: "1000" },
  },
});
if (values.state === undefined) throw new Error("say where the rounds are kept: --state FILE");
const { profile } = values;
const state = values.state;
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
const program = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));

for (const load of values.loads.split(",").map(Number)) {
  const neighbours = Array.from({ length: load }, () => spawn(process.execPath, ["-e", "for (;;);"]));
  try {
    for (let index = 0; index < Number(values.rounds); index += 1) runOnce(load, Number(values.seed) + index);
  } finally {
    for (const neighbour of neighbours) neighbour.kill("SIGKILL");
  }
  print(load);
}

/** Those of this commit and profile. */
function known(load: number): readonly Round[] {
  if (!existsSync(state)) return [];
  const lines = readFileSync(state, "utf8").split("\n");
  const rounds = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Round);
  return rounds.filter((round) => round.commit === commit && round.profile === profile && round.load === load);
}

function runOnce(load: number, seed: number): void {
  if (known(load).some((round) => round.seed === seed)) return;
  const folder = mkdtempSync(join(tmpdir(), "lockproof-rounds-"));
  const begun = performance.now();
  const args = [program, "verify", "--profile", profile, "--seed", String(seed), "--reports", folder];
  const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const round: Round = {
    commit,
    profile,
    load,
    seed,
    seconds,
    exit: status,
    open: openIn(join(folder, "latest", "report.json")),
  };
  appendFileSync(state, `${JSON.stringify(round)}\n`);
  say(JSON.stringify(round));
  // A red round is kept: its histories show why.
  if (status !== 1) rmSync(folder, { recursive: true });
  else say(`its report is in ${folder}`);
}

function openIn(file: string): readonly string[] {
  if (!existsSync(file)) return ["no report"];
  const { layers, properties } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const open = [
    ...properties.map(({ id, ...rest }) => ({ name: id, ...rest })),
    ...layers.map((layer) => ({ ...layer, name: `layer ${layer.name}` })),
  ].filter(({ verdict }) => verdict !== "held");
  return open.map(({ name, verdict, reason = "" }) => `${name} ${verdict}: ${reason}`);
}

function print(load: number): void {
  const rounds = known(load);
  const times = rounds.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const ended = [0, 2, 1, 3].map((exit) => rounds.filter((round) => round.exit === exit).length);
  say(
    "| commit | profile | busy neighbours | rounds | exit 0 | exit 2 | exit 1 | exit 3 | seconds, median | longest |",
  );
  say(
    `| ${[commit, profile, load, rounds.length, ...ended, times[Math.floor(times.length / 2)], times.at(-1)].join(" | ")} |`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
