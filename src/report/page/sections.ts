/** The sections of the page. */
import { properties } from "../../check/properties.ts";
import { type Verdict, verdicts } from "../../check/verdict.ts";
import { fileAddress, visible } from "../../evidence/escape.ts";
import type { LayerEvidence, PropertyEvidence, Violation } from "../../evidence/evidence.ts";
import {
  attemptLines,
  countText,
  durationText,
  numberText,
  reasonOf,
  repeatText,
  replayCommand,
  verdictWords,
} from "../../evidence/words.ts";
import { figuresText, figureText, thresholdText } from "../checklist/figures.ts";
import type { Composed } from "../document/compose.ts";
import { codeText, shardText } from "../document/identity.ts";
import type { ChecklistLine, Report } from "../schema.ts";
import { type Html, html, nothing } from "./html.ts";

/** The most lines of a violation on the page; evidence.json has all. */
const mostLines = 200;

function verdictMark(verdict: Verdict): Html {
  return html`<span class="verdict ${verdict}">${verdictWords[verdict].en}</span>`;
}

export function headerSection({ report, properties: parts }: Composed): Html {
  const counts = verdicts
    .map((verdict) => ({ verdict, count: parts.filter((part) => part.verdict === verdict).length }))
    .filter(({ count }) => count > 0);
  return html`<header class="${report.verdict}"><h1>Lockproof: ${verdictMark(report.verdict)}</h1>
<p class="soft">profile ${report.profile} · seed ${String(report.seed)} · started ${report.started_at} · ${durationText(report.duration_ms)} · exit code ${report.exit_code}</p>
<p class="soft">shard ${shardText(report.identity.shard)} · ${codeText(report.identity)} · checksum ${report.checksum}</p>${wholeNotes(report)}
<div class="counts">${counts.map(({ verdict, count }) => html`<span class="verdict ${verdict}">${count} ${verdictWords[verdict].en}</span>`)}</div></header>`;
}

/** Why the report is incomplete. */
function wholeNotes({ open }: Report): readonly Html[] {
  return open
    .filter(({ kind }) => kind === "run" || kind === "shard")
    .map(({ id, kind, reason }) => html`<p class="note">${kind} ${id}: ${reason}</p>`);
}

export function violationSection({ property, scenario, layer, token, story, files }: Violation): Html {
  const shown = story.slice(0, mostLines).map(visible);
  if (story.length > shown.length) shown.push(`… ${story.length - shown.length} lines more in evidence.json`);
  const links = files.map((file) => html` <a href="${fileAddress(file)}">${visible(file)}</a>`);
  return html`<section class="violation"><h3>${property} ${properties[property].claim}</h3>
<p class="soft">scenario ${visible(scenario)} · layer ${layer}${files.length === 0 ? nothing : html` · files${links}`}</p>
<pre>${shown.join("\n")}</pre><pre>${replayCommand(token)}</pre></section>`;
}

export function checklistSection(report: Report): Html {
  return html`<h2>Acceptance checklist · 验收清单</h2><div class="scroll"><table>
<tr><th class="number">#</th><th>item</th><th>项目</th><th>verdict</th><th>figure</th><th>threshold</th><th>properties</th></tr>
${report.checklist.map((line, index) => checklistRow(line, index + 1))}</table></div>`;
}

function lineMark({ not_asked, verdict }: ChecklistLine): Html {
  return not_asked === null ? verdictMark(verdict) : html`<span class="soft" title="${not_asked}">not asked for</span>`;
}

function checklistRow(line: ChecklistLine, number: number): Html {
  return html`<tr><td class="number">${number}</td><td>${line.title.en}</td><td lang="zh-CN">${line.title.zh}</td><td>${lineMark(line)}</td><td>${figuresText(line)}</td><td>${thresholdText(line.threshold)}</td><td>${line.properties.join(" ") || "—"}</td></tr>
`;
}

export function propertiesSection(parts: readonly PropertyEvidence[]): Html {
  return html`<h2>Properties</h2><div class="scroll"><table>
<tr><th>id</th><th>verdict</th><th class="number">exercised</th><th>claim</th></tr>
${parts.map(propertyRow)}</table></div>`;
}

