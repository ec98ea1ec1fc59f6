/**
 * Searches the point of no return of a failing run: the rest of the run is drawn anew from several times on, many times each, and the share of runs
 * that still fail is counted.
 *
 * A run that is drawn anew from a time on is the same before it: the same instances, settings, actions and faults. After it, load, faults, latencies
 * and jitter come from another seed; faults in force continue to their end. The shares are estimates from a number of tries, not proofs.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf } from "../../../scenarios/declare/fault-kinds.ts";
import { drawFaults } from "../../load/plan/nemesis.ts";
import { type Action, planLoad } from "../../load/plan/plan.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Plan } from "../plan/plan.ts";

/** How many of the tries from a time on failed. */
export interface Share {
  readonly from: Millis;
  readonly failed: number;
  readonly tries: number;
}

export interface PointOfNoReturn {
  /** In order of time. */
  readonly shares: readonly Share[];
  /** The earliest looked at from which on every try failed, with the latest before it from which one did not. */
  readonly since: Millis;
  readonly open: Millis;
  /** Whether it was found as closely as was asked for, or the bound ended the search. */
  readonly isSettled: boolean;
}

export interface SearchOptions {
  /** The duration of the run. */
  readonly duration: Millis;
  /** From each time on. */
  readonly tries: number;
  /** How closely the time is to be found. */
  readonly closely: Millis;
  readonly isOver: () => boolean;
  /** The run drawn anew from a time on, with one of so many other seeds. @returns whether it failed */
  readonly fails: (from: Millis, nth: number) => Promise<boolean>;
}

/** Bisects the time until the open and the inevitable part lie close together; then it samples the way there. */
export async function findPointOfNoReturn(options: SearchOptions): Promise<PointOfNoReturn> {
  const { closely, duration, isOver } = options;
  const shares = new Map<Millis, Share>();
  const look = async (from: Millis): Promise<Share> => {
    const share = shares.get(from) ?? (await shareFrom(from, options));
    shares.set(from, share);
    return share;
  };
  let [open, since] = [0, duration];
  if (isInevitable(await look(0))) since = 0;
  while (since - open > closely && !isOver()) {
    const middle = Math.round((open + since) / 2);
    const share = await look(middle);
    if (share.tries === 0) break; // there was no time to see
    if (isInevitable(share)) since = middle;
    else open = middle;
  }
  const isSettled = since - open <= closely;
  for (const part of [0.25, 0.5, 0.75]) if (!isOver()) await look(Math.round(since * part));
  const sampled = [...shares.values()].filter(({ tries }) => tries > 0).sort((a, b) => a.from - b.from);
  return { shares: sampled, since, open: Math.min(open, since), isSettled };
}

function isInevitable({ failed, tries }: Share): boolean {
  return tries > 0 && failed === tries;
}

async function shareFrom(from: Millis, { fails, isOver, tries }: SearchOptions): Promise<Share> {
  let [failed, done] = [0, 0];
  while (done < tries && !isOver()) {
    done += 1;
    if (await fails(from, done)) failed += 1;
  }
  // If it is cut off, it has not been shown that all fail.
  return { from, failed, tries: failed === done && done < tries ? 0 : done };
}

/** The run of a seed, with its rest drawn from another. @param declared from which the seed drew `plan` */
export function redrawn(plan: Plan, declared: Scenario, from: Millis, seed: number): Plan {
  const { nemesis } = declared;
  const reseeded = { from, seed };
  if (plan.draws !== undefined) return { ...plan, reseeded };
  const random = seededRandom(seed);
  // With the topology and the network that the seed had drawn.
  const drawn: Scenario =
    nemesis === undefined ? plan.scenario : { ...plan.scenario, faults: declared.faults, nemesis };
  const begun = plan.faults.filter((fault) => fault.at < from || declared.faults.includes(fault));
  const free = Math.max(from, ...begun.filter(({ at }) => at < from).map(endOf));
  const later = nemesis === undefined ? [] : drawFaults(drawn, random("nemesis")).filter(({ at }) => at > free);
  const faults = [...begun, ...later].sort((a, b) => a.at - b.at);
  const actions = spliced(plan.actions, planLoad(plan.scenario, random), from);
  return { ...plan, scenario: { ...plan.scenario, faults }, faults, actions, reseeded };
}

/** Actions about subjects that began before `from` stay as they were; all others from then on are of the other load. */
function spliced(ours: readonly Action[], others: readonly Action[], from: Millis): readonly Action[] {
  const begun = new Set(ours.filter(({ at }) => at < from).flatMap((action) => subjectOf(action) ?? []));
  const isOfBegun = (action: Action): boolean => begun.has(subjectOf(action) ?? "");
  const kept = ours.filter((action) => action.at < from || isOfBegun(action));
  const later = others.filter((action) => action.at >= from && !isOfBegun(action));
  return [...kept, ...later].sort((a, b) => a.at - b.at);
}

/** The subject of an action that has a beginning and an end: a job, an absence, an impostor. */
function subjectOf(action: Action): string | null {
  if ("job" in action) return action.job;
  if ("absence" in action) return action.absence;
  return "name" in action ? action.name : null;
}
