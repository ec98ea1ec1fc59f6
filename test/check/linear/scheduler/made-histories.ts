/** Small histories of one node: what it did, as clients saw it; about half of them are spoilt in one place. */
import fc from "fast-check";
import type { NodeInput, NodeOp, NodeOutput } from "../../../../src/check/linear/scheduler/calls.ts";
import { nodeOps, outcomesOf } from "../../../../src/check/linear/scheduler/calls.ts";
import type { Loss, NodeFacts, NodeTerms } from "../../../../src/check/linear/scheduler/terms.ts";
import { emptyWorld, ownChanges, possibleAnswers, type Setting, type World } from "./concrete-node.ts";
import type { NodeCall } from "./oracle.ts";

export interface MadeNode {
  readonly facts: NodeFacts;
  readonly history: readonly NodeCall[];
  readonly isSpoilt: boolean;
}

/** Short, so that everything comes due within a history. */
const terms: NodeTerms = { ttl: 18, lease: 12, doneFor: 14, doneMax: 2, retention: 9 };
const jobs = ["a", "b", "c"];

const planned = fc.record({
  op: fc.constantFrom<NodeOp>(...nodeOps, "reserve_job", "reserve_job", "complete_job", "heartbeat"),
  job: fc.nat(2),
  call: fc.nat(40),
  lasts: fc.nat(6),
  /** When it takes effect, in hundredths of the time that it lasts; twice as late where it is not answered. */
  effect: fc.nat(100),
  fate: fc.constantFrom("answered", "answered", "answered", "answered", "unanswered", "lost", "failed"),
  token: fc.constantFrom(null, "t1", "t2"),
  expected: fc.constantFrom("any", "any", "none", "known"),
  capacity: fc.integer({ min: 1, max: 2 }),
  seq: fc.nat(3),
  running: fc.subarray([0, 1, 2]),
  names: fc.constantFrom("right", "right", "right", "right", "old", "ghost"),
  /** Random picks among the answers and changes that are possible. */
  picks: fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
});
type Planned = typeof planned extends fc.Arbitrary<infer Value> ? Value : never;

const damage = fc.record({
  how: fc.constantFrom("outcome", "outcome", "outcome", "moved", "denied", "dropped", "incarnation", "places"),
  which: fc.nat(7),
  by: fc.integer({ min: 1, max: 20 }),
});
type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

const loss = fc
  .record({ from: fc.integer({ min: 5, max: 30 }), lasts: fc.nat(8), back: fc.option(fc.nat(20)) })
  .map(({ back, from, lasts }): Loss => {
    return { from, until: from + lasts, since: back === null ? null : from - back };
  });

/** One in five times. */
const seldom = <Value>(some: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: some });

/** At most `most` calls. @param mixes each has losses and begins in the middle, which takes the oracle long; else none has both */
export function madeNodes(most: number, mixes = false): fc.Arbitrary<MadeNode> {
  const first: fc.Arbitrary<Partial<Planned>> = fc.record({
    call: fc.nat(3),
    capacity: fc.integer({ min: 1, max: 2 }),
  });
  return fc
    .record({
      plan: fc.array(planned, { minLength: 5, maxLength: most - 1 }),
      first,
      skipsFirst: fc.nat(5).map((draw) => draw === 0),
      damages: mixes
        ? fc.array(damage, { maxLength: 5 })
        : fc.option(fc.array(damage, { minLength: 1, maxLength: 4 }), { freq: 3 }).map((some) => some ?? []),
      losses: mixes
        ? fc.array(loss, { minLength: 1, maxLength: 2 })
        : seldom(loss).map((one) => (one === null ? [] : [one])),
      cut: mixes ? fc.nat(20) : seldom(fc.nat(20)),
    })
    .map(({ cut: at, damages, first: start, losses: drawn, plan, skipsFirst }) => {
      const losses = mixes ? drawn.map((one) => sinceTheBeginning(one, at ?? 0)) : drawn;
      const cut = mixes || losses.length === 0 ? at : null;
      const calls = mixes ? plan.map(ofOneJob) : plan;
      const all = (skipsFirst ? calls : [{ ...registration, ...start }, ...calls]).slice(
        0,
        mixes ? most : most - 2 * losses.length,
      );
      const played = play(all, losses);
      const spoilt = damages.reduce(spoil, played);
      // Those that had returned by then are not in it.
      const history = spoilt.filter(({ returned }) => cut === null || returned >= cut);
      return {
        facts: factsFor(history, { terms, losses, isOpen: cut !== null, jobs }),
        history,
        isSpoilt: damages.length > 0,
      };
    });
}

/** The oracle tries fewer beginnings. */
function ofOneJob(one: Planned): Planned {
  return { ...one, job: 0, running: one.running.filter((job) => job === 0), seq: one.seq % 2 };
}

/** Limits a loss to states since the beginning: the oracle does not know earlier ones. */
function sinceTheBeginning(one: Loss, beginsAt: number): Loss {
  const since = one.since === null ? null : Math.max(one.since, beginsAt);
  return { ...one, since, until: Math.max(one.until, since ?? one.until) };
}

const registration: Planned = {
  ...{ op: "register_node", job: 0, call: 0, lasts: 2, effect: 50, fate: "answered", token: "t1", expected: "any" },
  ...{ capacity: 1, seq: 0, running: [], names: "right", picks: [0, 0, 0, 0] },
};

