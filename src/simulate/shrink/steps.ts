/** The steps that make a plan smaller, in the order of their benefit: a shorter run makes the later steps faster. */
import { endOf, type Fault, isOfTwoPrimaries } from "../../../scenarios/declare/fault-kinds.ts";
import type { Action } from "../../load/plan/plan.ts";
import type { Millis } from "../../protocol/time.ts";
import { begunAt, edited, endedAt, moved, withNodes, withoutInstance } from "../plan/plan-edit.ts";
import { makePlainInPart } from "./draws.ts";
import type { Search } from "./search.ts";
import { takeOut } from "./take-out.ts";

type Step = (search: Search) => Promise<void>;

/** The precision of the end, as a share of the length. */
const fine = 0.02;

const endSooner: Step = async (search) => {
  let least = 0;
  let most = search.best.scenario.duration;
  while (most - least > Math.max(1, fine * most)) {
    const middle = Math.ceil((least + most) / 2);
    if (await search.tries(endedAt(search.best, middle))) most = middle;
    else least = middle;
  }
};

/** A late failure may need nothing of the beginning; every later step is faster then. */
const beginLater: Step = async (search) => {
  for (let share = 0.5; search.best.scenario.duration * share > 1 && share > 0.05; ) {
    const begin = Math.floor(search.best.scenario.duration * share);
    if (!(await search.tries(begunAt(search.best, begin)))) share /= 2;
  }
};

const makePlain: Step = async (search) => {
  if (search.best.draws === undefined) await search.tries(edited(search.best, { draws: [] }));
};

const dropFaults: Step = (search) =>
  takeOut(
    search,
    () => search.best.faults,
    (faults) => edited(search.best, { faults }),
  );

/** Some failures need no action. Tried first, since each later run is then shorter, and since an earlier end may need the actions. */
const dropAllActions: Step = async (search) => {
  if (search.best.actions.length > 0) await search.tries(edited(search.best, { actions: [] }));
};

/** The most frequent kind of action makes runs long, and background load is mostly of one kind. */
const dropMostActions: Step = async (search) => {
  const kinds = [...Map.groupBy(search.best.actions, ({ kind }) => kind)].sort(([, a], [, b]) => b.length - a.length);
  const [most] = kinds[0] ?? [];
  const actions = search.best.actions.filter(({ kind }) => kind !== most);
  if (kinds.length > 1) await search.tries(edited(search.best, { actions }));
};

/** Actions of one kind, node or job are often needed together or not at all; then they are removed one by one. */
const dropActions: Step = async (search) => {
  for (const groupOf of groupings) {
    await takeOut(
      search,
      () => [...Map.groupBy(search.best.actions, groupOf).values()],
      (groups) => edited(search.best, { actions: inOrder(search.best.actions, groups.flat()) }),
    );
  }
  await takeOut(
    search,
    () => search.best.actions,
    (actions) => edited(search.best, { actions }),
  );
};

function inOrder(all: readonly Action[], remaining: readonly Action[]): readonly Action[] {
  const kept = new Set(remaining);
  return all.filter((action) => kept.has(action));
}

const groupings: readonly ((action: Action) => string)[] = [
  ({ kind }) => kind,
  (action) => ("node" in action ? `node ${action.node}` : ""),
  (action) => ("job" in action ? `job ${action.job}` : ""),
];

const dropInstances: Step = async (search) => {
  for (let gone = search.best.scenario.topology.instances - 1; gone >= 0; gone -= 1) {
    if (await search.tries(withoutInstance(search.best, gone, null))) continue;
    await search.tries(withoutInstance(search.best, gone, gone === 0 ? 1 : 0));
  }
};

/** More than this, and their registrations are most of what a run takes. Not fewer yet: what fails with two nodes may take more actions than with some. */
const manyNodes = 16;
const dropManyNodes: Step = (search) => dropNodesTo(search, manyNodes);

async function dropNodesTo(search: Search, least: number): Promise<void> {
  for (let nodes = least; nodes < search.best.scenario.topology.nodes; nodes *= 2) {
    if (await search.tries(withNodes(search.best, nodes))) break;
  }
}

