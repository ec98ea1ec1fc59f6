/** The first screen: the verdict in a sentence, the checklist with open lines first, and the signature. */
import type { PropertyId } from "../../check/properties.ts";
import type { Verdict } from "../../check/verdict.ts";
import { numberText, verdictWords } from "../../evidence/words.ts";
import type { Composed } from "../document/compose.ts";
import type { RunIdentity } from "../document/identity.ts";
import { isCounted } from "../document/open-items.ts";
import type { ChecklistLine } from "../schema.ts";
import { adviceOn, checklistSentence, comparisonsOf, verdictSentence } from "../texts/advice.ts";
import { texts } from "../texts/dictionary.ts";
import { lineMeasured, type Measured, shareLeft } from "../texts/measured.ts";
import { spaced } from "../texts/spaced.ts";
import type { Words } from "../texts/words.ts";
import { type Html, html, nothing } from "./html.ts";
import { addressOf, clipped, text } from "./text.ts";

export function verdictMark(verdict: Verdict): Html {
  return html`<span class="verdict ${verdict}">${text(verdictWords[verdict])}</span>`;
}

function languageSwitch(): Html {
  return html`<fieldset class="languages"><legend class="hidden">${text(texts.language)}</legend><label><input type="radio" name="language" id="en" checked> ${text(texts.english)}</label><label><input type="radio" name="language" id="zh"> ${text(texts.chinese)}</label></fieldset>`;
}

export function headerSection(composed: Composed): Html {
  const { report } = composed;
  const { identity } = report;
  const facts = [
    html`${text(texts.version)} ${clipped(identity.version, 60)}`,
    html`${text(texts.commit)} ${commitText(identity)}`,
    html`${text(texts.profile)} ${clipped(report.profile, 60)}`,
    html`${text(texts.seed)} ${String(report.seed)}`,
    html`${report.started_at.slice(0, 16).replace("T", " ")} UTC`,
  ];
  return html`<header class="${report.verdict}">${languageSwitch()}<p class="soft">Lockproof · ${verdictMark(report.verdict)} · ${text(checklistSentence(composed))}${leastMargin(composed)}</p>
<h1>${text(verdictSentence(composed))}</h1>
<p class="soft">${facts.map((fact, index) => html`${index === 0 ? nothing : " · "}${fact}`)} · <a href="#identity">${text(texts.identity)}</a></p></header>`;
}

function commitText({ commit, dirty }: RunIdentity): Html {
  if (commit === null) return text(texts.noCommit);
  return html`${commit.slice(0, 12)}${dirty === true ? html` (${text(texts.dirty)})` : nothing}`;
}

/** The line of the checklist with the smallest share of its threshold left. */
function leastMargin({ report }: Composed): Html {
  const left = report.checklist.flatMap((line) => {
    const share = line.figure === null || line.threshold === null ? null : shareLeft(line.figure.value, line.threshold);
    return share === null ? [] : [{ line, share }];
  });
  const [least] = left.toSorted((one, other) => one.share - other.share);
  if (least === undefined) return nothing;
  return html` · ${text(texts.least)}: <a href="#${addressOf(least.line.id)}">${numberText(least.share * 100)} %</a>`;
}

/** Why the report is incomplete. */
export function missingPartsNote({ report: { open } }: Composed): Html {
  const items = open.filter(({ kind }) => kind === "run" || kind === "shard").slice(0, 20);
  if (items.length === 0) return nothing;
  return html`<div class="note"><b>${text(texts.incomplete)}</b>${items.map(({ cause, reason }) => html`<p><samp>${clipped(reason, 500)}</samp> ${text(texts.actions[cause])}</p>`)}</div>`;
}

/** The properties that are violated or open and stand on no line of the checklist, with what to do. */
function besideLinesNote({ layers, properties, report: { checklist, open } }: Composed): Html {
  const onLines = new Set<string>(checklist.filter(isCounted).flatMap((line) => line.properties));
  const others = properties.filter((part) => isCounted(part) && !onLines.has(part.id));
  const violated = others.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
  const first = layers.flatMap(({ violations }) => violations).findIndex(({ property }) => violated.includes(property));
  const link = first < 0 ? nothing : html` <a href="#violation-${first + 1}">${text(texts.violations)}</a>`;
  const causes = Map.groupBy(
    open.filter(({ id, kind }) => kind === "property" && !onLines.has(id)),
    ({ cause }) => cause,
  );
  const items = [
    ...(violated.length === 0 ? [] : [html`${adviceText(texts.violatedBy(listed(violated)), texts.refuse)}${link}`]),
    ...[...causes].map(
      ([cause, own]) =>
        html`${adviceText(texts.openBy(listed(own.map(({ id }) => id))), texts.actions[cause])}<br><samp>${clipped(own.map(({ id, reason }) => `${id}: ${reason}`).join("; "), 400)}</samp>`,
    ),
  ];
  if (items.length === 0) return nothing;
  return html`<div class="note"><b>${text(texts.besideLines)}</b>${items.map((item) => html`<p>${item}</p>`)}</div>`;
}

