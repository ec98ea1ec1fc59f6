/** The matrix mutant × layer, and how many seeds the simulator needs for each mutant. */
import { countText, numberText } from "../evidence/words.ts";
import type { Mutant } from "./layers.ts";
import type { MutantOutcome } from "./mutant-run.ts";

export const mutantLayers = ["explore", "conform", "simulate", "inject", "bench", "check"] as const;

type Unseen = { readonly [mutant: string]: string };
type Cell = "killed" | "survived" | "void" | "not run" | "unseen" | "-";

export interface Matrix {
  readonly chosen: readonly Mutant[];
  readonly known: readonly Mutant[];
  readonly outcomes: readonly MutantOutcome[];
  readonly unseen: Unseen;
}

/** Unique: mutants of two parts may have the same id. */
export function nameOf({ id, part }: Pick<Mutant, "id" | "part">): string {
  return `${part} ${id}`;
}

/**
 * @param chosen the mutants that were asked for
 * @param known all mutants, on all layers that can run them
 * @param unseen `<part> <id>` of those that the simulator can run but not detect
 */
export function matrixLines({ chosen, known, outcomes, unseen }: Matrix): readonly string[] {
  const names = [...new Set([...chosen.map(nameOf), ...Object.keys(unseen)])];
  const width = Math.max(...names.map((name) => name.length));
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd("survived".length)).join("  ")}`.trimEnd();
  const cells = names.map((name) => mutantLayers.map((layer) => cellOf(name, layer, { known, outcomes, unseen })));
  const totals = mutantLayers.map((_, column) => {
    const column_ = cells.map((cell) => cell[column]);
    const run = column_.filter((cell) => cell === "killed" || cell === "survived" || cell === "void").length;
    return `${column_.filter((cell) => cell === "killed").length} of ${run}`;
  });
  return [
    row("mutant", mutantLayers),
    ...names.map((name, index) => row(name, cells[index] ?? [])),
    row("killed", totals),
    ...Object.entries(unseen).map(([name, why]) => `unseen: ${name}: ${why}`),
  ];
}

function cellOf(name: string, layer: Mutant["layer"], { known, outcomes, unseen }: Omit<Matrix, "chosen">): Cell {
  const found = outcomes.find(({ mutant }) => mutant.layer === layer && nameOf(mutant) === name);
  if (found !== undefined) return found.evidence.verdict;
  if (layer === "simulate" && unseen[name] !== undefined) return "unseen";
  return known.some((mutant) => mutant.layer === layer && nameOf(mutant) === name) ? "not run" : "-";
}

export interface SeedsNeeded {
  readonly median: number;
  readonly p90: number;
}

/** By the nearest-rank method; a mutant that survived counts as infinitely many seeds. */
export function seedsNeeded(seeds: readonly (number | null)[]): SeedsNeeded {
  const sorted = seeds.map((took) => took ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const rank = (share: number): number =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.POSITIVE_INFINITY;
  return { median: rank(0.5), p90: rank(0.9) };
}

/** One row for each mutant, as Markdown, for a terminal. */
export function seedsTable(outcomes: readonly MutantOutcome[], most: number): readonly string[] {
  return [
    "| mutant | breaks | scenario | verdict | seeds, median | 90 % | most | shrunk: faults | actions |",
    "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ...huntedOf(outcomes).map(({ evidence, hunted, mutant }) => {
      const { seeds, shrunk } = hunted;
      const size = shrunk === null ? ["", ""] : [numberText(shrunk.faults), numberText(shrunk.actions)];
      const { property, verdict } = evidence;
      const cells = [mutant.id, property, mutant.scenario ?? "", verdict, ...figuresOf(seeds, most), ...size];
      return `| ${cells.join(" | ")} |`;
    }),
  ];
}

/** One item for all mutants that need equally many seeds, for the page; those that need most come last. */
export function seedsList(outcomes: readonly MutantOutcome[], most: number): readonly string[] {
  const groups = Map.groupBy(huntedOf(outcomes), ({ hunted }) => figuresOf(hunted.seeds, most).join(", "));
  return [...groups]
    .sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }))
    .map(([figures, alike]) => {
      const names = alike.map(({ evidence: { verdict }, mutant }) => {
        return `\`${mutant.id}\`${verdict === "killed" ? "" : ` (${verdict})`}`;
      });
      return `- ${figures}: ${names.join(", ")}`;
    });
}

type HuntedOutcome = MutantOutcome & { readonly hunted: NonNullable<MutantOutcome["hunted"]> };

function huntedOf(outcomes: readonly MutantOutcome[]): readonly HuntedOutcome[] {
  return outcomes.flatMap((outcome) => (outcome.hunted === null ? [] : [{ ...outcome, hunted: outcome.hunted }]));
}

type Seeds = readonly (number | null)[];

const mostOf = (seeds: Seeds): number => Math.max(...seeds.map((took) => took ?? Number.POSITIVE_INFINITY));

function figuresOf(seeds: Seeds, most: number): readonly string[] {
  const { median, p90 } = seedsNeeded(seeds);
  return [median, p90, mostOf(seeds)].map((figure) => figureOf(figure, most));
}

function figureOf(seeds: number, most: number): string {
  return Number.isFinite(seeds) ? numberText(seeds) : `over ${most}`;
}

/** The summary over all mutants. */
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
