/**
 * `node test/simulate/guided/measure.ts --state FILE [--rounds 9] [--most 400] [--minutes 60] [--mutants id@scenario,...]`: how many runs it takes until a mutant is
 * found, with random seeds and guided, from the same seeds. Prints rows for docs/benchmarks.md.
 *
 * Each round is written to FILE when it has ended, so that a measurement that was ended goes on where it was. Not a test: it measures, for minutes.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { rareMutants } from "../../../scenarios/mutants/scheduler/rare.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { findSchedulerMutant, loadScheduler } from "../../../src/mutants/schedulers.ts";
import { scenarioNamed } from "../../../src/simulate/batch/batch.ts";
import { withBlocks } from "../../../src/simulate/guided/blocks.ts";
import { runGuidedOf } from "../../../src/simulate/guided/guided.ts";
import { planOfRecipe } from "../../../src/simulate/plan/branch.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import { recipeOf } from "../../../src/simulate/run/token.ts";

/** Properties that the mutants break, beside those that hold in the end. */
const judged = ["V1", "D5"] as const;

const modes = ["random", "guided"] as const;
type Mode = (typeof modes)[number];

/** One round, as it stands in the file. */
interface Round {
  readonly mutant: string;
  readonly mode: Mode;
  readonly seed: number;
  /** Until it was found; null: it was not, in `most` runs. */
  readonly runs: number | null;
  readonly property: string | null;
  /** Simulated events of all runs. */
  readonly events: number;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    state: { type: "string" },
    rounds: { type: "string", default: "9" },
    most: { type: "string", default: "400" },
    seed: { type: "string", default: "1000" },
    mutants: { type: "string", default: rareMutants.map(({ id, simulated }) => `${id}@${simulated}`).join(",") },
    modes: { type: "string", default: modes.join(",") },
    minutes: { type: "string", default: "60" },
  },
});
const { state } = values;
if (state === undefined) throw new Error("say where the rounds are kept: --state FILE");
const most = Number(values.most);
const end = performance.now() + Number(values.minutes) * 60_000;
const seeds = Array.from({ length: Number(values.rounds) }, (_, round) => Number(values.seed) + round * 100_000);
const known: Round[] = existsSync(state)
  ? readFileSync(state, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Round)
  : [];

for (const seed of seeds) {
  for (const mutant of values.mutants.split(",")) {
    for (const mode of modes.filter((one) => values.modes.includes(one))) {
      if (performance.now() > end) continue;
      if (known.some((one) => one.mutant === mutant && one.mode === mode && one.seed === seed)) continue;
      const round = await measured(mutant, mode, seed);
      known.push(round);
      appendFileSync(state, `${JSON.stringify(round)}\n`);
    }
  }
}
for (const mutant of values.mutants.split(",")) process.stdout.write(`${rowOf(mutant)}\n`);

async function measured(mutant: string, mode: Mode, seed: number): Promise<Round> {
  const [id = "", name = ""] = mutant.split("@");
  // Fewer judges take less time, with random seeds and guided alike.
  const scenario = { ...scenarioNamed(name), always: [...judged], sometimes: [] };
  using loaded = await loadScheduler(findSchedulerMutant(id), withBlocks);
  const startedAt = performance.now();
  const { json, runs, violations } = await runGuidedOf(scenario, {
    ...{ seed, shard: { index: 1, of: 1 }, runs: most, untilFailure: true, isRandom: mode === "random" },
    planted: { id, createScheduler: loaded.createScheduler },
    signal: new AbortController().signal,
    now: () => performance.now(),
  });
  const [violation] = violations;
  if (violation === undefined && runs < most) throw new Error(`${mutant}, seed ${seed}: ended without a violation`);
  if (violation !== undefined) await refuseRight(violation.token, scenario);
  return {
    ...{ mutant, mode, seed, runs: violation === undefined ? null : runs },
    property: violation?.property ?? null,
    events: Number(json["events"]),
    seconds: Math.round(performance.now() - startedAt) / 1_000,
  };
}

/** The scheduler as it is has to pass the run that found the mutant. @throws Error where it does not */
async function refuseRight(text: string, scenario: Scenario): Promise<void> {
  const token = decodeToken(text);
  const { broken, judgements } = await runPlan({ plan: planOfRecipe(scenario, recipeOf(token)) });
  const wrong = judgements.filter(({ verdict }) => verdict === "violated").map(({ property }) => property);
  if (broken !== null || wrong.length > 0)
    throw new Error(`without the mutant: ${broken ?? wrong.join(", ")}: ${text}`);
}

function rowOf(mutant: string): string {
  const of = (mode: Mode): readonly Round[] =>
    known.filter((one) => one.mutant === mutant && one.mode === mode && seeds.includes(one.seed));
  const cells = modes.map((mode) => {
    const found = of(mode).map(({ runs }) => runs ?? Number.POSITIVE_INFINITY);
    const events = of(mode).map((one) => (one.runs === null ? Number.POSITIVE_INFINITY : one.events / 1e6));
    return `${textOf(medianOf(found))} (${found.filter(Number.isFinite).length} of ${found.length}) | ${textOf(medianOf(events), 2)}`;
  });
  const [id = "", scenario = ""] = mutant.split("@");
  const properties = [...new Set([...of("random"), ...of("guided")].flatMap(({ property }) => property ?? []))];
  return `| ${id} | ${scenario} | ${properties.join(", ")} | ${cells.join(" | ")} |`;
}

/** Nearest rank. */
function medianOf(counts: readonly number[]): number {
  return counts.toSorted((a, b) => a - b)[Math.ceil(counts.length / 2) - 1] ?? Number.NaN;
}

function textOf(value: number, digits = 0): string {
  return Number.isFinite(value) ? value.toFixed(digits) : `over ${most}`;
}