const listed = (ids: readonly string[]): string => ids.join(", ");

function adviceText(why: Words, action: Words): Html {
  return html`${text(why)} <b>${text(texts.todoFirst)}</b> ${text(action)}`;
}

const order: readonly Verdict[] = ["violated", "broken", "stale", "unknown", "not_exercised", "held"];

/** Violated lines first, then open ones; those that were not asked for and those that held come last, in their own order. */
function openFirst(lines: readonly ChecklistLine[]): readonly ChecklistLine[] {
  const rank = (line: ChecklistLine) => (isCounted(line) ? order.indexOf(line.verdict) : order.length);
  const held = order.indexOf("held");
  const place = (line: ChecklistLine) => Math.min(held, rank(line));
  return lines.toSorted((one, other) => place(one) - place(other));
}

export function checklistSection(composed: Composed): Html {
  const { report } = composed;
  const number = new Map(report.checklist.map(({ id }, index) => [id, index + 1]));
  const note = besideLinesNote(composed);
  const lines = html`<h2 id="checklist">${text(texts.checklist)}</h2><ol class="checklist">
${openFirst(report.checklist).map((line) => checklistRow(line, number.get(line.id) ?? 0, composed))}</ol>`;
  // Below the lines where these say already why the build may not be accepted.
  const isSaid = report.checklist.some((line) => isCounted(line) && line.verdict === report.verdict);
  return isSaid && report.verdict !== "held" ? html`${lines}${note}` : html`${note}${lines}`;
}

function checklistRow(line: ChecklistLine, number: number, composed: Composed): Html {
  const exercised = (id: PropertyId) => comparisonsOf(composed, id);
  const [measured] = lineMeasured(line, exercised);
  const title = { en: spaced(line.title.en), zh: spaced(line.title.zh) };
  const links = line.properties.map((id, index) => html`${index === 0 ? nothing : " "}<a href="#${id}">${id}</a>`);
  return html`<li class="${isCounted(line) ? line.verdict : ""}" id="${addressOf(line.id)}"><span class="number">${number}</span><span>${text(title)} <span class="soft">${links}</span></span>${measuredCell(measured)}${lineMark(line)}${todo(line, composed)}</li>
`;
}

function lineMark(line: ChecklistLine): Html {
  if (!isCounted(line)) return html`<span class="verdict">${text(texts.notAsked)}</span>`;
  return verdictMark(line.verdict);
}

function measuredCell(measured: Measured | undefined): Html {
  if (measured === undefined)
    return html`<span class="measured soft">${text(texts.nothingMeasured)}</span><span></span>`;
  const { label, left, of, value } = measured;
  const details = [label, of]
    .filter((each) => each !== null)
    .map(({ en, zh }) => text({ en: clipped(en, 120), zh: clipped(zh, 120) }));
  const soft = details.map((each, index) => html`${index === 0 ? nothing : " · "}${each}`);
  return html`<span class="measured">${text(value)} <span class="soft">${soft}</span></span>${left === null ? html`<span></span>` : marginBar(left)}`;
}

function marginBar(left: number): Html {
  return html`<span class="margin soft">${text(texts.leftOf(numberText(left * 100)))}<svg class="bar" viewBox="0 0 100 7" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="7"/><rect class="left" width="${String(Math.round(left * 100))}" height="7"/></svg></span>`;
}

function todo(line: ChecklistLine, composed: Composed): Html {
  const advice = adviceOn(line, composed);
  if (advice === null) return nothing;
  const { action, names, reason, why, violation } = advice;
  const link =
    violation === null ? nothing : html` <a href="#violation-${violation + 1}">${text(texts.violations)}</a>`;
  return html`<div class="todo">${adviceText(why, action)}${link}${names.map((each) => html` ${text(each)}`)}${reason === null ? nothing : html`<br><samp>${clipped(reason, 400)}</samp>`}</div>`;
}

export function signatureSection(): Html {
  const field = (id: string, label: Html) => html`<label>${label}<input id="sign-${id}" autocomplete="off"></label>`;
  const choice = (label: Html) => html`<label><input type="radio" name="decision"> ${label}</label>`;
  return html`<h2 id="signature">${text(texts.signature)}</h2><div class="signature">${field("name", text(texts.name))}${field("role", text(texts.role))}${field("date", text(texts.date))}<fieldset><legend>${text(texts.decision)}</legend>${choice(text(texts.accepted))}${choice(text(texts.conditional))}${choice(text(texts.rejected))}</fieldset></div>`;
}