function propertyRow(part: PropertyEvidence): Html {
  const figures = part.figures.map((figure) => figureWithThreshold(figure)).join(" · ");
  const why = part.verdict === "held" ? figures : [reasonOf(part), figures].filter(Boolean).join(" · ");
  return html`<tr><td><b>${part.id}</b></td><td>${verdictMark(part.verdict)}</td><td class="number">${numberText(part.exercised)}</td><td>${properties[part.id].claim}${why === "" ? nothing : html`<br><span class="soft">${visible(why)}</span>`}${tokenList(part.tokens)}</td></tr>
`;
}

function tokenList(tokens: readonly string[]): Html {
  if (tokens.length === 0) return nothing;
  return html`<details><summary>${countText(tokens.length, "token")}</summary>${tokens.map((token) => html`<code>${replayCommand(token)}</code><br>`)}</details>`;
}

function figureWithThreshold(figure: PropertyEvidence["figures"][number]): string {
  const value = figureText({ name: figure.name, value: figure.value, of: figure.of ?? null });
  if (figure.threshold === undefined) return value;
  return `${value}, ${thresholdText({ direction: figure.direction ?? "at_most", value: figure.threshold })}`;
}

export function layersSection(layers: readonly LayerEvidence[]): Html {
  return html`<h2>Layers</h2><div class="scroll"><table><tr><th>layer</th><th>verdict</th><th class="number">runs</th><th class="number">took</th><th>why</th></tr>
${layers.map(
  (layer) =>
    html`<tr><td>${layer.name}</td><td>${verdictMark(layer.verdict)}</td><td class="number">${numberText(layer.runs)}</td><td class="number">${durationText(layer.duration_ms)}</td><td>${visible(layer.reason ?? "")}</td></tr>
`,
)}</table></div>${repeatsList(layers)}${mutantsTable(layers)}`;
}

/** Scenarios that were run again on their seed, with the result of each run. */
function repeatsList(layers: readonly LayerEvidence[]): Html {
  const repeats = layers.flatMap((layer) => layer.repeats ?? []);
  if (repeats.length === 0) return nothing;
  return html`<h2>Run again on the same seed</h2>${repeats.map(
    (repeat) =>
      html`<details><summary>${repeatText(repeat)}</summary>${attemptLines(repeat).map((line) => html`<p class="soft">${line}</p>`)}<code>${replayCommand(repeat.token)}</code></details>
`,
  )}`;
}

function mutantsTable(layers: readonly LayerEvidence[]): Html {
  const mutants = layers.flatMap((layer) => layer.mutants);
  if (mutants.length === 0) return nothing;
  return html`<h2>Mutants</h2><div class="scroll"><table><tr><th>mutant</th><th>layer</th><th>verdict</th><th>property</th><th class="number">runs to kill</th></tr>
${mutants.map(
  (one) =>
    html`<tr><td>${one.id}<br><span class="soft">${one.origin}</span></td><td>${one.layer}</td><td><span class="verdict ${one.verdict}">${one.verdict}</span></td><td>${one.property}</td><td class="number">${one.runs_to_kill ?? "—"}</td></tr>
`,
)}</table></div>`;
}

function sourceText({ identity, profile, run, seed }: MergedFrom): string {
  const share = identity === undefined ? "shard unknown" : `shard ${shardText(identity.shard)}, ${codeText(identity)}`;
  return `${run} (${profile}, seed ${seed}, ${share})`;
}

type MergedFrom = NonNullable<Report["environment"]["merged_from"]>[number];

export function environmentSection({ environment }: Report): Html {
  const tools = environment.tools.map(
    ({ name, version, how }) => `${name} ${version ?? "of unknown version"} (${how})`,
  );
  const merged = environment.merged_from?.map(sourceText);
  return html`<h2>Environment</h2><p>Node ${environment.node} · ${environment.platform} ${environment.arch} · ${environment.cores} cores</p>
<p>${tools.join(" · ") || "no servers were looked for"}</p>${merged === undefined ? nothing : html`<p>merged from ${merged.join(", ")}</p>`}`;
}