const dropNodes: Step = async (search) => {
  await dropNodesTo(search, 1);
  const { topology } = search.best.scenario;
  if (topology.nodes > 1) await search.tries(withNodes(search.best, topology.nodes - 1));
  for (const part of ["partitions", "maxJobsPerNode"] as const) {
    for (let count = 1; count < search.best.scenario.topology[part]; count += 1) {
      if (await search.tries(edited(search.best, { topology: { [part]: count } }))) break;
    }
  }
};

/** One pool, pair and service each, where those do. */
const dropNames: Step = async (search) => {
  const wide = (["pools", "languages", "services"] as const).filter((part) => search.best.scenario.topology[part] > 1);
  const narrowed = Object.fromEntries(wide.map((part) => [part, 1]));
  if (wide.length === 0 || (await search.tries(edited(search.best, { topology: narrowed })))) return;
  for (const part of wide) await search.tries(edited(search.best, { topology: { [part]: 1 } }));
};

/** Sets settings to their defaults, all of them or one after the other. */
const dropSettings: Step = async (search) => {
  if (Object.keys(search.best.scenario.settings).length === 0) return;
  if (await search.tries(edited(search.best, { settings: {} }))) return;
  for (const name of Object.keys(search.best.scenario.settings)) {
    const { [name]: _, ...settings } = search.best.scenario.settings;
    await search.tries(edited(search.best, { settings }));
  }
};

const makeFaultsPlainer: Step = async (search) => {
  for (let place = 0; place < search.best.faults.length; place += 1) {
    const replace = (fault: Fault): Promise<boolean> =>
      search.tries(edited(search.best, { faults: search.best.faults.with(place, fault) }));
    const now = (): Fault | undefined => search.best.faults[place];
    const { instances: count } = search.best.scenario.topology;
    for (let instance = 0; instance < count && count > 1; instance += 1) {
      const fault = now();
      if (fault === undefined || !mayName(fault) || fault.instances?.length === 1) break;
      if (await replace({ ...fault, instances: [instance] })) break;
    }
    for (const link of ["commands", "feed"] as const) {
      const fault = now();
      if (fault !== undefined && "link" in fault && fault.link === "both") await replace({ ...fault, link });
    }
    for (let turn = 0; turn < 6; turn += 1) {
      const fault = now();
      if (fault === undefined || !("lasts" in fault) || fault.lasts <= 2) break;
      if (!(await replace({ ...fault, lasts: Math.ceil(fault.lasts / 2) }))) break;
    }
  }
};

/** Whether it affects all instances and may be restricted to one. */
function mayName(fault: Fault): fault is Extract<Fault, { instances?: unknown }> {
  if (isOfTwoPrimaries(fault) || fault.kind === "client_kill") return false;
  return "link" in fault || "script" in fault || fault.kind === "wake_up_dropped" || fault.kind.startsWith("instance_");
}

const shortest: Millis = 1;
const fractions = [0, 0.1, 0.5] as const;

/** Shortens the time between two events, and before the end. */
const waitLess: Step = async (search) => {
  for (let place = pointsOf(search).length - 2; place >= 0; place -= 1) {
    for (const fraction of fractions) {
      const points = pointsOf(search);
      const [from = 0, to = 0] = [points[place], points[place + 1]];
      const gap = to - from;
      const remaining = Math.max(shortest, gap * fraction);
      if (gap - remaining < shortest) break;
      const move = (at: Millis): Millis => (at <= from ? at : at >= to ? at - gap + remaining : from + remaining);
      if (await search.tries(moved(search.best, move))) break;
    }
  }
};

function pointsOf({ best }: Search): readonly Millis[] {
  const times = [0, ...best.actions.map(({ at }) => at), ...best.faults.flatMap((fault) => [fault.at, endOf(fault)])];
  return [...new Set([...times, best.scenario.duration])].sort((a, b) => a - b);
}

/** Rounds times to whole milliseconds. */
const roundTimes: Step = async (search) => {
  const isWhole = pointsOf(search).every(Number.isInteger);
  if (!isWhole) await search.tries(moved(search.best, Math.ceil));
};

export const shrinkSteps: readonly Step[] = [
  dropAllActions,
  dropMostActions,
  dropManyNodes,
  endSooner,
  beginLater,
  makePlain,
  makePlainInPart,
  dropFaults,
  dropInstances,
  dropActions,
  dropNodes,
  waitLess,
  dropInstances,
  dropNodes,
  dropNames,
  dropSettings,
  makeFaultsPlainer,
  roundTimes,
];
