/**
 * `node test/inject/sensitivity/sensitivity.ts --state FILE [--minutes 60] [--runs 20] [--loads 0,1,4] [--properties D1,B1]`: the smallest regression of each
 * property of time that is red in 95 % of the runs, quiet and beside neighbours that keep a processor busy each. Prints rows for docs/benchmarks.md.
 *
 * Each run is written to FILE when it has ended, so that a measurement that was ended goes on where it was. Not a test: it measures, for hours.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { runBench } from "../../../src/bench/run.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { runInject } from "../../../src/inject/run.ts";
import { type TimeRegression, timeRegressions } from "./time-regressions.ts";

const wanted = 0.95;
const firstSeed = 1_000;

/** One run, as it stands in the file. */
interface Run {
  readonly load: number;
  readonly property: string;
  readonly by: number;
  readonly seed: number;
  /** `red`: the property was named in a violation. */
  readonly outcome: "red" | "open" | "held";
}

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    minutes: { type: "string", default: "60" },
    runs: { type: "string", default: "20" },
    loads: { type: "string", default: "0,1,4" },
    properties: { type: "string" },
  },
});
if (values.state === undefined) throw new Error("say where the runs are kept: --state FILE");
const state = values.state;
const runsWanted = Number(values.runs);
const loads = values.loads.split(",").map(Number);
const named = values.properties?.split(",");
const chosen = timeRegressions.filter(({ property }) => named === undefined || named.includes(property));
const end = performance.now() + Number(values.minutes) * 60_000;

const known: Run[] = existsSync(state)
  ? readFileSync(state, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Run)
  : [];

for (const load of loads) {
  const neighbours = startNeighbours(load);
  try {
    for (const regression of chosen) await measure(regression, load);
  } finally {
    for (const neighbour of neighbours) neighbour.kill("SIGKILL");
  }
}
print();

function startNeighbours(count: number): readonly ChildProcess[] {
  return Array.from({ length: count }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
}

/** From the smallest level up, each only as long as it can still be red in 95 % of the runs. */
async function measure(regression: TimeRegression, load: number): Promise<void> {
  for (const by of regression.levels) {
    while (!isDecided(regression, load, by)) {
      if (performance.now() > end) return;
      await runOnce(regression, load, by);
    }
    if (isFound(regression, load, by)) return;
  }
}

async function runOnce(regression: TimeRegression, load: number, by: number): Promise<void> {
  const { property } = regression;
  const seed = firstSeed + runsOf(regression, load, by).length;
  const outcome = outcomeOf(property, await evidenceOf(regression, by, seed));
  const run: Run = { load, property, by, seed, outcome };
  known.push(run);
  appendFileSync(state, `${JSON.stringify(run)}\n`);
  process.stderr.write(`load ${load}, ${property} +${by} ms, seed ${seed}: ${outcome}\n`);
}

function evidenceOf({ edits, property, scenario }: TimeRegression, by: number, seed: number): Promise<LayerEvidence> {
  const { signal } = new AbortController();
  if (scenario === null) {
    const now = (): number => performance.now();
    return runBench({
      profile: "quick",
      rows: ["heartbeat"],
      seed,
      signal,
      now,
      mutant: { heartbeat: { ms: by, every: 1 } },
    });
  }
  return runInject({ scenario, seed, signal, mutant: { id: `${property}-late-by-${by}`, edits: edits(by) } });
}

function outcomeOf(property: string, { properties, violations }: LayerEvidence): Run["outcome"] {
  if (violations.some((violation) => violation.property === property)) return "red";
  return properties.find(({ id }) => id === property)?.verdict === "held" ? "held" : "open";
}

function runsOf({ property }: TimeRegression, load: number, by: number): readonly Run[] {
  return known.filter((run) => run.property === property && run.load === load && run.by === by).slice(0, runsWanted);
}

function redOf(runs: readonly Run[]): number {
  return runs.filter(({ outcome }) => outcome === "red").length;
}

function isDecided(regression: TimeRegression, load: number, by: number): boolean {
  const runs = runsOf(regression, load, by);
  const missed = runs.length - redOf(runs);
  return runs.length >= runsWanted || missed > runsWanted * (1 - wanted);
}

function isFound(regression: TimeRegression, load: number, by: number): boolean {
  const runs = runsOf(regression, load, by);
  return runs.length >= runsWanted && redOf(runs) >= runs.length * wanted;
}

function print(): void {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}`;
  const rows = chosen.map((regression) => {
    const cells = loads.map((load) => cellOf(regression, load));
    return `| ${[date, machine, regression.property, regression.what, ...cells].join(" | ")} |`;
  });
  const heads = [
    "date",
    "machine",
    "property",
    "injected",
    ...loads.map((load) => (load === 0 ? "quiet" : `load ${load}`)),
  ];
  const lines = [`| ${heads.join(" | ")} |`, `| ${heads.map(() => "---").join(" | ")} |`, ...rows];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The smallest level that was found; else what was seen of the last one that was tried, which proves nothing yet. */
function cellOf(regression: TimeRegression, load: number): string {
  const found = regression.levels.find((by) => isFound(regression, load, by));
  const tried = found ?? regression.levels.findLast((by) => runsOf(regression, load, by).length > 0);
  if (tried === undefined) return "not measured";
  const runs = runsOf(regression, load, tried);
  const outcomes = `${redOf(runs)} of ${runs.length} red, ${runs.filter(({ outcome }) => outcome === "held").length} held`;
  return found === undefined ? `none found; at +${tried} ms ${outcomes}` : `+${tried} ms (${outcomes})`;
}
