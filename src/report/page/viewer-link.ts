/** Links to the trace viewers beside the page, each with the command that makes it where the file is not there. */
import { fileAddress } from "../../evidence/escape.ts";
import { texts } from "../texts/dictionary.ts";
import type { Words } from "../texts/words.ts";
import { type Html, html } from "./html.ts";
import { clipped, text } from "./text.ts";

/** Trace viewers in the folder of the report. */
export interface Viewers {
  /** The names of their files, by the index of the violation among all of the report. */
  readonly violations: ReadonlyMap<number, string>;
  /** By the name of a scenario in which an instance degraded. */
  readonly scenarios: ReadonlyMap<string, ScenarioViewer>;
}

export interface ScenarioViewer {
  readonly file: string;
  /** The name of the history that it shows. */
  readonly history: string;
}

export const noViewers: Viewers = { violations: new Map(), scenarios: new Map() };

const longest = 2_000;

/** @param subject a token, or the file of a history @param file undefined: it was not written */
export function viewerLink(subject: string, file: string | undefined): Html {
  const { viewer } = texts;
  if (file === undefined) return commandLine(viewer.whole, subject);
  return html`<p>${text(viewer.whole)} <a href="${fileAddress(file)}">${file}</a></p>${commandLine(viewer.missing, subject, "soft")}`;
}

/** The run of a scenario in which an instance degraded. */
export function scenarioViewerLink(scenario: string, known: ScenarioViewer | undefined): Html {
  if (known !== undefined) return viewerLink(known.history, known.file);
  return commandLine(texts.viewer.elsewhere, historyName(scenario) ?? "inject-*-fault.jsonl.gz");
}

function commandLine(label: Words, subject: string, kind = ""): Html {
  const command = `lockproof explain ${clipped(subject, longest)} --html run.html`;
  return html`<p class="${kind}">${text(label)} <code>${command}</code> <button type="button" class="copy">${text(texts.copy)}</button></p>`;
}

const placed = /^(?<name>[a-z0-9-]+)(?: on (?<redis>[a-z]+))?(?:, seed (?<seed>\d+))?(?:, part-\d+)?$/u;

/** `inject-redis-gone-*-fault.jsonl.gz`; null: the name of the scenario is none of ours, and must not get into a command. */
export function historyName(scenario: string, seed = "*"): string | null {
  const { groups } = placed.exec(scenario) ?? {};
  if (groups === undefined) return null;
  const { name = "", redis, seed: own = seed } = groups;
  return `inject-${name}${redis === undefined ? "" : `-${redis}`}-${own}-fault.jsonl.gz`;
}
