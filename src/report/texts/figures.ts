/** The registry of figures: what each is called in both languages, its unit, the better direction, and what it means. */
import { claimedFigures, measuredFigures } from "./figure-table.ts";
import type { Words } from "./words.ts";

export const units = {
  ms: { en: "ms", zh: "ms" },
  us: { en: "µs", zh: "µs" },
  percent: { en: "%", zh: "%" },
  per_s: { en: "per second", zh: "次/秒" },
  ratio: { en: "times", zh: "倍" },
  mb: { en: "MB", zh: "MB" },
  count: { en: "", zh: "" },
} as const satisfies Record<string, Words>;

export const directions = ["lower", "higher", "none"] as const;
export const aggregations = ["count", "rate", "ratio", "share", "median", "P95", "P99", "worst"] as const;

export type FigureUnit = keyof typeof units;
type Aggregation = (typeof aggregations)[number];

export interface FigureText {
  readonly label: Words;
  readonly unit: FigureUnit;
  readonly direction: (typeof directions)[number];
  readonly aggregation: Aggregation;
  readonly meaning: Words;
}

export const figureTexts: ReadonlyMap<string, FigureText> = new Map(
  `${measuredFigures}${claimedFigures}`
    .split("\n")
    .filter((line) => line !== "")
    .map(readLine),
);

function readLine(line: string): readonly [id: string, text: FigureText] {
  const [id = "", unit = "", direction = "", aggregation = "", en = "", zh = "", meaning = "", meaningZh = ""] =
    line.split(" | ");
  return [
    id,
    {
      label: { en, zh },
      unit: unit as FigureUnit,
      direction: direction as FigureText["direction"],
      aggregation: aggregation as Aggregation,
      meaning: { en: meaning, zh: meaningZh },
    },
  ];
}

/** A figure of foreign evidence that the registry does not have is shown by its own words, without a unit. */
export function figureOf(id: string): FigureText {
  const words = id.replaceAll("_", " ");
  return (
    figureTexts.get(id) ?? {
      label: { en: words, zh: words },
      unit: "count",
      direction: "none",
      aggregation: "count",
      meaning: { en: words, zh: words },
    }
  );
}