export function factsFor(
  history: readonly NodeCall[],
  given: Pick<NodeFacts, "terms" | "losses" | "isOpen" | "jobs">,
): NodeFacts {
  const names = new Map<string, number>();
  for (const { output } of history) {
    if (output?.outcome !== "registered" || typeof output.incarnation !== "string") continue;
    names.set(output.incarnation, (names.get(output.incarnation) ?? 0) + 1);
  }
  const isUnnamed = ({ input, outcome }: NodeCall): boolean => input.op === "register_node" && outcome === "info";
  const beginsAt = Math.min(...history.map(({ call }) => call));
  const answersFrom = Math.min(...history.map(({ returned }) => returned));
  return { ...given, beginsAt, answersFrom, given: names, hasUnnamed: given.isOpen || history.some(isUnnamed) };
}

function play(plan: readonly Planned[], losses: readonly Loss[]): readonly NodeCall[] {
  const setting: Setting = { terms, losses, given: [], mentioned: [] };
  let world: World = emptyWorld;
  const calls = new Map<number, NodeCall>();
  for (const [index, one] of inOrderOfEffect(plan)) {
    const now = effectOf(one);
    for (const pick of one.picks.slice(1)) {
      const changes = ownChanges(setting, world, now);
      world = (pick < 3 ? changes[pick % Math.max(1, changes.length)] : undefined) ?? world;
    }
    const input = inputOf(one, world);
    const base = { id: index + 1, input, call: one.call, returned: Number.POSITIVE_INFINITY, output: null };
    if (one.fate === "failed" || one.fate === "lost") {
      calls.set(index, { ...base, outcome: one.fate === "failed" ? "fail" : "info" });
      continue;
    }
    const possible = possibleAnswers(setting, world, input, now);
    const taken = possible[(one.picks[0] ?? 0) % possible.length];
    if (taken === undefined) throw new Error("no answer is possible");
    world = taken.world;
    const returned = one.call + one.lasts;
    calls.set(
      index,
      one.fate === "unanswered"
        ? { ...base, outcome: "info" }
        : { ...base, returned, outcome: "ok", output: withoutSome(taken.output, one) },
    );
  }
  return plan.flatMap((_, index) => {
    const call = calls.get(index);
    // Without an answer it claims nothing.
    return call === undefined || (call.input.op === "get_node" && call.outcome !== "ok") ? [] : [call];
  });
}

function effectOf({ call, effect, fate, lasts }: Planned): number {
  return call + (lasts * effect * (fate === "unanswered" ? 2 : 1)) / 100;
}

function inOrderOfEffect(plan: readonly Planned[]): readonly (readonly [number, Planned])[] {
  return [...plan.entries()].sort(([, a], [, b]) => effectOf(a) - effectOf(b));
}

/** Returns the request of a client that knows the node. */
function inputOf(one: Planned, { names, record }: World): NodeInput {
  const { call: at, job, op } = one;
  const right = record?.name ?? "ghost";
  const incarnation = one.names === "right" ? right : one.names === "old" ? (names.at(-2) ?? "ghost") : "ghost";
  switch (op) {
    case "register_node": {
      const asked = one.expected === "none" ? { expected: null } : { expected: record?.name ?? null };
      return { op, at, token: one.token, capacity: one.capacity, ...(one.expected === "any" ? {} : asked) };
    }
    case "heartbeat":
      return { op, at, incarnation, seq: one.seq, running: one.running };
    case "offline_node":
      return { op, at, incarnation: one.token === null ? null : incarnation };
    case "reserve_job":
      return { op, at, job, lease: one.token === null ? null : 6 };
    case "get_node":
      return { op, at };
    default:
      return { op, at, job };
  }
}

/** Answers of get_node need not say everything. */
function withoutSome(output: NodeOutput, { seq, token }: Planned): NodeOutput {
  if (output.shown === undefined) return output;
  const { incarnation, places, status } = output.shown;
  const shown = {
    ...(token === null || incarnation === undefined ? {} : { incarnation }),
    ...(seq === 0 || places === undefined ? {} : { places }),
    ...(seq === 1 || status === undefined ? {} : { status }),
  };
  return { ...output, shown };
}

function spoil(history: readonly NodeCall[], damage: Damage): readonly NodeCall[] {
  const at = damage.which % Math.max(1, history.length);
  return history.flatMap((call, index) => (index === at ? spoiled(call, damage) : [call]));
}

function spoiled(call: NodeCall, { by, how }: Damage): readonly NodeCall[] {
  const { output } = call;
  switch (how) {
    case "dropped":
      return [];
    case "denied":
      return [{ ...call, returned: Number.POSITIVE_INFINITY, outcome: "fail", output: null }];
    case "moved":
      return [
        { ...call, call: call.call + by, returned: call.returned + by, input: { ...call.input, at: call.call + by } },
      ];
    case "incarnation":
      return [
        typeof output?.incarnation === "string" ? { ...call, output: { ...output, incarnation: "ghost" } } : call,
      ];
    case "places": {
      const places = output?.shown?.places;
      if (output === null || places === undefined) return [call];
      const shown = { ...output.shown, places: { ...places, taken: (places.taken + by) % 3 } };
      return [{ ...call, output: { ...output, shown } }];
    }
    case "outcome":
      return [output === null ? call : { ...call, output: otherOutcome(call.input.op, output, by) }];
  }
}

function otherOutcome(op: NodeOp, output: NodeOutput, by: number): NodeOutput {
  const outcomes = outcomesOf[op].filter((outcome) => outcome !== output.outcome);
  const outcome = outcomes[by % outcomes.length] ?? output.outcome;
  if (op === "register_node")
    return { outcome, incarnation: output.incarnation ?? (outcome === "conflict" ? null : "ghost") };
  return op === "get_node" && outcome === "shown" ? { outcome, shown: {} } : { outcome };
}
