/**
 * What a batch tells of its failures: each kind once, shrunk, with its plan, its picture and how often it came. Failures are first put together
 * by what they say, then by what is left of them when they have been shrunk: the same faults and the same actions are one kind.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Violation } from "../../evidence/evidence.ts";
import { messageOf } from "../../evidence/failure.ts";
import { countText, replayCommand } from "../../evidence/words.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import { pictureOf } from "../explain/picture.ts";
import type { Plan } from "../plan/plan.ts";
import { type ExplicitPlan, planFileOf } from "../plan/plan-file.ts";
import { planTokenOf } from "../run/token.ts";
import { type Shrunk, shrinkPlan } from "../shrink/shrink.ts";
import { writeFailure } from "./files.ts";
import type { Group, Tally } from "./tally.ts";

export interface FailuresOf {
  readonly scenario: Scenario;
  readonly tally: Tally;
  /** What was run. */
  readonly planFor: (seed: number) => Plan;
  /** It was this, which has been shrunk before. */
  readonly given?: { readonly plan: ExplicitPlan };
  readonly planted?: { readonly id: string; readonly createScheduler: typeof createScheduler };
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Where plans and traces are kept; absent: nowhere. */
  readonly dir?: string;
}

/** One kind of failure. */
export interface Failure {
  readonly group: Group;
  readonly violation: Violation;
  /** null: it was not shrunk, and why is in the story. */
  readonly shrunk: Shrunk | null;
}

/** Milliseconds for one kind, and for all; the rest is told as it is. */
const eachTakes = 10_000;
const allTake = 30_000;
/** A plan with more of them fits into no token that can be copied. */
const mostDraws = 500;

export async function shrunkFailures(of: FailuresOf): Promise<readonly Failure[]> {
  const { now, signal, tally } = of;
  const end = now() + allTake;
  const groups = [...tally.groups.values()].sort((a, b) => b.seeds - a.seeds);
  const kinds = new Map<string, { group: Group; shrunk: Shrunk | null; note: string }>();
  for (const group of groups) {
    const until = Math.min(end, now() + eachTakes);
    const isOver = (): boolean => signal.aborted || now() >= until;
    const { note, shrunk } = isOver()
      ? { shrunk: null, note: "not shrunk: there was no time" }
      : await shrinkOne(of, group, isOver);
    const kind = shrunk === null ? `${group.property} ${group.shape}` : kindOf(shrunk);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { group: { ...group }, shrunk, note });
    else kinds.set(kind, joined(known, { group, shrunk, note }));
  }
  const told: Failure[] = [];
  for (const { group, note, shrunk } of kinds.values()) told.push(await tell(of, group, shrunk, note, told.length + 1));
  return told;
}

/** As they are. */
export function plainFailures({ scenario, tally }: Pick<FailuresOf, "scenario" | "tally">): readonly Failure[] {
  return [...tally.groups.values()].map((group) => ({ group, shrunk: null, violation: plain(scenario, tally, group) }));
}

interface Kind {
  readonly group: Group;
  readonly shrunk: Shrunk | null;
  readonly note: string;
}

/** The smaller one stands for both. */
function joined(one: Kind, other: Kind): Kind {
  const smaller = sizeOf(other.shrunk) < sizeOf(one.shrunk) ? other : one;
  return { ...smaller, group: { ...smaller.group, seeds: one.group.seeds + other.group.seeds } };
}

function sizeOf(shrunk: Shrunk | null): number {
  return shrunk === null ? Number.POSITIVE_INFINITY : shrunk.plan.faults.length + shrunk.plan.actions.length;
}

/** Property, kinds of faults, kinds of actions. */
function kindOf({ plan: { actions, faults }, property }: Shrunk): string {
  const kinds = (all: readonly { readonly kind: string }[]): string =>
    [...new Set(all.map(({ kind }) => kind))].sort().join(",");
  return `${property} [${kinds(faults)}] [${kinds(actions)}]`;
}

