/** `index.html`: one self-contained file, never larger than its cap. */

import { visible } from "../../evidence/escape.ts";
import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import type { Composed } from "../document/compose.ts";
import { timeAxis } from "../pictures/axis.ts";
import { convergencePicture } from "../pictures/convergence.ts";
import { latencyPicture } from "../pictures/latency.ts";
import { marginPicture } from "../pictures/margin.ts";
import { modePicture } from "../pictures/mode.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import {
  checklistSection,
  environmentSection,
  headerSection,
  layersSection,
  propertiesSection,
  violationSection,
} from "./sections.ts";
import { styleSheet } from "./style.ts";

/** 2 MB, in bytes of UTF-8. */
export const pageCap = 2_000_000;
/** Reserved for the note about omitted parts. */
const noteRoom = 1_000;

/** @param cap bytes; violations come first, then pictures, and the page says how many do not fit */
export function renderPage(composed: Composed, cap: number = pageCap): string {
  const { report, layers, properties } = composed;
  const frame = (body: Html) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockproof: ${report.verdict}, seed ${String(report.seed)}</title><style>${trusted(styleSheet)}</style></head>
<body>${body}</body></html>
`;
  const tables = html`${checklistSection(report)}${propertiesSection(properties)}${layersSection(layers)}`;
  const fixed = [headerSection(composed), tables, environmentSection(report)];
  const room = cap - noteRoom - bytes(frame(html`${fixed}`));
  const violations = takeFitting(layers.flatMap((layer) => layer.violations).map(violationSection), room);
  const pictures = takeFitting(
    picturesOf(
      layers.flatMap((layer) => layer.series),
      layers.flatMap((layer) => layer.faults),
    ),
    room - violations.bytes,
  );
  const body = html`${headerSection(composed)}${leftOut(violations.omitted, pictures.omitted)}
${violations.kept.length === 0 ? nothing : html`<h2>Violations</h2>`}${violations.kept}${tables}
${pictures.kept.length === 0 ? nothing : html`<h2>Pictures</h2>`}${pictures.kept}${environmentSection(report)}`;
  return frame(body).text;
}

function picturesOf(series: readonly Series[], faults: readonly FaultWindow[]): readonly Html[] {
  const scenarios = [...new Set(series.map((one) => one.scenario))];
  return scenarios.map((scenario) => {
    const own = series.filter((one) => one.scenario === scenario);
    const windows = faults.filter((one) => one.scenario === scenario);
    const axis = timeAxis(own, windows);
    const has = (kind: Series["kind"]) => own.some((one) => one.kind === kind && one.points.length > 0);
    return html`<h3>${visible(scenario)}</h3>${has("latency_ms") ? latencyPicture(own, windows, axis) : nothing}${has("margin_ms") ? marginPicture(own) : nothing}${has("mode") ? modePicture(own, windows, axis) : nothing}${has("behind") ? convergencePicture(own, windows, axis) : nothing}`;
  });
}

interface Fitted {
  readonly kept: readonly Html[];
  readonly omitted: number;
  readonly bytes: number;
}

/** As many blocks from the front as fit into `room` bytes. */
function takeFitting(blocks: readonly Html[], room: number): Fitted {
  let used = 0;
  const kept: Html[] = [];
  for (const block of blocks) {
    if (used + bytes(block) > room) break;
    used += bytes(block);
    kept.push(block);
  }
  return { kept, omitted: blocks.length - kept.length, bytes: used };
}

function leftOut(violations: number, pictures: number): Html {
  if (violations === 0 && pictures === 0) return nothing;
  return html`<p class="note">This page is capped: ${violations} violations and ${pictures} scenarios' pictures were left out. report.json and evidence.json beside it have everything.</p>`;
}

function bytes(block: Html): number {
  return Buffer.byteLength(block.text, "utf8");
}
