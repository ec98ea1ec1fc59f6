/**
 * Reports each kind of failure of a batch once: shrunk, with its plan, its picture and its frequency. Failures are grouped first by their
 * messages and then, after shrinking, by kinds of faults and of actions.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Violation } from "../../evidence/evidence.ts";
import { messageOf } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { countText, replayCommand } from "../../evidence/words.ts";
import { pictureOf } from "../explain/picture.ts";
import type { Recipe } from "../plan/branch.ts";
import type { Plan } from "../plan/plan.ts";
import { type ExplicitPlan, planFileOf } from "../plan/plan-file.ts";
import { planTokenOf } from "../run/token.ts";
import { type Shrunk, shrinkPlan } from "../shrink/shrink.ts";
import { writeFailure } from "./files.ts";
import type { OtherScheduler, SimulateOptions } from "./options.ts";
import type { Group, Tally } from "./tally.ts";

export interface FailuresOf extends Pick<SimulateOptions, "now" | "signal" | "dir" | "shrinking"> {
  readonly scenario: Scenario;
  readonly tally: Tally;
  /** The plan that ran with a seed and its branches. */
  readonly planFor: (recipe: Recipe) => Plan;
  /** A plan that ran instead of seeds; it has been shrunk before. */
  readonly given?: { readonly plan: ExplicitPlan } | undefined;
  readonly planted?: OtherScheduler | undefined;
  readonly onProgress: (text: string) => void;
}

/** One kind of failure. */
export interface Failure {
  readonly group: Group;
  readonly violation: Violation;
  /** null: it was not shrunk; the violation says why. */
  readonly shrunk: Shrunk | null;
}

/** Milliseconds for shrinking one kind, and all kinds; the rest is reported as it is. */
const eachTakes = 10_000;
const allTake = 30_000;
/** A plan with more draws does not fit into a token that can be copied. */
const mostDraws = 500;

export async function shrunkFailures(of: FailuresOf): Promise<readonly Failure[]> {
  const { now, shrinking, tally } = of;
  const startedAt = now();
  const groups = [...tally.groups.values()].sort((a, b) => b.seeds - a.seeds);
  const kinds = new Map<string, Kind>();
  for (const group of groups) {
    const { note, shrunk } = await shrinkInTime(of, group, startedAt);
    const kind = shrunk === null ? `${group.property} ${group.shape}` : kindOf(shrunk);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { group: { ...group }, shrunk, note });
    else kinds.set(kind, joined(known, { group, shrunk, note }));
  }
  const failures: Failure[] = [];
  for (const kind of kinds.values()) failures.push(await reportKind(of, kind, failures.length + 1));
  if (shrinking !== undefined) shrinking.left = Math.max(0, shrinking.left - (now() - startedAt));
  return failures;
}

/** Batches that share their time shrink each property once: the plan of another batch says no more. */
async function shrinkInTime(of: FailuresOf, group: Group, startedAt: number): ReturnType<typeof shrinkOne> {
  const { now, shrinking, signal } = of;
  if (shrinking?.shrunk.has(group.property)) return { shrunk: null, note: "not shrunk: another failure of it was" };
  const left = Math.min(allTake, shrinking?.left ?? allTake);
  const until = Math.min(startedAt + left, now() + Math.min(eachTakes, left / 2));
  const isOver = (): boolean => signal.aborted || now() >= until;
  if (isOver()) return { shrunk: null, note: "not shrunk: there was no time" };
  const found = await shrinkOne(of, group, isOver);
  if (found.shrunk !== null) shrinking?.shrunk.add(group.property);
  return found;
}

/** The failures without shrinking. */
export function plainFailures({ scenario, tally }: Pick<FailuresOf, "scenario" | "tally">): readonly Failure[] {
  return [...tally.groups.values()].map((group) => ({ group, shrunk: null, violation: plain(scenario, tally, group) }));
}

