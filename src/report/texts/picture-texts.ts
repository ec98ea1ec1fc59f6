/** The texts of the pictures of a whole run, and of the machine's stalls. */
import type { Words } from "./words.ts";

const words = (en: string, zh: string): Words => ({ en, zh });

export const pictureTexts = {
  stalls: {
    label: words("machine", "机器"),
    see: (count: string, longest: string): Words =>
      words(
        `The band at the bottom has the machine's stalls, the longer the higher: ${count} of 1 ms or longer, the longest ${longest} ms.`,
        `底部色带为机器停顿（越高越长）：不短于 1 ms 的有 ${count} 次，最长 ${longest} ms。`,
      ),
    none: words("The machine did not stall for 1 ms or longer.", "机器没有不短于 1 ms 的停顿。"),
    unknown: words("This report has no record of stalls of the machine.", "本报告没有机器停顿的记录。"),
  },
  hover: words("Point at a picture for values: with faults / without.", "指向图可见数值：有故障 / 无故障。"),
  marks: words(
    "✓ held, ✗ violated, ? unknown; blank: not exercised there.",
    "✓ 成立，✗ 违反，? 未知；空白：该处未检验。",
  ),
  matrix: {
    title: words("Which step tested which property.", "各步骤检验了哪些性质。"),
    see: words(
      "A row without a mark is a property that nothing tested; each red cross needs an explanation above.",
      "没有标记的行为从未检验的性质；每个红叉须在上文有解释。",
    ),
    count: (properties: string, steps: string): Words =>
      words(`${properties} properties × ${steps} steps`, `${properties} 项性质 × ${steps} 个步骤`),
    none: words(
      "Not drawn: this report does not say which step judged which property.",
      "未绘制：本报告没有记录各步骤判定的性质。",
    ),
  },
  kills: {
    title: words("Which layer caught which mutant.", "哪一层发现了哪个变异体。"),
    see: words(
      "Every row needs a mark in one column at least: a mutant that no layer kills is a hole in the gate.",
      "每行至少须有一列标记：无层能杀死的变异体即为漏洞。",
    ),
    marks: words("✓ killed, ✗ survived, – void; blank: not run there.", "✓ 杀死，✗ 存活，– 无效；空白：未在该层运行。"),
    ofLayer: (layer: Words, killed: string, all: string): Words =>
      words(`${layer.en}: ${killed} of ${all} killed`, `${layer.zh}：杀死 ${killed}/${all}`),
  },
  exploration: {
    title: words("Exploration by depth: new states after so many steps.", "按深度的穷举：若干步后新出现的状态数。"),
    see: words(
      "A curve that comes back to 0 has seen every state; one that is cut off has not.",
      "回到 0 的曲线已见所有状态；被截断的则没有。",
    ),
    model: (name: string, states: string, depth: string): Words =>
      words(`${name}: ${states} states, ${depth} levels`, `${name}：${states} 个状态，${depth} 层`),
    complete: words("complete", "完整"),
    cut: words("cut off", "被截断"),
    none: words(
      "Exploration by depth is not drawn: this report has no count of states by depth.",
      "未绘制按深度的穷举：本报告没有逐层状态数。",
    ),
  },
  ran: {
    title: words("What ran when.", "何时运行了什么。"),
    see: words(
      "Steps follow each other; those that overlap a measurement could have disturbed it.",
      "各步骤依次进行；与测量重叠的步骤可能造成干扰。",
    ),
    later: words("Steps of later rounds are drawn only where they were not held.", "后续轮次的步骤仅在未成立时绘制。"),
    none: words(
      "What ran when is not drawn: this report does not say when its steps ran.",
      "未绘制运行时间：本报告没有记录各步骤的时间。",
    ),
    ofSeed: (seed: number) => words(`What ran when, of seed ${seed}.`, `种子 ${seed}：何时运行了什么。`),
    rest: (seeds: number) =>
      words(`The steps of ${seeds} further seeds are not drawn.`, `另有 ${seeds} 个种子的步骤未绘制。`),
  },
} as const;
