/** The texts of figures and thresholds. */
import { numberText } from "../../evidence/words.ts";
import type { ChecklistLine } from "../schema.ts";

export function figureText(figure: ChecklistLine["figure"]): string {
  if (figure === null) return "—";
  return `${figure.name} ${numberText(figure.value)}${figure.of === null ? "" : ` (${figure.of})`}`;
}

/** The figure of a line, then those of its other properties. */
export function figuresText({ figure, figures }: Pick<ChecklistLine, "figure" | "figures">): string {
  if (figure === null) return "—";
  const others = figures.filter(
    ({ name, of, value }) => !(name === figure.name && of === figure.of && value === figure.value),
  );
  return [figureText(figure), ...others.map((other) => `${other.property} ${figureText(other)}`)].join("; ");
}

export function thresholdText(threshold: ChecklistLine["threshold"]): string {
  if (threshold === null) return "—";
  const { direction, strict = false, value } = threshold;
  const sign = direction === "at_most" ? (strict ? "<" : "≤") : strict ? ">" : "≥";
  return `${sign} ${numberText(value)}`;
}
