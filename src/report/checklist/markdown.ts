/** `checklist.md`: the lines of the acceptance checklist in English and Chinese. */

import { markdownCode, markdownText } from "../../evidence/escape.ts";
import type { LayerEvidence, PropertyEvidence } from "../../evidence/evidence.ts";
import { attemptLines, durationText, repeatText, verdictWords } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import { codeText, shardText } from "../document/identity.ts";
import type { ChecklistLine, OpenItem } from "../schema.ts";
import { figuresText, thresholdText } from "./figures.ts";

/** Most tokens of a line; report.json has the others. */
const tokensShown = 2;

export function checklistMarkdown({ layers, report, properties }: Composed): string {
  const words = verdictWords[report.verdict];
  return [
    "# Acceptance checklist / 验收清单",
    "",
    `**${words.en} / ${words.zh}** · profile ${markdownText(report.profile)} · seed ${report.seed} · ${markdownText(report.started_at)} · ${durationText(report.duration_ms)} · exit ${report.exit_code}`,
    "",
    `shard ${shardText(report.identity.shard)} · ${markdownText(codeText(report.identity))} · checksum ${report.checksum}`,
    "",
    "| # | item | 项目 | verdict / 结论 | figure / 实测 | threshold / 阈值 | properties / 性质 | evidence / 证据 |",
    "| --: | --- | --- | --- | --- | --- | --- | --- |",
    ...report.checklist.map((line, index) => row(line, index + 1, properties)),
    ...wholeLines(report.open),
    ...repeatLines(layers),
    "",
    "A property is `not exercised` when no run met its premise: it was neither shown nor refuted. Replay a token with `lockproof replay TOKEN`.",
    "",
    "“未检验”表示没有任何一次运行满足该性质的前提：既未证明，也未否定。用 `lockproof replay TOKEN` 重放证据。",
    "",
  ].join("\n");
}

/** Why the report is incomplete. */
function wholeLines(open: readonly OpenItem[]): readonly string[] {
  const items = open.filter(({ kind }) => kind === "run" || kind === "shard");
  if (items.length === 0) return [];
  return ["", "## Not whole / 不完整", "", ...items.map(({ reason }) => `- ${markdownText(reason)}`)];
}

function repeatLines(layers: readonly LayerEvidence[]): readonly string[] {
  const repeats = layers.flatMap((layer) => layer.repeats ?? []);
  if (repeats.length === 0) return [];
  return [
    "",
    "## Run again on the same seed / 同一种子重复运行",
    "",
    ...repeats.flatMap((repeat) => [
      `- ${markdownText(repeatText(repeat))}, ${markdownCode(repeat.token)}`,
      ...attemptLines(repeat).map((line) => `  - ${markdownText(line)}`),
    ]),
  ];
}

function row(line: ChecklistLine, number: number, properties: readonly PropertyEvidence[]): string {
  const words = verdictWords[line.verdict];
  const parts = properties.filter((property) => line.properties.includes(property.id));
  const cells = [
    String(number),
    markdownText(line.title.en),
    markdownText(line.title.zh),
    line.not_asked === null ? `${words.en} / ${words.zh}` : "not asked for / 未要求",
    markdownText(figuresText(line)),
    markdownText(thresholdText(line.threshold)),
    parts.map(propertyWord).join(", ") || "—",
    tokensOf(parts),
  ];
  return `| ${cells.join(" | ")} |`;
}

function propertyWord({ id, verdict }: PropertyEvidence): string {
  return verdict === "held" ? id : `${id} (${verdictWords[verdict].en})`;
}

function tokensOf(parts: readonly PropertyEvidence[]): string {
  const tokens = [...new Set(parts.flatMap((part) => part.tokens))];
  if (tokens.length === 0) return "—";
  const shown = tokens.slice(0, tokensShown).map(markdownCode);
  return [...shown, ...(tokens.length > tokensShown ? [`and ${tokens.length - tokensShown} more`] : [])].join("<br>");
}
