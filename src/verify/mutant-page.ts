/** docs/mutants.md: how many seeds the simulator needs for each planted bug, with what it was measured on. */
import { availableParallelism, loadavg } from "node:os";
import { seedsSummary, seedsTable } from "./mutant-matrix.ts";
import type { MutantOutcome } from "./mutant-run.ts";

export interface PageOf {
  readonly outcomes: readonly MutantOutcome[];
  readonly unseen: { readonly [bug: string]: string };
  readonly rounds: number;
  readonly seed: number;
  readonly most: number;
  /** ISO 8601. */
  readonly date: string;
  readonly version: string;
}

export function mutantsPage({ date, most, outcomes, rounds, seed, unseen, version }: PageOf): string {
  const [load = 0] = loadavg();
  return `${[
    "# Planted bugs of the scheduler, simulated",
    "",
    `Printed by \`lockproof mutants --layer simulate --rounds ${rounds} --seed ${seed} --page docs/mutants.md\` on ${date.slice(0, 10)}, version ${version}, ${availableParallelism()} cores, load ${load.toFixed(1)}.`,
    `Each bug was hunted from ${rounds} different starting seeds, with at most ${most} seeds each; every kill was run once more with the scheduler as it is, which has to pass.`,
    "Seeds do not depend on the machine or its load; how far the plans of a bug's first five kills were shrunk (in the median) in the time they had does.",
    "",
    `**${seedsSummary(outcomes)}.**`,
    "",
    ...seedsTable(outcomes, most),
    ...unseenLines(unseen),
  ].join("\n")}\n`;
}

function unseenLines(unseen: PageOf["unseen"]): readonly string[] {
  const entries = Object.entries(unseen);
  if (entries.length === 0) return [];
  return ["", "Not simulated, and why:", ""].concat(entries.map(([bug, why]) => `- \`${bug}\`: ${why}`));
}
