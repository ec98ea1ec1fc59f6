/**
 * C1: expiry is spread: no burst of Redis work above the bound when many entries were written at once.
 *
 * Judged is a wave of such work as a whole: the mean of a part of it says nothing. It is not whole where some of it came due before the load began,
 * when nobody took down what the machine did and which instance was degraded; or where some had not been done when nobody asked any more.
 */
import { type Call, type Millis, ofKind } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { entriesOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { Noise } from "./timing/noise.ts";
import { type Blame, mildest, Stalls } from "./timing/stall.ts";
import { dueWindow, Wave } from "./wave.ts";

/** The busiest slice of time against the mean of all. */
const allowed = 2;
/** Fewer than this are not many, and chance alone makes a slice of them twice as busy as the mean. */
const many = 100;

export function judgeExpirySpread(trial: Trial): Judgement {
  const waves = [expiries(trial), refreshes(trial)].filter((wave) => wave !== null);
  const noise = new Noise(trial.history);
  const modes = new Modes(trial.history);
  const violations: (readonly string[])[] = [];
  const waited = noise.worstWait;
  let unjudged = 0;
  for (const wave of waves) {
    if (wave.busiest.ratio <= allowed) continue;
    if (isDegraded(wave, modes, trial) || blameFor(wave, noise, trial) !== "instance") unjudged += wave.size;
    else violations.push(storyOf(wave));
  }
  return conclude({
    property: "C1",
    premise: properties.C1.premise,
    // Expiries in the store and refreshes of caches: the claim is about both.
    exercised: waves.length < 2 ? 0 : waves.reduce((sum, { size }) => sum + size, 0),
    unjudged,
    violations,
    cause: "machine_load",
    open: `work that the machine or a degraded instance had held up came at once (longest stall ${inMs(new Stalls(trial.history).longest)}${waited === null ? "" : `; ${waited}`})`,
    measures: waves.map((wave) => ({
      name: `${wave.name}_burst_ratio`,
      value: wave.busiest.ratio,
      ...(unjudged === 0 ? { threshold: allowed } : {}),
    })),
  });
}

/** Nodes that registered at once and never sent a heartbeat; null: there were not many, they took too long to be at once, or one has not expired. */
function expiries({ observations, terms }: Trial): Wave | null {
  const entries = entriesOf(observations);
  const left = new Set(entries.flatMap(({ change }) => (change.kind === "offline" ? [change.node] : [])));
  const written = entries.filter(({ change }) => change.kind === "registered" && !left.has(change.node));
  const work = entries.filter(({ change }) => change.kind === "expired");
  const expired = new Set(work.map(({ change }) => change.node));
  if (work.length < many || written.some(({ change }) => !expired.has(change.node))) return null;
  const window = dueWindow(timesOf(written), terms.heartbeatTtl, terms.ttlSpread);
  return window === null || window.from < 0 ? null : new Wave("expiry", "nodes expired", window, timesOf(work));
}

/**
 * Answers that were cached at once: each instance's first reading of each node. null: there were not many, they took too long to be at once, or the
 * reading, which is what refreshes them, ended before the last was due.
 */
function refreshes({ history, terms }: Trial): Wave | null {
  const first = new Map<string, Call>();
  let lastRead = Number.NEGATIVE_INFINITY;
  for (const call of ofKind(history, "call")) {
    if (call.op !== "get_node") continue;
    lastRead = Math.max(lastRead, call.from);
    const key = JSON.stringify([call.instance, call.node]);
    if (call.read?.found && !first.has(key)) first.set(key, call);
  }
  const cached = [...first.values()].map(({ to, from }) => to ?? from);
  const window = cached.length < many ? null : dueWindow(cached, terms.l1Ttl, terms.ttlSpread);
  if (window === null || window.from < 0 || window.to > lastRead) return null;
  // At other times they are made for other reasons.
  const work = ofKind(history, "store_call")
    .filter(({ script, from }) => script === "changes_since" && from >= window.from && from < window.to)
    .map(({ from }) => from);
  return work.length < many ? null : new Wave("refresh", "refreshes were sent", window, work);
}

function timesOf(entries: readonly { readonly at: Millis }[]): readonly Millis[] {
  return entries.map(({ at }) => at);
}

/**
 * Whose doing a burst is. In the busiest time that is allowed, what came on top comes due in no less than so long; so it was held up for as long, while
 * the whole of the burst came due.
 */
function blameFor({ busiest, sliceWidth }: Wave, noise: Noise, { instances }: Trial): Blame {
  const { ratio, to } = busiest;
  const held = ((ratio - allowed) / allowed) * sliceWidth;
  const since = to - (ratio + 1) * sliceWidth;
  return mildest(eachOf(instances).map((instance) => noise.blameForLate(held, since, to, instance)));
}

/** One that is degraded neither sweeps nor refreshes; when it is back it has that to do. */
function isDegraded({ busiest, sliceWidth, window }: Wave, modes: Modes, { instances }: Trial): boolean {
  const since = Math.min(window.from, busiest.from) - sliceWidth;
  return eachOf(instances).some((instance) => modes.firstDegraded(instance, since) < busiest.to);
}

function eachOf(instances: number): readonly number[] {
  return Array.from({ length: instances }, (_, instance) => instance);
}

function storyOf({ busiest, size, sliceWidth, what, window }: Wave): readonly string[] {
  const { count, from, ratio } = busiest;
  return [
    `${count} of ${size} ${what} within ${inMs(sliceWidth)}, ${ratio.toFixed(1)} times the mean, allowed ${allowed} times`,
    `from ${inMs(from)} on; jitter lets them come due from ${inMs(window.from)} to ${inMs(window.to)}`,
  ];
}
