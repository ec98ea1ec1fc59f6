/** docs/mutants.md: how many seeds the simulator needs for each mutant, with what it was measured on. */
import { availableParallelism, loadavg } from "node:os";
import { seedsList, seedsSummary } from "./mutant-matrix.ts";
import type { MutantOutcome } from "./mutant-run.ts";

export interface PageOf {
  readonly outcomes: readonly MutantOutcome[];
  readonly unseen: { readonly [mutant: string]: string };
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
    "# Mutants of the scheduler, simulated",
    "",
    "Reference, for readers who ask how many seeds the simulator needs for each mutant.",
    "",
    `Printed by \`lockproof mutants --layer simulate --rounds ${rounds} --seed ${seed} --page docs/mutants.md\` on ${date.slice(0, 10)}, version ${version}, ${availableParallelism()} cores, load ${load.toFixed(1)}.`,
    `Each mutant was hunted from ${rounds} starting seeds, for at most ${most} seeds each. Every kill was run again with the unchanged scheduler, which has to pass.`,
    "",
    `**${seedsSummary(outcomes)}.**`,
    "",
    "Seeds needed (median, 90 %, most) by mutant; [promises](promises.md#from-property-to-judge-and-mutants) says what each breaks:",
    "",
    ...seedsList(outcomes, most),
    ...unseenLines(unseen),
  ].join("\n")}\n`;
}

function unseenLines(unseen: PageOf["unseen"]): readonly string[] {
  const entries = Object.entries(unseen);
  if (entries.length === 0) return [];
  return ["", "Not simulated, and why:", ""].concat(entries.map(([mutant, why]) => `- \`${mutant}\`: ${why}`));
}
