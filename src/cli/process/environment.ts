/** The environment in a report: enough to compare runs, without paths of the machine. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { basename } from "node:path";
import type { Environment } from "../../report/schema.ts";
import type { Finding } from "../../verify/layers.ts";

const tools: readonly string[] = ["redis-server", "toxiproxy-server"];

/** @param load of the machine during the run; null: the run has only begun */
export function describeEnvironment(findings: readonly Finding[], load: Load | null): Environment {
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() || "unknown",
    ...(load !== null && { load }),
    tools: findings
      .filter((finding) => tools.includes(finding.name) && finding.status === "found")
      .map(({ name, version, how, where }) => ({
        name,
        version,
        how: how ?? "unknown",
        file: where === null ? null : basename(where),
      })),
  };
}

export type Load = NonNullable<Environment["load"]>;

/** The state of the machine's counters at one instant. */
export interface LoadSample {
  /** Over a minute; null: this system has none. */
  readonly average: number | null;
  /** In ticks since the machine started, over all processors; null: this system does not report them. */
  readonly ticks: { readonly all: number; readonly idle: number; readonly stolen: number } | null;
}

/** @param file of the form of /proc/stat */
export function sampleLoad(file = "/proc/stat"): LoadSample {
  const [average = 0] = loadavg();
  return { average: process.platform === "win32" ? null : average, ticks: readTicks(file) };
}

function readTicks(file: string): LoadSample["ticks"] {
  try {
    const [first = ""] = readFileSync(file, "latin1").split("\n", 1);
    const figures = /^cpu +([\d ]+)$/.exec(first)?.[1]?.split(" ").map(Number);
    if (figures === undefined || figures.length < stealFigure + 1) return null;
    // Those after steal are of guests, which the first two contain already.
    const all = figures.slice(0, stealFigure + 1).reduce((sum, each) => sum + each, 0);
    const [, , , idle = 0, waiting = 0] = figures;
    return { all, idle: idle + waiting, stolen: figures[stealFigure] ?? 0 };
  } catch {
    return null;
  }
}

/** The place of steal time among the figures of a line of /proc/stat. */
const stealFigure = 7;

export function loadBetween(before: LoadSample, after: LoadSample): Load {
  const share = (of: (ticks: NonNullable<LoadSample["ticks"]>) => number): number | null => {
    if (before.ticks === null || after.ticks === null) return null;
    const all = after.ticks.all - before.ticks.all;
    if (all <= 0) return null;
    return Math.min(100, Math.max(0, Math.round(((of(after.ticks) - of(before.ticks)) / all) * 10_000) / 100));
  };
  return {
    average_before: before.average,
    average_after: after.average,
    busy_percent: share(({ all, idle, stolen }) => all - idle - stolen),
    steal_percent: share(({ stolen }) => stolen),
  };
}
