/**
 * A plan with a few changes from a moment on: faults and actions added, removed, moved or repeated. Up to that moment it stays as it was.
 *
 * Only plans result that a seed may draw too: faults of the kinds, lengths and distances that the scenario's nemesis allows, never two at a time, and
 * declared faults as declared. So a judge needs no exception for them.
 */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { endOf, type Fault, type FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { drawFault } from "../../load/plan/nemesis.ts";
import type { Action } from "../../load/plan/plan.ts";
import { between, chance, integerBetween, pick, pickWeighted } from "../../load/plan/random.ts";
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";
import type { Plan } from "./plan.ts";
import { subjectOf } from "./redrawn.ts";

type Nemesis = NonNullable<Scenario["nemesis"]>;

interface Change {
  readonly declared: Scenario;
  readonly from: Millis;
  readonly random: Random;
}

/** @returns null where it cannot be made */
type Changing = (plan: Plan, change: Change) => Plan | null;

const mostChanges = 4;
/** How often a place for a fault is looked for. */
const mostPlaces = 8;

export function changed(plan: Plan, declared: Scenario, at: { readonly from: Millis; readonly seed: number }): Plan {
  const random = seededRandom(at.seed)("changes");
  const change = { declared, from: at.from, random };
  const ways = declared.nemesis === undefined ? ofActions : [...ofFaults, ...ofActions];
  let best = chance(random, shareOfFilled) ? (fillPauses(plan, change) ?? plan) : plan;
  for (let left = integerBetween(random, [1, mostChanges]); left > 0; left -= 1)
    best = pick(random, ways)(best, change) ?? best;
  return best;
}

const addFault: Changing = (plan, change) => addFaultOf(plan, change, () => true);

function addFaultOf(
  plan: Plan,
  { declared: { nemesis }, random, ...change }: Change,
  isWanted: (kind: FaultKind) => boolean,
): Plan | null {
  if (nemesis === undefined) return null;
  const kinds = (Object.entries(nemesis.weights) as [FaultKind, number][])
    .filter(([kind]) => isWanted(kind))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (kinds.length === 0) return null;
  const lasts = Math.round(between(random, nemesis.lasts));
  const drawn = drawFault(pickWeighted(random, kinds), { at: 0, lasts }, plan.scenario.topology, random);
  return placed(plan, plan.faults, drawn, { ...change, nemesis, random });
}

/** The same fault once more, which may have been before the moment: some states need several of a kind. */
const repeatFault: Changing = (plan, { declared: { faults, nemesis }, random, ...change }) => {
  const drawn = plan.faults.filter((fault) => !faults.includes(fault));
  if (nemesis === undefined || drawn.length === 0) return null;
  return placed(plan, plan.faults, pick(random, drawn), { ...change, nemesis, random });
};

/** Every pause after the moment that is long enough gets a fault of the kinds that the seed has drawn: that few kinds come often reaches what all cannot. */
const fillPauses: Changing = (plan, change) => {
  const kinds = new Set(plan.faults.map(({ kind }) => kind));
  let best: Plan | null = null;
  for (let [added, misses] = [0, 0]; misses < mostMisses && added < mostAdded; ) {
    const next = addFaultOf(best ?? plan, change, (kind) => kinds.has(kind));
    if (next === null) misses += 1;
    else [best, added] = [next, added + 1];
  }
  return best;
};

const moveFault: Changing = (plan, { declared: { faults, nemesis }, random, ...change }) => {
  const free = plan.faults.filter((fault) => fault.at > change.from && !faults.includes(fault));
  if (nemesis === undefined || free.length === 0) return null;
  const fault = pick(random, free);
  const others = plan.faults.filter((other) => other !== fault);
  return placed(plan, others, fault, { ...change, nemesis, random });
};

const removeFault: Changing = (plan, { declared: { faults }, from, random }) => {
  const free = plan.faults.filter((fault) => fault.at > from && !faults.includes(fault));
  if (free.length === 0) return null;
  const gone = pick(random, free);
  return withFaults(
    plan,
    plan.faults.filter((fault) => fault !== gone),
  );
};

const ofFaults: readonly Changing[] = [addFault, repeatFault, moveFault, removeFault];
/** Most changed plans get as many faults as fit: what takes several of them then takes fewer runs. */
const shareOfFilled = 0.85;
/** Faults in a row for which no place was found, and faults that were added. */
const mostMisses = 3;
const mostAdded = 20;

/** Soon after the moment in half of the tries, anywhere after it in the others. */
function placed(
  plan: Plan,
  others: readonly Fault[],
  fault: Fault,
  { from, nemesis, random }: { readonly from: Millis; readonly nemesis: Nemesis; readonly random: Random },
): Plan | null {
  const { pause, until } = nemesis;
  const lasts = endOf(fault) - fault.at;
  for (let left = mostPlaces; left > 0; left -= 1) {
    const last = chance(random, 0.5) ? from + pause[1] : until;
    const at = Math.ceil(between(random, [from, Math.max(from, last)])) + 1;
    const moved: Fault = { ...fault, at };
    const isFree = others.every((other) => other.at >= at + lasts + pause[0] || endOf(other) + pause[0] <= at);
    if (isFree && endOf(moved) <= until) return withFaults(plan, [...others, moved]);
  }
  return null;
}

function withFaults(plan: Plan, unsorted: readonly Fault[]): Plan {
  const faults = unsorted.toSorted((a, b) => a.at - b.at);
  return { ...plan, scenario: { ...plan.scenario, faults }, faults };
}

/** They stand alone: nothing else in the plan depends on them. */
const alone: ReadonlySet<Action["kind"]> = new Set<Action["kind"]>([
  ...(["read", "read_missing", "read_each", "select", "put_config"] as const),
  ...(["heartbeat", "late_heartbeat", "late_goodbye", "repeat_heartbeat", "bad_heartbeat"] as const),
]);

const repeatAction: Changing = (plan, { from, random }) => {
  const { duration } = plan.scenario;
  const some = plan.actions.filter(({ kind }) => alone.has(kind));
  if (some.length === 0 || from + 1 >= duration) return null;
  const at = between(random, [from + 1, duration]);
  return withActions(plan, [...plan.actions, { ...pick(random, some), at }]);
};

/** A job, an absence or an impostor begins earlier or later, with all that belongs to it. */
const moveSubject: Changing = (plan, { from, random }) => {
  const subject = subjectAfter(plan, from, random);
  if (subject === null) return null;
  const own = plan.actions.filter((action) => subjectOf(action) === subject);
  const [first, last] = [Math.min(...own.map(({ at }) => at)), Math.max(...own.map(({ at }) => at))];
  const by = between(random, [from + 1, Math.max(from + 1, plan.scenario.duration - (last - first))]) - first;
  const moved = plan.actions.map((action) =>
    subjectOf(action) === subject ? { ...action, at: action.at + by } : action,
  );
  return moved.every(({ at }) => at < plan.scenario.duration) ? withActions(plan, moved) : null;
};

const removeSubject: Changing = (plan, { from, random }) => {
  const subject = subjectAfter(plan, from, random);
  if (subject === null) return null;
  return withActions(
    plan,
    plan.actions.filter((action) => subjectOf(action) !== subject),
  );
};

const ofActions: readonly Changing[] = [repeatAction, moveSubject, removeSubject];

/** Draws one of the subjects that begin after the moment; null: there is none. */
function subjectAfter({ actions }: Plan, from: Millis, random: Random): string | null {
  const begun = new Set(actions.flatMap((action) => (action.at <= from ? (subjectOf(action) ?? []) : [])));
  const later = new Set(actions.flatMap((action) => subjectOf(action) ?? []));
  const free = [...later].filter((subject) => !begun.has(subject));
  return free.length === 0 ? null : pick(random, free);
}

function withActions(plan: Plan, actions: readonly Action[]): Plan {
  return { ...plan, actions: actions.toSorted((a, b) => a.at - b.at) };
}
