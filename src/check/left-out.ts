/**
 * Nodes that a selection leaves out although it had room for more of them: for longer than an instance may be behind they had been online, had
 * suited, and had had a free place. Nobody but a judge notices: the node is never chosen, and every answer that does come is right.
 *
 * Only what cannot be otherwise is told: while anything is done to the instance, and for a while after, it may be further behind; what it has
 * itself asked for places counts as a place; and where the feed was not seen without a hole, nothing is known.
 */
import { Absences } from "./absences.ts";
import { type FaultWindow, faultWindows, overlaps } from "./fault-window.ts";
import { type Call, type Millis, ofKind } from "./history.ts";
import { type Finding, inMs, type Trial } from "./judgement.ts";
import { type Spell, spellsOf } from "./spells.ts";
import { Stalls } from "./stall.ts";
import { suits } from "./suitable.ts";

/** The observer may have seen a change this much after it happened. */
const lag: Millis = 250;

export interface LeftOut {
  /** Nodes that had to be in a selection, and were looked for. */
  readonly looked: number;
  readonly findings: readonly Finding[];
}

export function leftOut(trial: Trial): LeftOut {
  const { staleness } = trial.bounds;
  const spells = spellsOf(trial.observations);
  const stalls = new Stalls(trial.history);
  const absences = new Absences(trial.history, trial.instances);
  const windows = faultWindows(trial.history, trial.instances);
  const calls = ofKind(trial.history, "call");
  const asking = calls.filter(({ op }) => op === "dispatch" || op === "reserve_job");
  const findings: Finding[] = [];
  let looked = 0;
  for (const call of calls) {
    const { asked, from, instance, to } = call;
    if (!isShort(call) || asked === undefined || to === null) continue;
    const since = from - 2 * staleness - stalls.within(from - 2 * staleness, to, instance);
    const isTroubled = windows.some(
      (window) => window.instance === instance && (overlaps(window, since, to) || hides(window, to)),
    );
    if (isTroubled || absences.presentSince(instance, from) > since) continue;
    const own = asking.filter((one) => one.instance === instance && overlapsCall(one, since, to));
    for (const spell of spells) {
      if (spell.from > since || spell.until < to + lag || !suits(spell, asked)) continue;
      const places = own.filter(({ node }) => node === undefined || node === spell.node).length;
      if (mostJobs(spell, since, to + lag) + places >= spell.maxJobs) continue;
      looked += 1;
      if (call.selected?.some(({ node }) => node === spell.node) === true) continue;
      findings.push({ story: storyOf(call, spell), calls: [call.id] });
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

function overlapsCall({ from, to }: Call, since: Millis, until: Millis): boolean {
  return from <= until && (to ?? Number.POSITIVE_INFINITY) >= since;
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

function storyOf({ asked, from, instance, selected = [] }: Call, { from: since, node }: Spell): readonly string[] {
  return [
    `instance ${instance} did not select node ${node}, which suits and has room, though only ${selected.length} of ${asked?.count ?? 0} were found`,
    `asked at ${inMs(from)} in normal for pool ${asked?.pool ?? ""}, ${asked?.source ?? ""} to ${asked?.target ?? ""}; the node was seen to be so from ${inMs(since)} on`,
  ];
}