async function shrinkOne(
  { given, onProgress, planFor, planted }: FailuresOf,
  { first, property }: Group,
  isOver: () => boolean,
): Promise<{ shrunk: Shrunk | null; note: string }> {
  if (given !== undefined) {
    return { shrunk: { plan: given.plan, property, hash: "", runs: 0, events: 0, isSettled: true }, note: "" };
  }
  const create = planted === undefined ? {} : { createScheduler: planted.createScheduler };
  try {
    const shrunk = await shrinkPlan({ plan: planFor(first.seed), property, isOver, onProgress, ...create });
    if (shrunk === null) return { shrunk, note: "not shrunk: it is not broken when nothing else is judged" };
    const { draws } = shrunk.plan;
    if (draws.length <= mostDraws) return { shrunk, note: "" };
    return { shrunk: null, note: `not shrunk: there was no time to do without ${draws.length} draws of the seed` };
  } catch (error) {
    // A failure that cannot be made smaller is a failure all the same.
    return { shrunk: null, note: `not shrunk: ${messageOf(error)}` };
  }
}

function plain({ name }: Scenario, { runs }: Tally, { first, property, seeds, story }: Group): Violation {
  const often = seeds === 1 ? [] : [`found with ${seeds} of ${runs} seeds, first with ${first.seed}`];
  return { property, scenario: name, layer: "simulate", token: first.token, story: [...story, ...often], files: [] };
}

async function tell(of: FailuresOf, group: Group, shrunk: Shrunk | null, note: string, nth: number): Promise<Failure> {
  const violation = plain(of.scenario, of.tally, group);
  if (shrunk === null) return { group, shrunk, violation: { ...violation, story: [...violation.story, note] } };
  try {
    return { group, shrunk, violation: await tellShrunk(of, group, shrunk, nth) };
  } catch (error) {
    const story = [...violation.story, `shrunk, but its plan and picture could not be kept: ${messageOf(error)}`];
    return { group, shrunk, violation: { ...violation, story } };
  }
}

async function tellShrunk(of: FailuresOf, group: Group, shrunk: Shrunk, nth: number): Promise<Violation> {
  const { dir, planted, scenario, tally } = of;
  const whole = plain(scenario, tally, group);
  const { plan, property } = shrunk;
  const create = planted === undefined ? {} : { createScheduler: planted.createScheduler };
  const token = planTokenOf({ plan, property, ...(planted === undefined ? {} : { mutant: planted.id }) });
  const title = `${scenario.name}, simulated, ${of.given === undefined ? `seed ${group.first.seed}, shrunk` : "a shrunk plan"}`;
  const timeline = await pictureOf({ plan, property, title, token, ...create });
  const files =
    dir === undefined
      ? []
      : await writeFailure({
          dir,
          name: `simulate-${scenario.name}-${property}-${nth}`,
          plan: planFileOf(plan, property),
          explicit: plan,
          ...create,
        });
  const from = of.given === undefined ? [`the whole run: ${replayCommand(group.first.token)}`] : [];
  const story = [...whole.story, ...sizeLines(shrunk), ...from];
  return { ...whole, token, story, files, ...(timeline === null ? {} : { timeline }) };
}

function sizeLines({ isSettled, plan: { actions, draws, faults, scenario }, runs }: Shrunk): readonly string[] {
  const { instances, nodes } = scenario.topology;
  const of = [
    countText(faults.length, "fault"),
    countText(actions.length, "action"),
    countText(instances, "instance"),
    countText(nodes, "node"),
    `${Math.round(scenario.duration)} ms`,
    ...(draws.length === 0 ? [] : [`${countText(draws.length, "draw")} not plain`]),
  ].join(", ");
  return [
    `${runs === 0 ? "a plan of" : `shrunk in ${countText(runs, "run")} to`} ${of}${isSettled ? "" : "; more time might have shrunk it further"}`,
    ...faults.map((fault) => `fault: ${JSON.stringify(fault)}`),
    ...actions.slice(0, mostActions).map((action) => `action: ${JSON.stringify(action)}`),
    ...(actions.length > mostActions
      ? [`and ${countText(actions.length - mostActions, "action")} more, in the plan`]
      : []),
  ];
}

const mostActions = 15;
