/** `checklist.md`: the plan's lines in English and Chinese side by side. */
import type { Composed } from "./compose.ts";
import type { PropertyEvidence } from "./evidence.ts";
import type { ChecklistLine } from "./schema.ts";
import { durationText, figureText, thresholdText, verdictWords } from "./words.ts";

/** More tokens than this a line would make the table unreadable; the rest are in report.json. */
const tokensShown = 2;

export function checklistMarkdown({ report, properties }: Composed): string {
  const words = verdictWords[report.verdict];
  return [
    "# Acceptance checklist / 验收清单",
    "",
    `**${words.en} / ${words.zh}** · profile ${report.profile} · seed ${report.seed} · ${report.started_at} · ${durationText(report.duration_ms)} · exit ${report.exit_code}`,
    "",
    "| # | item | 项目 | verdict / 结论 | figure / 实测 | threshold / 阈值 | properties / 性质 | evidence / 证据 |",
    "| --: | --- | --- | --- | --- | --- | --- | --- |",
    ...report.checklist.map((line, index) => row(line, index + 1, properties)),
    "",
    "A property is `not exercised` when no run met its premise: it was neither shown nor refuted. Replay a token with `lockproof replay TOKEN`.",
    "",
    "“未检验”表示没有任何一次运行满足该性质的前提：既未证明，也未否定。用 `lockproof replay TOKEN` 重放证据。",
    "",
  ].join("\n");
}

function row(line: ChecklistLine, number: number, properties: readonly PropertyEvidence[]): string {
  const words = verdictWords[line.verdict];
  const parts = properties.filter((property) => line.properties.includes(property.id));
  const cells = [
    String(number),
    line.title.en,
    line.title.zh,
    `${words.en} / ${words.zh}`,
    figureText(line.figure),
    thresholdText(line.threshold),
    parts.map(propertyWord).join(", ") || "—",
    tokensOf(parts),
  ];
  return `| ${cells.map(cell).join(" | ")} |`;
}

function propertyWord({ id, verdict }: PropertyEvidence): string {
  return verdict === "held" ? id : `${id} (${verdictWords[verdict].en})`;
}

function tokensOf(parts: readonly PropertyEvidence[]): string {
  const tokens = [...new Set(parts.flatMap((part) => part.tokens))];
  if (tokens.length === 0) return "—";
  const shown = tokens.slice(0, tokensShown).map((token) => `\`${token}\``);
  return [...shown, ...(tokens.length > tokensShown ? [`and ${tokens.length - tokensShown} more`] : [])].join("<br>");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
