/**
 * Nodes that an answer leaves out although they had been there for longer than an instance may be behind: a lookup that finds nothing; a selection
 * that had room for more, where they had been online, had suited, and had had a free place. Nobody but a judge notices: such a node is never
 * chosen, and every answer that does come is right.
 *
 * Only what cannot be otherwise is told: while anything is done to the instance, and for a while after, it may be further behind; what it has
 * itself asked for places counts as a place; and where the feed was not seen without a hole, nothing is known.
 */
import { Absences } from "./absences.ts";
import { type FaultWindow, faultWindows, overlaps } from "./fault-window.ts";
import { type Call, type Millis, ofKind } from "./history.ts";
import { type Finding, inMs, type Trial } from "./judgement.ts";
import { observerLag } from "./observation.ts";
import { type Spell, spellsOf } from "./spells.ts";
import { suits } from "./suitable.ts";
import { Stalls } from "./timing/stall.ts";

export interface LeftOut {
  /** Nodes that had to be in an answer, and were looked for. */
  readonly looked: number;
  readonly findings: readonly Finding[];
}

export function leftOut(trial: Trial): LeftOut {
  const { staleness } = trial.bounds;
  const spells = spellsOf(trial.observations);
  const spellsOfNode = Map.groupBy(spells, ({ node }) => node);
  const stalls = new Stalls(trial.history);
  const absences = new Absences(trial.history, trial.instances);
  const windows = faultWindows(trial.history, trial.instances);
  const calls = ofKind(trial.history, "call");
  const asking = new Asking(calls);
  const findings: Finding[] = [];
  let looked = 0;
  for (const call of calls) {
    const { from, instance, node = "", op, to } = call;
    if (to === null || !(isShort(call) || isLookup(call))) continue;
    const since = from - 2 * staleness - stalls.within(from - 2 * staleness, to, instance);
    const isTroubled = windows.some(
      (window) => window.instance === instance && (overlaps(window, since, to) || hides(window, to)),
    );
    if (isTroubled || absences.presentSince(instance, from) > since) continue;
    const own = op === "get_node" ? [] : asking.within(instance, since, to);
    for (const spell of op === "get_node" ? (spellsOfNode.get(node) ?? []) : spells) {
      if (spell.from > since || spell.until < to + observerLag || !isWanted(call, spell, own, since, to + observerLag))
        continue;
      looked += 1;
      if (shows(call, spell.node)) continue;
      findings.push({ story: op === "get_node" ? lookupStory(call, spell) : storyOf(call, spell), calls: [call.id] });
    }
  }
  return { looked, findings };
}

/** What was taken out of the feed is missed only when something comes after it. */
function hides({ asked, name }: FaultWindow, to: Millis): boolean {
  return name === "feed_entry_deleted" && asked <= to;
}

/** Whoever asked for more than there came has been shown all that there is. */
function isShort({ asked, op, reply, selected }: Call): boolean {
  if (op !== "select_nodes" || reply !== "normal" || selected === undefined) return false;
  return asked?.count !== undefined && selected.length < asked.count;
}

/** In a degraded mode, or where the store did not answer in time, what is not known is not claimed. */
function isLookup({ op, read }: Call): boolean {
  return op === "get_node" && read?.mode === "normal" && !read.stale;
}

/** @param own the instance's calls for places from `since` on */
function isWanted(
  { asked, node, op }: Call,
  spell: Spell,
  own: readonly Call[],
  since: Millis,
  until: Millis,
): boolean {
  if (op === "get_node") return node === spell.node;
  if (asked === undefined || !suits(spell, asked)) return false;
  const places = own.filter((one) => one.node === undefined || one.node === spell.node).length;
  return mostJobs(spell, since, until) + places < spell.maxJobs;
}

function shows({ read, selected }: Call, node: string): boolean {
  return read?.node?.node === node || selected?.some((one) => one.node === node) === true;
}

/** Calls for places, by instance. */
class Asking {
  readonly #calls: ReadonlyMap<number, readonly Call[]>;
  /** By instance, for each of its calls: when the last of those until then came back. */
  readonly #ends = new Map<number, Float64Array>();

  constructor(calls: readonly Call[]) {
    const asking = calls.filter(({ op }) => op === "dispatch" || op === "reserve_job");
    this.#calls = Map.groupBy(
      asking.sort((a, b) => a.from - b.from),
      ({ instance }) => instance,
    );
    for (const [instance, own] of this.#calls) {
      let last = Number.NEGATIVE_INFINITY;
      this.#ends.set(
        instance,
        Float64Array.from(own, ({ to }) => {
          last = Math.max(last, to ?? Number.POSITIVE_INFINITY);
          return last;
        }),
      );
    }
  }

  /** Those that were under way at some moment from `since` to `until`. */
  within(instance: number, since: Millis, until: Millis): readonly Call[] {
    const own = this.#calls.get(instance) ?? [];
    const ends = this.#ends.get(instance) ?? new Float64Array();
    const found: Call[] = [];
    for (let index = lastBefore(own, until); index >= 0 && (ends[index] as number) >= since; index -= 1) {
      const call = own[index] as Call;
      if ((call.to ?? Number.POSITIVE_INFINITY) >= since) found.push(call);
    }
    return found;
  }
}

/** The index of the last that began by `until`; -1: none. */
function lastBefore(calls: readonly Call[], until: Millis): number {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((calls[middle] as Call).from <= until) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The most that it had at a time, from `since` to `until`. */
function mostJobs({ jobs }: Spell, since: Millis, until: Millis): number {
  let most = 0;
  for (const [index, { at, count }] of jobs.entries()) {
    const next = jobs[index + 1]?.at ?? Number.POSITIVE_INFINITY;
    if (at <= until && next >= since) most = Math.max(most, count);
  }
  return most;
}

function lookupStory({ from, instance, read }: Call, { from: since, node }: Spell): readonly string[] {
  return [
    `instance ${instance} did not show node ${node}, which had been there for ${inMs(from - since)}`,
    `asked at ${inMs(from)} in normal, answered from ${read?.source ?? "nowhere"}; seen from ${inMs(since)} on`,
  ];
}

function storyOf({ asked, from, instance, selected = [] }: Call, { from: since, node }: Spell): readonly string[] {
  return [
    `instance ${instance} did not select node ${node}, which suits and has room, though only ${selected.length} of ${asked?.count ?? 0} were found`,
    `asked at ${inMs(from)} in normal for pool ${asked?.pool ?? ""}, ${asked?.source ?? ""} to ${asked?.target ?? ""}; the node was seen to be so from ${inMs(since)} on`,
  ];
}
