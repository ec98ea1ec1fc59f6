/** The pictures of each scenario, the one with the least margin first. */
import type { FaultWindow, Series } from "../../evidence/evidence.ts";
import type { Composed } from "../document/compose.ts";
import { timeAxis } from "../pictures/axis.ts";
import { convergencePicture } from "../pictures/convergence.ts";
import { distributionPicture } from "../pictures/distribution.ts";
import { latencyPicture } from "../pictures/latency.ts";
import { marginPicture } from "../pictures/margin.ts";
import { isDegraded, modePicture } from "../pictures/mode.ts";
import { texts } from "../texts/dictionary.ts";
import type { Drawn } from "./figure-table.ts";
import { type Html, html, nothing } from "./html.ts";
import { addressOf, clipped, pictureAddress, text } from "./text.ts";
import { scenarioViewerLink, type Viewers } from "./viewer-link.ts";
import { figure } from "./whole-pictures.ts";

export interface DrawnScenarios {
  /** The margins of the scenario that has least of it, with its heading. */
  readonly first: Html;
  /** One for each scenario, without the first picture. */
  readonly blocks: readonly { readonly scenario: string; readonly block: Html }[];
  readonly addresses: Drawn;
}

/** In the order of the page; the name is the last part of its address. */
const kinds = [
  ["margin", "margin_ms", (own: readonly Series[]) => marginPicture(own)],
  ["distribution", "margin_ms", (own: readonly Series[]) => distributionPicture(own)],
  [
    "latency",
    "latency_ms",
    (own: readonly Series[], faults: readonly FaultWindow[]) => latencyPicture(own, faults, timeAxis(own, faults)),
  ],
  [
    "mode",
    "mode",
    (own: readonly Series[], faults: readonly FaultWindow[]) => modePicture(own, faults, timeAxis(own, faults)),
  ],
  [
    "convergence",
    "behind",
    (own: readonly Series[], faults: readonly FaultWindow[]) => convergencePicture(own, faults, timeAxis(own, faults)),
  ],
] as const;

/** @param viewers of scenarios in which an instance degraded */
export function drawScenarios({ layers }: Composed, viewers: Viewers["scenarios"]): DrawnScenarios {
  const series = layers.flatMap((layer) => layer.series);
  const faults = layers.flatMap((layer) => layer.faults);
  const byScenario = Map.groupBy(series, ({ scenario }) => scenario);
  const tightest = leastMargin(series);
  const addresses = new Map<string, readonly string[]>();
  const blocks = [...byScenario].flatMap(([scenario, own]) => {
    const windows = faults.filter((one) => one.scenario === scenario);
    const drawn = kinds.filter(([, kind]) => own.some((one) => one.kind === kind && one.points.length > 0));
    if (drawn.length === 0) return [];
    addresses.set(
      scenario,
      drawn.map(([name]) => name),
    );
    const figures = drawn
      .filter(([name]) => !(scenario === tightest && name === "margin"))
      .map(([name, , draw]) => figure(pictureAddress(scenario, name), draw(own, windows)));
    if (figures.length === 0) return [];
    const run = isDegraded(own) ? scenarioViewerLink(scenario, viewers.get(scenario)) : nothing;
    const block = html`<details id="${addressOf(scenario)}"><summary>${clipped(scenario, 80)}</summary><div>${run}${figures}</div></details>
`;
    return [{ scenario, block }];
  });
  return { first: firstPicture(tightest, byScenario, viewers), blocks, addresses };
}

/** The scenario whose reads came nearest their budget; undefined: no margins were measured. */
export function leastMargin(series: readonly Series[]): string | undefined {
  const measured = series.flatMap(({ kind, points, scenario, side }) =>
    kind === "margin_ms" && side === "fault" && points.length > 0
      ? [{ scenario, least: points.reduce((low, [margin]) => Math.min(low, margin), Number.POSITIVE_INFINITY) }]
      : [],
  );
  return measured.toSorted((one, other) => one.least - other.least)[0]?.scenario;
}

function firstPicture(
  scenario: string | undefined,
  byScenario: ReadonlyMap<string, readonly Series[]>,
  viewers: Viewers["scenarios"],
): Html {
  const own = scenario === undefined ? undefined : byScenario.get(scenario);
  if (scenario === undefined || own === undefined) return nothing;
  const viewer = viewers.get(scenario);
  const run = viewer === undefined || !isDegraded(own) ? nothing : scenarioViewerLink(scenario, viewer);
  return html`<h2 id="tightest">${text(texts.tightest)}: ${clipped(scenario, 80)}</h2>${run}${figure(pictureAddress(scenario, "margin"), marginPicture(own))}`;
}
