/** The series that the report draws for a run: numbers over time and distributions, thinned so that peaks and extreme values are kept. */

import { ofKind, phaseAt } from "../check/history.ts";
import type { Trial } from "../check/judgement.ts";
import { type BehindPoint, behindOf } from "../check/observed/behind.ts";
import { MachinePauses } from "../check/timing/pauses.ts";
import { readsMet, readsOf, tookOf } from "../check/timing/reads.ts";
import { tailOf } from "../check/timing/tail.ts";
import type { Series } from "../evidence/evidence.ts";

type Point = Series["points"][number];

const mostPoints = 2_000;
/** For all instances of a run together: the picture of one is a strip. */
const mostBehind = 4_000;
const mostStalls = 1_000;
/** ms. Shorter waits are normal scheduling. */
const shortestStall = 1;

export function seriesOf(scenario: string, trial: Trial): readonly Series[] {
  return [
    latencySeries(scenario, trial),
    ...modeSeries(scenario, trial),
    marginSeries(scenario, trial),
    noiseSeries(scenario, trial),
    stallSeries(scenario, trial),
    ...behindSeries(scenario, trial),
  ];
}

/** Thinned to slices of time, each of which keeps its slowest read: a peak is never lost. */
function latencySeries(scenario: string, trial: Trial): Series {
  const slice = Math.max(phaseAt(trial.history, "end"), 1) / mostPoints;
  const slowest = new Map<number, Point>();
  for (const read of readsOf(trial)) {
    const point = [round(read.from), round(tookOf(read, trial))] as const;
    const key = Math.floor(read.from / slice);
    if (point[1] >= (slowest.get(key)?.[1] ?? 0)) slowest.set(key, point);
  }
  const points = [...slowest.values()].sort((a, b) => a[0] - b[0]);
  return { name: "read latency", scenario, kind: "latency_ms", side: trial.side, points };
}

const modeLevels: Readonly<Record<string, number>> = { normal: 0, l2_only: 1, local_only: 2 };

/** One for each instance: 0 normal, 1 l2_only, 2 local_only. */
function modeSeries(scenario: string, trial: Trial): readonly Series[] {
  const end = phaseAt(trial.history, "end");
  const changes = ofKind(trial.history, "mode");
  return Array.from({ length: trial.instances }, (_, instance) => {
    const own = changes.filter((change) => change.instance === instance);
    const first = modeLevels[own[0]?.from ?? "normal"] ?? 0;
    const points = own.map(({ at, to }) => [round(at), modeLevels[to] ?? 0] as const);
    const last = points.at(-1)?.[1] ?? first;
    const line = [[0, first] as const, ...points, [round(end), last] as const];
    return { name: `instance ${instance}`, scenario, kind: "mode", side: trial.side, points: line };
  });
}

/** In the run with faults only the reads that a fault met, so that quiet times do not dilute the cost of the faults. */
function marginSeries(scenario: string, trial: Trial): Series {
  const tail = tailOf(readsMet(trial).map((read) => tookOf(read, trial)));
  const points = tail.map(([took, share]): Point => [round(trial.bounds.budget - took), shareOf(share)]);
  return { name: "reads", scenario, kind: "margin_ms", side: trial.side, points };
}

function noiseSeries(scenario: string, { history, side }: Trial): Series {
  const points = new MachinePauses(history).tail.map(([late, share]): Point => [round(late), shareOf(share)]);
  return { name: "wake-ups of the machine", scenario, kind: "noise_ms", side, points };
}

/** From when on the machine gave a processor neither to the harness nor to a server, and for how long: of each slice of time the longest. */
function stallSeries(scenario: string, { history, side }: Trial): Series {
  const waits = [
    ...ofKind(history, "frozen").map(({ at, lasted }) => ({ at, lasted })),
    ...ofKind(history, "starved").map(({ at, waited }) => ({ at, lasted: waited })),
    ...ofKind(history, "stall").map(({ at, waited = 0 }) => ({ at, lasted: waited })),
  ].filter(({ lasted }) => lasted >= shortestStall);
  const slice = Math.max(phaseAt(history, "end"), 1) / mostStalls;
  const slices = Map.groupBy(waits, ({ at, lasted }) => Math.floor((at - lasted) / slice));
  const longest = [...slices.values()].flatMap((own) => own.toSorted((a, b) => b.lasted - a.lasted)[0] ?? []);
  const points = longest
    .map(({ at, lasted }): Point => [round(at - lasted), round(lasted)])
    .sort((a, b) => a[0] - b[0]);
  return { name: "stalls of the machine", scenario, kind: "stall_ms", side, points };
}

function behindSeries(scenario: string, trial: Trial): readonly Series[] {
  const room = Math.max(2, Math.floor(mostBehind / trial.instances));
  const end = phaseAt(trial.history, "end");
  return behindOf(trial).map((points, instance) => ({
    name: `instance ${instance}`,
    scenario,
    kind: "behind",
    side: trial.side,
    points: thinned(points, end, room),
  }));
}

/** A step line, in which each slice of time keeps its highest and its last step. */
function thinned(points: readonly BehindPoint[], end: number, room: number): readonly Point[] {
  const slice = (Math.max(end, 1) / room) * 2;
  const slices = Map.groupBy(points, ([at]) => Math.floor(at / slice));
  return [...slices.values()].flatMap((own) => {
    const last = own.at(-1);
    const highest = own.reduce((most, point) => (point[1] > most[1] ? point : most), own[0] ?? [0, 0]);
    const kept = last === undefined || last === highest ? [highest] : [highest, last];
    return kept.map(([at, changes]): Point => [round(at), changes]);
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Rounded to one in ten million. */
function shareOf(value: number): number {
  return Math.round(value * 1e7) / 1e7;
}
