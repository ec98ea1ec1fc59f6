/**
 * Compares the figures of two runs, each by its better direction. Reported is a margin that lost a third of itself, and a figure that changed by
 * more than noise. Of a run with itself nothing is reported.
 */
import type { PropertyId } from "../../check/properties.ts";
import type { Verdict } from "../../check/verdict.ts";
import type { Figure } from "../../evidence/evidence.ts";
import type { StoredReport } from "../document/collect.ts";
import type { Report } from "../schema.ts";
import { figureOf } from "../texts/figures.ts";

type Direction = NonNullable<Figure["direction"]>;

/** The least loss of a margin that is reported, as a share of the margin. */
const mostLost = 1 / 3;
/** Relative to the larger value: repeated runs of one build differ by less, except where a machine is loaded. */
const relativeNoise = 0.2;
/** By the unit in a figure's name: what two runs of one build differ by, whatever the size of the figure. */
const smallest: Readonly<Record<string, number>> = { ms: 1, us: 50, percent: 2, mb: 1 };

export interface FigureChange {
  readonly kind: "figure";
  readonly property: PropertyId;
  readonly figure: string;
  /** The scenario and the side. */
  readonly of: string | null;
  readonly from: number;
  readonly to: number;
  readonly direction: Direction;
  readonly change: "worse" | "better";
  /** The distances to the threshold, where the change is reported for them; null: it is not. */
  readonly margin: { readonly from: number; readonly to: number } | null;
}

/** A property or a checklist line. A better verdict is not compared by figures. */
export interface VerdictChange {
  readonly kind: "verdict";
  readonly id: string;
  readonly from: Verdict;
  readonly to: Verdict;
  readonly change: "worse" | "better";
}

export interface Comparison {
  readonly changes: readonly (FigureChange | VerdictChange)[];
  /** Figures with a better direction that both runs have. */
  readonly compared: number;
  /** Such figures of the first run that the second one lacks. */
  readonly missing: number;
}

/** Figures of the machine are beside those of a property, and are no figures of the build. */
export function compareRuns({ report: one }: StoredReport, { report: other }: StoredReport): Comparison {
  const [before, after] = [figuresOf(one), figuresOf(other)];
  const ours = [...before].filter(([, { figure }]) => !isOfMachine(figure.name));
  const shared = ours.flatMap(([key, from]) => {
    const to = after.get(key);
    return to === undefined ? [] : [{ from, to }];
  });
  const isSameSeed = one.seed === other.seed;
  const figures = shared.flatMap(({ from, to }) => {
    const lateness = Math.max(latenessOf(from, before), latenessOf(to, after));
    // A simulated figure is a function of the seed: another seed measures something else.
    const isDrawnAnew = !isSameSeed && from.figure.of?.endsWith(", simulated") === true;
    return changeOf(from, to.figure.value, isDrawnAnew ? Number.POSITIVE_INFINITY : lateness) ?? [];
  });
  return {
    changes: [...verdictChanges(one, other), ...figures],
    compared: shared.length,
    missing: ours.length - shared.length,
  };
}

interface Owned {
  readonly property: PropertyId;
  readonly figure: Figure;
  readonly direction: Direction;
}

const keyOf = (property: PropertyId, { direction, name, of, threshold }: Figure): string =>
  JSON.stringify([property, name, of, threshold, direction]);

/** The figures with a better direction, and the lateness of the machine beside them. */
function figuresOf({ properties }: Pick<Report, "properties">): ReadonlyMap<string, Owned> {
  const owned = properties.flatMap(({ figures, id }) =>
    figures.flatMap((figure) => {
      const direction = isOfMachine(figure.name) ? "at_most" : directionOf(figure);
      return direction === null ? [] : [[keyOf(id, figure), { property: id, figure, direction }] as const];
    }),
  );
  return new Map(owned);
}

const sides = { lower: "at_most", higher: "at_least", none: null } as const;

/** null: neither better nor worse. */
function directionOf({ direction, name, threshold }: Figure): Direction | null {
  if (direction !== undefined) return direction;
  if (threshold !== undefined) return "at_most";
  return sides[figureOf(name).direction];
}

const isOfMachine = (name: string): boolean => name.startsWith("machine_");

/** By how much the machine may have moved this figure, in its unit; the median is not moved by a few late wake-ups. */
function latenessOf({ figure, property }: Owned, all: ReadonlyMap<string, Owned>): number {
  if (!figure.name.includes("_ms") || figure.name.endsWith("_p50")) return 0;
  const name = /_p\d+$/u.test(figure.name) ? "machine_late_ms_p99" : "machine_late_ms_max";
  const beside = [...all.values()].find(
    (one) => one.property === property && one.figure.name === name && one.figure.of === figure.of,
  );
  return beside?.figure.value ?? 0;
}

function changeOf({ direction, figure, property }: Owned, to: number, lateness: number): FigureChange | null {
  const { name, of = null, value: from } = figure;
  if (from === to) return null;
  const isWorse = direction === "at_most" ? to > from : to < from;
  const seen = { kind: "figure", property, figure: name, of, from, to, direction } as const;
  const margin = marginsOf(figure, direction, to);
  const isShrunk = margin !== null && margin.from > 0 && margin.to <= margin.from * (1 - mostLost);
  if (isShrunk) return { ...seen, change: "worse", margin };
  if (Math.abs(to - from) <= noiseOf(name, from, to) + lateness) return null;
  return { ...seen, change: isWorse ? "worse" : "better", margin: null };
}

/** null: the figure is neither judged nor a margin by itself. */
function marginsOf({ name, threshold, value }: Figure, direction: Direction, to: number): FigureChange["margin"] {
  if (name.includes("margin")) return { from: value, to };
  if (threshold === undefined) return null;
  return direction === "at_most"
    ? { from: threshold - value, to: threshold - to }
    : { from: value - threshold, to: to - threshold };
}

function noiseOf(name: string, from: number, to: number): number {
  const [, unit = ""] = /_(ms|us|percent|mb)(?:_|$)/u.exec(name) ?? [];
  const relative = relativeNoise * Math.max(Math.abs(from), Math.abs(to));
  return Math.max(relative, smallest[unit] ?? 0);
}

function verdictChanges(one: StoredReport["report"], other: StoredReport["report"]): readonly VerdictChange[] {
  return one.properties.flatMap(({ id, verdict: from }) => {
    const to = other.properties.find((part) => part.id === id)?.verdict ?? "not_exercised";
    if (from === to) return [];
    // Between two verdicts that are both open neither is better.
    const change =
      to === "violated" || from === "held" ? "worse" : to === "held" || from === "violated" ? "better" : null;
    return change === null ? [] : [{ kind: "verdict", id, from, to, change }];
  });
}
