/** Bug × layer, in words; and how many seeds the simulator needs for each. */
import { countText, numberText } from "../evidence/words.ts";
import type { Mutant } from "./layers.ts";
import type { MutantOutcome } from "./mutant-run.ts";

export const mutantLayers = ["explore", "conform", "simulate", "inject", "check"] as const;

type Unseen = { readonly [bug: string]: string };
type Cell = "killed" | "survived" | "void" | "not run" | "unseen" | "-";

export interface Matrix {
  readonly chosen: readonly Mutant[];
  readonly known: readonly Mutant[];
  readonly outcomes: readonly MutantOutcome[];
  readonly unseen: Unseen;
}

/** What tells one bug from another: two parts of the system may have a bug of one name. */
export function bugOf({ id, plantedIn }: Pick<Mutant, "id" | "plantedIn">): string {
  return `${plantedIn} ${id}`;
}

/** @param chosen the bugs that were asked for
 * @param known all bugs, on all layers that can run them
 * @param unseen `<planted in> <id>` of what the simulator could run and cannot see
 */
export function matrixLines({ chosen, known, outcomes, unseen }: Matrix): readonly string[] {
  const bugs = [...new Set([...chosen.map(bugOf), ...Object.keys(unseen)])];
  const width = Math.max(...bugs.map((bug) => bug.length));
  const row = (bug: string, cells: readonly string[]) =>
    `${bug.padEnd(width)}  ${cells.map((cell) => cell.padEnd("survived".length)).join("  ")}`.trimEnd();
  const cells = bugs.map((bug) => mutantLayers.map((layer) => cellOf(bug, layer, { known, outcomes, unseen })));
  const totals = mutantLayers.map((_, column) => {
    const column_ = cells.map((cell) => cell[column]);
    const run = column_.filter((cell) => cell === "killed" || cell === "survived" || cell === "void").length;
    return `${column_.filter((cell) => cell === "killed").length} of ${run}`;
  });
  return [
    row("bug", mutantLayers),
    ...bugs.map((bug, index) => row(bug, cells[index] ?? [])),
    row("killed", totals),
    ...Object.entries(unseen).map(([bug, why]) => `unseen: ${bug}: ${why}`),
  ];
}

function cellOf(bug: string, layer: Mutant["layer"], { known, outcomes, unseen }: Omit<Matrix, "chosen">): Cell {
  const found = outcomes.find(({ mutant }) => mutant.layer === layer && bugOf(mutant) === bug);
  if (found !== undefined) return found.evidence.verdict;
  if (layer === "simulate" && unseen[bug] !== undefined) return "unseen";
  return known.some((mutant) => mutant.layer === layer && bugOf(mutant) === bug) ? "not run" : "-";
}

export interface SeedsNeeded {
  readonly median: number;
  readonly p90: number;
}

/** Nearest rank; what was not caught counts as infinitely many. */
export function seedsNeeded(seeds: readonly (number | null)[]): SeedsNeeded {
  const sorted = seeds.map((took) => took ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const rank = (share: number): number =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.POSITIVE_INFINITY;
  return { median: rank(0.5), p90: rank(0.9) };
}

/** A bug a row, as Markdown: what the page and a terminal show. */
export function seedsTable(outcomes: readonly MutantOutcome[], most: number): readonly string[] {
  const simulated = outcomes.filter(({ hunted }) => hunted !== null);
  return [
    "| mutant | breaks | scenario | verdict | seeds, median | 90 % | most | shrunk: faults | actions |",
    "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ...simulated.map(({ evidence, hunted, mutant }) => {
      const { seeds = [], shrunk = null } = hunted ?? {};
      const { median, p90 } = seedsNeeded(seeds);
      const figures = [median, p90, Math.max(...seeds.map((took) => took ?? Number.POSITIVE_INFINITY))].map((figure) =>
        figureOf(figure, most),
      );
      const size = shrunk === null ? ["", ""] : [numberText(shrunk.faults), numberText(shrunk.actions)];
      const { property, verdict } = evidence;
      return `| ${[mutant.id, property, mutant.scenario ?? "", verdict, ...figures, ...size].join(" | ")} |`;
    }),
  ];
}

function figureOf(seeds: number, most: number): string {
  return Number.isFinite(seeds) ? numberText(seeds) : `over ${most}`;
}

/** What the seeds come to over all bugs. */
export function seedsSummary(outcomes: readonly MutantOutcome[]): string {
  const hunts = outcomes.flatMap(({ hunted }) => (hunted === null ? [] : [hunted]));
  const quick = hunts.filter(({ seeds, verdict }) => verdict !== "void" && seedsNeeded(seeds).median <= soonEnough);
  const killed = hunts.filter(({ verdict }) => verdict === "killed").length;
  const sizes = hunts.flatMap(({ shrunk }) => (shrunk === null ? [] : [shrunk]));
  const small =
    sizes.length === 0
      ? ""
      : `. The median shrunk plan has ${countText(seedsNeeded(sizes.map(({ faults }) => faults)).median, "fault")} and ${countText(seedsNeeded(sizes.map(({ actions }) => actions)).median, "action")}`;
  return `${killed} of ${countText(hunts.length, "mutant")} killed in every round; ${quick.length} of them need at most ${soonEnough} seeds in the median${small}`;
}

const soonEnough = 50;