interface Kind {
  readonly group: Group;
  readonly shrunk: Shrunk | null;
  readonly note: string;
}

/** The smaller of two failures of one kind represents both. */
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
  const plan = planFor(first);
  try {
    const shrunk = await shrinkPlan({
      plan,
      property,
      isOver,
      onProgress,
      createScheduler: planted?.createScheduler,
    });
    if (shrunk === null) return { shrunk, note: "not shrunk: it is not broken when nothing else is judged" };
    const { draws } = shrunk.plan;
    if (draws.length <= mostDraws) return { shrunk, note: "" };
    return { shrunk: null, note: `not shrunk: there was no time to do without ${draws.length} draws of the seed` };
  } catch (error) {
    return { shrunk: null, note: `not shrunk: ${messageOf(error)}` };
  }
}

function plain({ name }: Scenario, tally: Tally, { first, property, seeds, story }: Group): Violation {
  const { isBranched, runs } = tally;
  const where = isBranched ? `runs, first with ${seedText(first)}` : `seeds, first with ${first.seed}`;
  const often = seeds === 1 && !isBranched ? [] : [`found with ${seeds} of ${runs} ${where}`];
  return { property, scenario: name, layer: "simulate", token: first.token, story: [...story, ...often], files: [] };
}

async function reportKind(of: FailuresOf, { group, note, shrunk }: Kind, nth: number): Promise<Failure> {
  const violation = plain(of.scenario, of.tally, group);
  if (shrunk === null) return { group, shrunk, violation: await reportWhole(of, group, note) };
  try {
    return { group, shrunk, violation: await reportShrunk(of, group, shrunk, nth) };
  } catch (error) {
    const story = [...violation.story, `shrunk, but its plan and picture could not be kept: ${messageOf(error)}`];
    return { group, shrunk, violation: { ...violation, story } };
  }
}

/** The picture of a whole run takes some twenty runs; a batch of many seeds leaves it to `explain` with the token of one. */
async function reportWhole(of: FailuresOf, group: Group, note: string): Promise<Violation> {
  const { planFor, planted, scenario, signal, tally } = of;
  const { first, property } = group;
  const whole = plain(scenario, tally, group);
  const violation = { ...whole, story: [...whole.story, note] };
  if (tally.runs !== 1 || signal.aborted) return violation;
  const title = `${scenario.name}, simulated, ${seedText(first)}`;
  const createScheduler = planted?.createScheduler;
  const timeline = await pictureOf({ plan: planFor(first), property, title, token: first.token, createScheduler });
  return { ...violation, ...withoutUndefined({ timeline: timeline ?? undefined }) };
}

async function reportShrunk(of: FailuresOf, group: Group, shrunk: Shrunk, nth: number): Promise<Violation> {
  const { dir, planted, scenario, tally } = of;
  const whole = plain(scenario, tally, group);
  const { plan, property } = shrunk;
  const createScheduler = planted?.createScheduler;
  const token = planTokenOf({ plan, property, mutant: planted?.id ?? undefined, scheduler: planted?.module });
  const title = `${scenario.name}, simulated, ${of.given === undefined ? `${seedText(group.first)}, shrunk` : "a shrunk plan"}`;
  const timeline = await pictureOf({ plan, property, title, token, createScheduler });
  const files =
    dir === undefined
      ? []
      : await writeFailure({
          dir,
          name: `simulate-${scenario.name}-${property}-${nth}`,
          plan: planFileOf(plan, property),
          explicit: plan,
          createScheduler,
        });
  const from = of.given === undefined ? [`the whole run: ${replayCommand(group.first.token)}`] : [];
  const story = [...whole.story, ...sizeLines(shrunk), ...from];
  return { ...whole, token, story, files, ...withoutUndefined({ timeline: timeline ?? undefined }) };
}

function seedText({ branches, seed }: Recipe): string {
  return branches.length === 0 ? `seed ${seed}` : `a branch of seed ${seed}`;
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
