/** The trace viewer: one self-contained file, never larger than its cap. */
import { createHash } from "node:crypto";
import { visible } from "../evidence/escape.ts";
import { numberText } from "../evidence/words.ts";
import { type Html, html, nothing, trusted } from "../report/page/html.ts";
import { styleSheet } from "../report/page/style.ts";
import { clipped, text } from "../report/page/text.ts";
import { pack } from "./pack.ts";
import { runPicture } from "./run-picture.ts";
import { viewerScript } from "./script.ts";
import { viewerStyle } from "./style.ts";
import { viewerTexts as texts } from "./texts.ts";
import { firstDifference, type ViewedRun, withoutFirst } from "./viewed-run.ts";

/** 3 MB, in bytes of UTF-8. */
export const viewerCap = 3_000_000;
const longest = 2_000;

/**
 * @param beside another run to compare it with, step by step
 * @param cap bytes; steps that do not fit are left out from the front, and the page says so
 */
export function renderViewer(run: ViewedRun, beside: ViewedRun | null = null, cap: number = viewerCap): string {
  let runs = beside === null ? [run] : [run, beside];
  let page = render(runs);
  while (Buffer.byteLength(page) > cap && runs.some(({ steps }) => steps.length > 1)) {
    runs = runs.map((one) => withoutFirst(one, Math.floor(one.steps.length / 4) + 1));
    page = render(runs);
  }
  return page;
}

const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash("sha256").update(viewerScript).digest("base64")}'; base-uri 'none'; form-action 'none'`;

function render(runs: readonly ViewedRun[]): string {
  const [first, second] = runs;
  if (first === undefined) throw new TypeError("no run to show");
  const difference = second === undefined ? null : firstDifference(first, second);
  const title = clipped(visible(first.title), 200);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockproof: ${title}</title><style>${trusted(styleSheet + viewerStyle)}</style></head>
<body class="viewer"><header class="${first.broken === null ? "" : "violated"}">${languageSwitch}<p class="soft">Lockproof · ${text(texts.heading)}</p><h1>${title}</h1>${finding(first)}<p><code>${clipped(visible(first.again), longest)}</code> <button type="button" class="copy">${text(texts.copy)}</button></p></header>
<main><noscript><p class="note">${text(texts.needsScripts)}</p></noscript>${controls(first, difference)}
<div class="runs">${runs.map((run, index) => runSection(run, index))}</div></main>
<script type="application/json" id="labels">${trusted(JSON.stringify(texts.labels))}</script><script type="text/plain" id="data">${trusted(pack(runs, difference))}</script><script>${trusted(viewerScript)}</script></body></html>
`.text;
}

const languageSwitch = html`<fieldset class="languages"><legend class="hidden">${text(texts.language)}</legend><label><input type="radio" name="language" id="en" checked> ${text(texts.english)}</label><label><input type="radio" name="language" id="zh"> ${text(texts.chinese)}</label></fieldset>`;

function finding({ broken }: ViewedRun): Html {
  if (broken === null) return html`<p class="soft">${text(texts.noViolation)}</p>`;
  return html`<p><b>${broken.property}</b> <samp>${clipped(visible(broken.found), longest)}</samp></p>`;
}

function controls({ broken, steps }: ViewedRun, difference: number | null): Html {
  const button = (to: string, label: Html) => html`<button type="button" data-to="${to}">${label}</button>`;
  return html`<div class="panel"><div class="controls" role="group" aria-labelledby="slider-name"><span class="hidden" id="slider-name">${text(texts.slider)}</span>${button("first", text(texts.first))}${button("back", text(texts.back))}${button("next", text(texts.next))}${button("last", text(texts.last))}${button("fault", text(texts.fault))}${button("mode", text(texts.mode))}${broken === null ? nothing : button("broken", text(texts.broken))}${difference === null ? nothing : button("difference", text(texts.difference))}
<input type="range" id="slider" min="0" max="${Math.max(0, steps.length - 1)}" value="0" aria-labelledby="slider-name"><output id="where"></output></div><p class="soft keys">${text(texts.keys)}</p></div>`;
}

function runSection(run: ViewedRun, index: number): Html {
  const { omitted, title } = run;
  const id = `run-${index + 1}`;
  return html`<section class="run" id="${id}"><h2>${index === 0 ? text(texts.overview) : html`${text(texts.beside)}: ${clipped(visible(title), 200)}`}</h2>${omitted === 0 ? nothing : html`<p class="note">${text(texts.cut(numberText(omitted)))}</p>`}
<figure><div id="${id}-overview">${runPicture(run, `${id}-see`)}</div><figcaption id="${id}-see">${text(texts.see)}</figcaption></figure>
${run.isObserved ? html`<p class="soft">${text(texts.observed)}</p>` : nothing}<p class="now" aria-live="polite"></p><ul class="changed"></ul><h3>${text(texts.states)}</h3><div class="lanes"></div><h3>${text(texts.around)}</h3><ol class="near"></ol></section>`;
}
