/** The changes between two runs in English and Chinese. */
import { numberText, verdictWords } from "../../evidence/words.ts";
import { figureOf } from "../texts/figures.ts";
import type { Words } from "../texts/words.ts";
import type { Comparison, FigureChange, VerdictChange } from "./comparison.ts";

const changeWords = {
  worse: { en: "worse", zh: "变差" },
  better: { en: "better", zh: "变好" },
} as const satisfies Record<FigureChange["change"], Words>;

export function changeText(change: FigureChange | VerdictChange): Words {
  const side = changeWords[change.change];
  if (change.kind === "verdict") {
    const [from, to] = [verdictWords[change.from], verdictWords[change.to]];
    return {
      en: `${side.en}  ${change.id}: ${from.en} -> ${to.en}`,
      zh: `${side.zh}  ${change.id}：${from.zh} -> ${to.zh}`,
    };
  }
  const { direction, figure, from, margin, of, property, to } = change;
  const { label } = figureOf(figure);
  const what = (text: string) => `${property} ${text}${of === null ? "" : ` (${of})`}`;
  const values = `${numberText(from)} -> ${numberText(to)}`;
  const lower = direction === "at_most";
  return {
    en: `${side.en}  ${what(label.en)}: ${values}, ${lower ? "lower" : "higher"} is better${margin === null ? "" : `; margin ${marginText(margin)}`}`,
    zh: `${side.zh}  ${what(label.zh)}：${values}，${lower ? "越低" : "越高"}越好${margin === null ? "" : `；余量 ${marginText(margin)}`}`,
  };
}

function marginText({ from, to }: NonNullable<FigureChange["margin"]>): string {
  return `${numberText(from)} -> ${numberText(to)}`;
}

export function comparisonText({ changes, compared, missing }: Comparison): Words {
  const count = (side: FigureChange["change"]) => changes.filter(({ change }) => change === side).length;
  const [worse, better] = [count("worse"), count("better")];
  return {
    en: `${worse} worse · ${better} better · ${numberText(compared)} figures compared${missing === 0 ? "" : ` · ${numberText(missing)} only in the first`}`,
    zh: `${worse} 项变差 · ${better} 项变好 · 比较了 ${numberText(compared)} 个数值${missing === 0 ? "" : ` · ${numberText(missing)} 个仅见于前者`}`,
  };
}
