/** C1: expiry is spread: no burst of Redis work above the bound when many entries were written at once. */
import { type Call, type Millis, ofKind } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { entriesOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { Stalls } from "./stall.ts";

/** The busiest slice of time against the mean of all. */
const allowed = 2;
const slices = 8;
/** Fewer than this are not many, and chance alone makes a slice of them twice as busy as the mean. */
const many = 100;

/** What came due, counted over the time in which jitter lets it. */
interface Wave {
  readonly name: "expiry" | "refresh";
  readonly what: string;
  readonly from: Millis;
  readonly to: Millis;
  /** When each piece of work was done. */
  readonly work: readonly Millis[];
}

export function judgeExpirySpread(trial: Trial): Judgement {
  const waves = [expiries(trial), refreshes(trial)].filter((wave) => wave !== null);
  const stalls = new Stalls(trial.history);
  const violations: (readonly string[])[] = [];
  let unjudged = 0;
  for (const wave of waves) {
    const { ratio, from, count } = busiest(wave);
    if (ratio <= allowed) continue;
    if (isDisturbed(wave, from, ratio, stalls, trial)) unjudged += wave.work.length;
    else violations.push(storyOf(wave, ratio, from, count));
  }
  return conclude({
    property: "C1",
    premise: properties.C1.premise,
    // Expiries in the store and refreshes of caches: the claim is about both.
    exercised: waves.length < 2 ? 0 : waves.reduce((sum, { work }) => sum + work.length, 0),
    unjudged,
    violations,
    open: `work that the machine or a degraded instance had held up came at once (longest stall ${inMs(stalls.longest)})`,
    measures: waves.map((wave) => ({
      name: `${wave.name}_burst_ratio`,
      value: busiest(wave).ratio,
      ...(unjudged === 0 ? { threshold: allowed } : {}),
    })),
  });
}

/** Nodes that registered at once and never sent a heartbeat; null: there were not many, or they took too long to be at once. */
function expiries({ observations, terms }: Trial): Wave | null {
  const { heartbeatTtl, ttlSpread } = terms;
  const entries = entriesOf(observations);
  const written = entries.filter(({ change }) => change.kind === "registered").map(({ at }) => at);
  const work = entries.filter(({ change }) => change.kind === "expired").map(({ at }) => at);
  const window = dueWindow(written, heartbeatTtl, ttlSpread);
  return window === null || work.length < many ? null : { ...window, name: "expiry", what: "nodes expired", work };
}

/** Answers that were cached at once: each instance's first reading of each node. */
function refreshes({ history, terms }: Trial): Wave | null {
  const { l1Ttl, ttlSpread } = terms;
  const first = new Map<string, Call>();
  for (const call of ofKind(history, "call")) {
    if (call.op !== "get_node" || !call.read?.found) continue;
    const key = JSON.stringify([call.instance, call.node]);
    if (!first.has(key)) first.set(key, call);
  }
  const window = dueWindow(
    [...first.values()].map(({ to, from }) => to ?? from),
    l1Ttl,
    ttlSpread,
  );
  if (window === null) return null;
  const work = ofKind(history, "store_call")
    .filter(({ script, from }) => script === "changes_since" && from >= window.from && from < window.to)
    .map(({ from }) => from);
  return work.length < many ? null : { ...window, name: "refresh", what: "refreshes were sent", work };
}

/** null: fewer than many, or spread over too long a time to come due together. */
function dueWindow(
  written: readonly Millis[],
  ttl: Millis,
  spread: number,
): { readonly from: Millis; readonly to: Millis } | null {
  if (written.length < many) return null;
  const [first, last] = [Math.min(...written), Math.max(...written)];
  if (last - first > ttl * spread) return null;
  return { from: first + ttl * (1 - spread), to: last + ttl * (1 + spread) };
}

interface Slice {
  readonly ratio: number;
  readonly from: Millis;
  readonly count: number;
}

function widthOf({ from, to }: Wave): Millis {
  return (to - from) / slices;
}

/** Work outside the window counts for the mean as little as the time outside it does. */
function busiest(wave: Wave): Slice {
  const width = widthOf(wave);
  const counts = new Array<number>(slices).fill(0);
  let sum = 0;
  for (const at of wave.work) {
    const slice = Math.floor((at - wave.from) / width);
    if (slice < 0 || slice >= slices) continue;
    counts[slice] = (counts[slice] ?? 0) + 1;
    sum += 1;
  }
  const count = Math.max(...counts);
  return { ratio: sum === 0 ? 0 : (count * slices) / sum, from: wave.from + counts.indexOf(count) * width, count };
}

/** What stood still for a part of a slice has that part's work to do afterwards. */
function isDisturbed(wave: Wave, from: Millis, ratio: number, stalls: Stalls, { history, instances }: Trial): boolean {
  const width = widthOf(wave);
  const held = ((ratio - allowed) / ratio) * width;
  if (stalls.blame(held, from - width, from + width) !== "instance") return true;
  const modes = new Modes(history);
  return Array.from({ length: instances }, (_, instance) => instance).some(
    (instance) => modes.departures(instance, wave.from - width, from + width).length > 0,
  );
}

function storyOf(wave: Wave, ratio: number, from: Millis, count: number): readonly string[] {
  const { to, what, work } = wave;
  return [
    `${count} of ${work.length} ${what} within ${inMs(widthOf(wave))}, ${ratio.toFixed(1)} times the mean, allowed ${allowed} times`,
    `from ${inMs(from)} on; jitter lets them come due from ${inMs(wave.from)} to ${inMs(to)}`,
  ];
}
