/**
 * Writes trace viewers into the folder of a report and links them in its page: of violations, the first of each property before others, then of
 * scenarios in which an instance degraded. The report is complete without them, so they change no verdict and have bounds.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Violation } from "../../evidence/evidence.ts";
import { messageOf } from "../../evidence/failure.ts";
import { decodeToken } from "../../evidence/token.ts";
import type { Composed } from "../../report/document/compose.ts";
import { type Prepared, writeReportFile } from "../../report/files/write.ts";
import { leastMargin } from "../../report/page/picture-section.ts";
import { historyName, type ScenarioViewer, type Viewers } from "../../report/page/viewer-link.ts";
import { isDegraded } from "../../report/pictures/mode.ts";
import { drawViewer, isHistory, isViewed } from "../printing/viewer-file.ts";
import type { Context } from "../process/context.ts";

/** Files in all, files of scenarios without a violation, and the time after which no further one is begun, in ms. */
const most = { files: 10, degraded: 2, time: 30_000 } as const;

/** One file to write. */
interface Wanted {
  readonly name: string;
  /** A token, or histories of which the first that shows the violation is drawn. */
  readonly subjects: readonly [string, ...string[]];
  /** Absent: the run was not violated. */
  readonly property?: Violation["property"];
  /** The indices of the violations that it shows. */
  readonly violations: readonly number[];
  readonly scenario: string;
}

type WantedRun = Omit<Wanted, "name">;

export async function addViewers(prepared: Prepared, folder: string, context: Context): Promise<void> {
  try {
    const wanted = wantedViewers(prepared.composed, await readdir(folder));
    const viewers = await writeViewers(wanted, folder, context);
    if (viewers.violations.size + viewers.scenarios.size === 0) return;
    await writeReportFile(folder, "index.html", prepared.page(viewers));
  } catch (error) {
    context.output.note(`the page has no links to trace viewers: ${messageOf(error)}`);
  }
}

async function writeViewers(wanted: readonly Wanted[], folder: string, context: Context): Promise<Viewers> {
  const { interrupted, output } = context;
  const late = context.timeLimit(most.time);
  const violations = new Map<number, string>();
  const scenarios = new Map<string, ScenarioViewer>();
  for (const [index, one] of wanted.entries()) {
    if (interrupted.aborted || late.aborted) break;
    output.progress(`trace viewer ${index + 1} of ${wanted.length}: ${one.name}`);
    try {
      await writeReportFile(folder, one.name, await drawn(one, folder, context));
    } catch (error) {
      output.note(`the trace viewer ${one.name} was not written: ${messageOf(error)}`);
      continue;
    }
    for (const violation of one.violations) violations.set(violation, one.name);
    const [history] = one.subjects;
    if (isHistory(history) && !scenarios.has(one.scenario)) scenarios.set(one.scenario, { file: one.name, history });
  }
  return { violations, scenarios };
}

async function drawn({ property, subjects }: Wanted, folder: string, context: Context): Promise<string> {
  const properties = property === undefined ? [] : [property];
  const draw = (subject: string) =>
    drawViewer(isHistory(subject) ? join(folder, subject) : subject, { properties }, context);
  const [first, ...others] = subjects;
  const { page, run } = await draw(first);
  if (run.broken !== null || property === undefined) return page;
  for (const other of others) {
    const shown = await draw(other);
    if (shown.run.broken !== null) return shown.page;
  }
  return page;
}

/** @param files the names of the files in the folder of the report */
function wantedViewers(composed: Composed, files: readonly string[]): readonly Wanted[] {
  const violated = violatedRuns(composed, files);
  const runs = [...violated, ...degradedRuns(composed, files)].slice(0, most.files);
  return runs.map((run, index) => ({ ...run, name: `viewer-${index + 1}-${endOfName(run, composed)}.html` }));
}

function endOfName({ property, scenario, violations: [violation = 0] }: WantedRun, { layers }: Composed): string {
  const of = property === undefined ? undefined : layers.flatMap(({ violations }) => violations)[violation];
  return of === undefined ? `inject-${scenario.replaceAll(/[^a-z0-9]+/gu, "-")}` : `${of.layer}-${of.property}`;
}

/** One for each property of a run, the first of each property before the others. */
function violatedRuns({ layers }: Composed, files: readonly string[]): readonly WantedRun[] {
  const runs = layers
    .flatMap(({ violations }) => violations)
    .flatMap((violation, index) => {
      const [subject, ...others] = subjectsOf(violation, files);
      if (subject === undefined) return [];
      const { property, scenario } = violation;
      return [{ property, scenario, subjects: [subject, ...others] as const, violations: [index] }];
    });
  const groups = [...Map.groupBy(runs, ({ property, subjects: [subject] }) => `${property} ${subject}`).values()];
  const joined = groups.flatMap(([first, ...more]) =>
    first === undefined ? [] : [{ ...first, violations: [first, ...more].flatMap(({ violations }) => violations) }],
  );
  const firsts = new Set([...Map.groupBy(joined, ({ property }) => property).values()].map(([first]) => first));
  return joined.toSorted((one, other) => Number(firsts.has(other)) - Number(firsts.has(one)));
}

/** Empty where no trace viewer shows its run. */
function subjectsOf({ files: own, layer, token }: Violation, files: readonly string[]): readonly string[] {
  if (layer === "simulate") return isViewed(decodeToken(token)) ? [token] : [];
  return layer === "inject" ? own.filter((file) => isHistory(file) && files.includes(file)) : [];
}

/** The tightest scenario first. Histories that a violation names are shown for it. */
function degradedRuns({ layers, report }: Composed, files: readonly string[]): readonly WantedRun[] {
  const series = layers.flatMap((layer) => layer.series);
  const named = new Set(layers.flatMap(({ violations }) => violations.flatMap((violation) => violation.files)));
  const seed = String(report.seed + report.identity.shard.index - 1);
  const tightest = leastMargin(series);
  return [...Map.groupBy(series, ({ scenario }) => scenario)]
    .filter(([, own]) => isDegraded(own))
    .toSorted(([one], [other]) => Number(other === tightest) - Number(one === tightest))
    .flatMap(([scenario]) => {
      const history = lastRun(historyName(scenario, seed), files);
      if (history === undefined || named.has(history)) return [];
      return [{ subjects: [history] as const, violations: [], scenario }];
    })
    .slice(0, most.degraded);
}

/** The last of several runs on one seed, which the pictures show. */
function lastRun(first: string | null, files: readonly string[]): string | undefined {
  const [stem = "", ending = ""] = first?.split(/(?=\.jsonl)/u) ?? [];
  const numberOf = (file: string) =>
    file === first ? 1 : Number(/^-run-(\d+)$/u.exec(file.slice(stem.length, -ending.length))?.[1] ?? 0);
  const runs = files.filter((file) => stem !== "" && file.startsWith(stem) && numberOf(file) > 0);
  return runs.toSorted((one, other) => numberOf(one) - numberOf(other)).at(-1);
}
