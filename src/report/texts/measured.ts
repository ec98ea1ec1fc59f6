/** The measured value and the allowed one, in words with units. */
import type { Figure } from "../../evidence/evidence.ts";
import { numberText } from "../../evidence/words.ts";
import type { ChecklistLine } from "../schema.ts";
import { texts } from "./dictionary.ts";
import { figureOf, units } from "./figures.ts";
import { propertyWords } from "./property-words.ts";
import { same, type Words } from "./words.ts";

export interface Measured {
  /** `39.7 ms of at most 50 ms`. */
  readonly value: Words;
  /** `slowest read`; null: the value says it. */
  readonly label: Words | null;
  /** The scenario and side, or what was compared; null: nothing more is known. */
  readonly of: Words | null;
  /** The share of the threshold that is left, 0 to 1; null: there is no threshold, or it is 0. */
  readonly left: number | null;
}

type LineFigure = NonNullable<ChecklistLine["figure"]>;
type Threshold = NonNullable<ChecklistLine["threshold"]>;

/** @param compared the comparisons that `of` may name, in both languages */
export function measuredWords(
  figure: LineFigure,
  threshold: Threshold | null,
  compared: readonly Words[] = [],
): Measured {
  const { label } = figureOf(figure.name);
  const of = figure.of === null ? null : ofWords(figure.of, compared);
  if (threshold === null) return { value: valueWords(figure.name, figure.value), label, of, left: null };
  if (threshold.value !== 0) {
    return { value: againstWords(figure, threshold), label, of, left: shareLeft(figure.value, threshold) };
  }
  const value = numberText(figure.value);
  const isCompared = compared.some(({ en }) => en === of?.en);
  if (of !== null && isCompared) return { value: texts.among(value, label, of), label: null, of: null, left: null };
  return { value: texts.noneAllowed(value, label), label: null, of, left: null };
}

/** The figures of a line: that of the line first, then those of its other properties. */
export function lineMeasured(
  { figure, figures, threshold, properties }: ChecklistLine,
  exercised: (id: ChecklistLine["properties"][number]) => number,
): readonly Measured[] {
  if (figure === null) return [];
  const compared = properties.flatMap((id) => propertyWords(id).compared(exercised(id)) ?? []);
  const others = figures.filter(
    ({ name, of, value }) => !(name === figure.name && of === figure.of && value === figure.value),
  );
  return [
    measuredWords(figure, threshold, compared),
    ...others.map((other) => measuredWords(other, noneAllowed(other, compared), compared)),
  ];
}

/** A count of counterexamples has the threshold 0; of other figures of a line only the line's own has a known one. */
function noneAllowed({ of }: LineFigure, compared: readonly Words[]): Threshold | null {
  return compared.some(({ en }) => en === of) ? { direction: "at_most", value: 0 } : null;
}

function valueWords(name: string, value: number): Words {
  const unit = units[figureOf(name).unit];
  const with_ = (word: string) => `${numberText(value)}${word === "" ? "" : ` ${word}`}`;
  return { en: with_(unit.en), zh: with_(unit.zh) };
}

function againstWords({ name, value }: LineFigure, { direction, strict = false, value: limit }: Threshold): Words {
  const { unit } = figureOf(name);
  // A rate is written once: `28,000 of at least 2,500 per second`.
  const measured = unit === "per_s" || unit === "ratio" ? same(numberText(value)) : valueWords(name, value);
  const allowed = valueWords(name, limit);
  if (direction === "at_most") return strict ? texts.below(measured, allowed) : texts.atMost(measured, allowed);
  return strict ? texts.above(measured, allowed) : texts.atLeast(measured, allowed);
}

export function thresholdOf({ direction = "at_most", threshold }: Figure): Threshold | null {
  return threshold === undefined ? null : { direction, value: threshold };
}

export function shareLeft(value: number, { direction, value: limit }: Threshold): number | null {
  if (limit === 0) return null;
  const left = (direction === "at_most" ? limit - value : value - limit) / Math.abs(limit);
  return Math.min(1, Math.max(0, left));
}

const place = /^(.+), (simulated|fault|control)$/;
const rounds = /^median of (\d+) rounds$/;
const counted = /^([\d,]+) (.+)$/;

/** Scenario and side, or the number of rounds, in both languages; another text is kept as it is. */
export function ofWords(of: string, compared: readonly Words[] = []): Words {
  const known = compared.find(({ en }) => en === of);
  if (known !== undefined) return known;
  const [, scenario = "", side] = place.exec(of) ?? [];
  if (side !== undefined) {
    const word = sideWords(side);
    return { en: `${scenario}, ${word.en}`, zh: `${scenario}，${word.zh}` };
  }
  const [, times] = rounds.exec(of) ?? [];
  if (times !== undefined) return texts.medianOfRounds(times);
  const [, count, what = ""] = counted.exec(of) ?? [];
  const words = what in texts.looked ? texts.looked[what as keyof typeof texts.looked] : undefined;
  if (count === undefined || words === undefined) return same(of);
  return { en: of, zh: `${count} ${words}` };
}

export function sideWords(side: string): Words {
  return side in texts.sides ? texts.sides[side as keyof typeof texts.sides] : same(side);
}

/** `redis-gone` and `fault` of `redis-gone, fault`. */
export function placeOf(of: string | undefined): { readonly scenario: string; readonly side: string } {
  const [, scenario, side] = place.exec(of ?? "") ?? [];
  return scenario === undefined || side === undefined ? { scenario: of ?? "", side: "" } : { scenario, side };
}
