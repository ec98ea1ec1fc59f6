/** The constraints that each answer puts on a node before and after its call: docs/sut-protocol.md, by the rules of docs/protocol.md, section 4. */
import type { NodeInput, NodeOutput, Shown } from "./calls.ts";
import {
  type Held,
  incarnationsOf,
  isRecord,
  leaseEnded,
  type NodeState,
  placeOf,
  standingOf,
  unknownJob,
  withHeld,
  withoutPlaces,
} from "./state.ts";
import type { NodeFacts } from "./terms.ts";

type InputOf<Op extends NodeInput["op"]> = Extract<NodeInput, { op: Op }>;

/** The answer of a call that took effect and was not seen to be answered. */
function effectOf(input: Exclude<NodeInput, { op: "get_node" }>): NodeOutput {
  switch (input.op) {
    case "register_node":
      return { outcome: "registered", incarnation: null };
    case "heartbeat":
      return { outcome: "renewed" };
    case "offline_node":
      return { outcome: "offline" };
    case "reserve_job":
      return { outcome: "reserved" };
    case "complete_job":
    case "release_job":
      return { outcome: "completed" };
  }
}

/**
 * The state after a call with this answer; null: it was not given in this state. Of a state that is not wholly known, what the answer shows is added.
 * @param until the call has taken effect by then
 */
export function afterAnswer(facts: NodeFacts, state: NodeState, said: Said, until: number): NodeState | null {
  const { input, output } = said;
  switch (input.op) {
    case "register_node":
      return register(facts, state, input, output);
    case "heartbeat":
      return heartbeat(facts, state, input, output);
    case "offline_node":
      return offline(facts, state, input, output);
    case "reserve_job":
      return reserve(facts, state, { input, output }, until);
    case "complete_job":
      return complete(state, input, output);
    case "release_job":
      return release(state, input.job, output);
    case "get_node":
      return show(facts, state, output);
  }
}

/** The state after a call that was not answered, if it has had an effect; else the same state. */
export function afterNoAnswer(facts: NodeFacts, state: NodeState, input: NodeInput, until: number): NodeState {
  if (input.op === "get_node") return state;
  if (input.op === "complete_job" && placeOf(state.held, input.job) === -1) {
    const held = standingOf(state, input.job) === "open" ? withOther(state, input.job) : null;
    return held === null ? state : (complete(held, input, { outcome: "completed" }) ?? state);
  }
  return afterAnswer(facts, state, { input, output: effectOf(input) }, until) ?? state;
}

interface Said {
  readonly input: NodeInput;
  readonly output: NodeOutput;
}

function register(
  facts: NodeFacts,
  state: NodeState,
  input: InputOf<"register_node">,
  output: NodeOutput,
): NodeState | null {
  const { incarnation = null, outcome } = output;
  if (outcome === "already" || outcome === "superseded") {
    if ((state.status === "online") !== (outcome === "already") || incarnation === null) return null;
    const same = withToken(state, input.token);
    return same && withIncarnation(facts, same, incarnation);
  }
  const other = withoutToken(state, input.token);
  if (other === null) return null;
  if (outcome === "conflict") return conflict(facts, other, input.expected, incarnation);
  const old = replaced(facts, other, input.expected);
  if (old === null) return null;
  // An incarnation never returns.
  if (incarnation !== null && (facts.given.get(incarnation) ?? 0) > 1) return null;
  return {
    ...withoutPlaces(old),
    ...{ status: "online", incarnation, notIncarnations: [], token: input.token, notTokens: [] },
    formerIncarnations: incarnationsOf(old, facts.given),
    ...{ isReplaced: old.isReplaced || isRecord(old), seq: -1, leastSeq: 0, capacity: input.capacity },
    due: input.at + facts.terms.ttl,
  };
}

/** The state that a registration may replace, with what it shows of it. */
function replaced(facts: NodeFacts, state: NodeState, expected: string | null | undefined): NodeState | null {
  if (expected === undefined) return state;
  if (expected !== null) return withIncarnation(facts, state, expected);
  return isRecord(state) ? null : state;
}

/** It names what is stored, which is not what was to be replaced. */
function conflict(
  facts: NodeFacts,
  state: NodeState,
  expected: string | null | undefined,
  stored: string | null,
): NodeState | null {
  if (expected === stored) return null;
  if (stored === null) return state.status === "none" ? state : null;
  return withIncarnation(facts, state, stored);
}

function heartbeat(
  facts: NodeFacts,
  state: NodeState,
  input: InputOf<"heartbeat">,
  output: NodeOutput,
): NodeState | null {
  const { outcome } = output;
  if (outcome === "unknown_node") return state.status === "none" ? state : null;
  if (outcome === "superseded") return withoutIncarnation(facts, state, input.incarnation);
  const own = withIncarnation(facts, state, input.incarnation);
  if (own === null || (own.status === "online") !== (outcome !== "not_online")) return null;
  if (outcome === "not_online") return own;
  const { seq } = input;
  const [least, most] = own.seq === null ? [own.leastSeq, Number.POSITIVE_INFINITY] : [own.seq, own.seq];
  if (outcome === "already") return seq < least || seq > most ? null : own.seq === null ? { ...own, seq } : own;
  if (outcome === "stale") {
    if (seq >= most) return null;
    return own.seq === null ? { ...own, leastSeq: Math.max(least, seq + 1) } : own;
  }
  if (seq <= least) return null;
  const { lease, ttl } = facts.terms;
  const held = own.held.map((one) => renewed(one, input.running, input.at + lease));
  return { ...own, seq, due: input.at + ttl, held };
}

function renewed(one: Held, running: readonly number[], due: number): Held {
  return one.due < due && running.includes(one.job) ? { job: one.job, due } : one;
}

function offline(
  facts: NodeFacts,
  state: NodeState,
  input: InputOf<"offline_node">,
  output: NodeOutput,
): NodeState | null {
  const { incarnation } = input;
  const { outcome } = output;
  if (outcome === "unknown_node") return state.status === "none" ? state : null;
  if (outcome === "superseded") {
    if (incarnation !== null) return withoutIncarnation(facts, state, incarnation);
    return isRecord(state) && state.isReplaced ? state : null;
  }
  const own = incarnation === null ? state : withIncarnation(facts, state, incarnation);
  if (own === null || !isRecord(own) || (own.status === "online") !== (outcome === "offline")) return null;
  if (outcome === "already") return own;
  return { ...withoutPlaces(own), status: "offline", due: input.at + facts.terms.retention };
}

function reserve(
  facts: NodeFacts,
  state: NodeState,
  { input, output }: { readonly input: InputOf<"reserve_job">; readonly output: NodeOutput },
  until: number,
): NodeState | null {
  const { at, job, lease } = input;
  const standing = standingOf(state, job);
  switch (output.outcome) {
    case "already":
      if (standing === "held") return state;
      return standing === "open" ? withOther(state, job) : null;
    case "finished":
      return isRecord(state) ? asFinished(state, job) : null;
    case "finished_unknown":
      return isRecord(state) && mayHaveForgotten(facts, state, until) ? asAbsent(state, job) : null;
    case "not_online":
      return state.status === "online" ? null : asAbsent(state, job);
    case "full":
      return state.status === "online" && isFull(state) ? asAbsent(state, job) : null;
    default: {
      if (state.status !== "online" || standing === "held" || standing === "finished" || !hasRoom(state)) return null;
      const held = withHeld(state.held, { job, due: at + (lease ?? facts.terms.lease) });
      return withRoom({ ...state, held, marks: state.marks.with(job, undefined) }, roomOf(state, held.length));
    }
  }
}

function hasRoom({ capacity, held }: NodeState): boolean {
  return capacity === null || held.length < capacity;
}

/** It can be that all places are taken, those of others included. */
function isFull({ capacity, held, others, room }: NodeState): boolean {
  return others > 0 ? room <= held.length : capacity !== null && held.length >= capacity;
}

function withRoom(state: NodeState, room: number): NodeState {
  if (state.capacity !== null) return { ...state, room };
  return { ...state, room, leastAtFirst: Math.max(state.leastAtFirst, room) };
}

function roomOf({ others, room }: NodeState, least: number): number {
  return others > 0 ? Math.max(room, least) : room;
}

/** Whether some job that was finished may be remembered no more. */
function mayHaveForgotten(
  { terms }: NodeFacts,
  { finished, firstFinished, isOpen }: NodeState,
  until: number,
): boolean {
  return isOpen || firstFinished + terms.doneFor <= until || finished > terms.doneMax;
}

function complete(state: NodeState, { at, job }: InputOf<"complete_job">, output: NodeOutput): NodeState | null {
  if (output.outcome === "unknown") return asAbsent(state, job);
  if (placeOf(state.held, job) === -1) return asFinished(state, job);
  const order = state.finished + 1;
  const marks = state.marks.with(job, { at, order });
  const held = state.held.filter((one) => one.job !== job);
  return { ...state, held, marks, finished: order, firstFinished: Math.min(state.firstFinished, at) };
}

function release(state: NodeState, job: number, output: NodeOutput): NodeState | null {
  const standing = standingOf(state, job);
  if (output.outcome === "unknown") {
    if (standing === "held") return null;
    return standing === "open" ? { ...state, marks: state.marks.with(job, "idle") } : state;
  }
  if (standing === "held") return leaseEnded(state, job);
  const held = standing === "open" ? withOther(state, job) : null;
  return held && leaseEnded(held, job);
}

function show(facts: NodeFacts, state: NodeState, { outcome, shown = {} }: NodeOutput): NodeState | null {
  if (outcome === "missing") return state.status === "none" ? state : null;
  if (!isRecord(state) || (shown.status !== undefined && shown.status !== state.status)) return null;
  const own = shown.incarnation === undefined ? state : withIncarnation(facts, state, shown.incarnation);
  return own && withPlaces(own, shown.places);
}

function withPlaces(state: NodeState, places: Shown["places"]): NodeState | null {
  if (places === undefined) return state;
  const { capacity, taken } = places;
  if (state.capacity === null && (capacity < state.leastAtFirst || capacity > state.mostAtFirst)) return null;
  if (state.capacity !== null && state.capacity !== capacity) return null;
  const others = taken - state.held.length;
  if (others < 0 || others > state.others || taken > capacity || capacity - others < state.room) return null;
  if (state.others === 0 && state.capacity !== null) return state;
  const known = { ...state, capacity, others, room: others > 0 ? capacity - others : 0 };
  return state.capacity === null ? { ...known, leastAtFirst: capacity, mostAtFirst: capacity } : known;
}

/** The job turns out to have had a place when the history began; it may lapse at any time. */
function withOther(state: NodeState, job: number): NodeState | null {
  const held = withHeld(state.held, { job, due: Number.NEGATIVE_INFINITY });
  const room = state.room + 1;
  if (state.capacity !== null && (room > state.capacity || held.length > state.capacity)) return null;
  return withRoom({ ...state, held, others: state.others - 1, marks: state.marks.with(job, undefined) }, room);
}

/** The job turns out to have no place, and not to be remembered as finished. */
function asAbsent(state: NodeState, job: number): NodeState | null {
  const standing = standingOf(state, job);
  if (standing === "held" || standing === "finished") return null;
  return standing === "absent" ? state : unknownJob(state, job);
}

/** The job turns out to be remembered as finished. If it was remembered before the history began, it may be forgotten at any time. */
function asFinished(state: NodeState, job: number): NodeState | null {
  const standing = standingOf(state, job);
  if (standing === "held" || standing === "absent") return null;
  if (standing === "finished") return state;
  const long = Number.NEGATIVE_INFINITY;
  return { ...state, marks: state.marks.with(job, { at: long, order: long }), finished: state.finished + 1 };
}

function withToken(state: NodeState, token: string | null): NodeState | null {
  if (!isRecord(state) || token === null) return null;
  if (state.token !== undefined) return state.token === token ? state : null;
  return state.notTokens.includes(token) ? null : { ...state, token, notTokens: [] };
}

function withoutToken(state: NodeState, token: string | null): NodeState | null {
  if (!isRecord(state) || token === null) return state;
  if (state.token !== undefined) return state.token === token ? null : state;
  return state.notTokens.includes(token) ? state : { ...state, notTokens: [...state.notTokens, token] };
}

/** An incarnation that is not known may be any that no answer `registered` gives to another. */
function withIncarnation({ given }: NodeFacts, state: NodeState, incarnation: string): NodeState | null {
  if (!isRecord(state)) return null;
  if (state.incarnation !== null) return state.incarnation === incarnation ? state : null;
  if (given.has(incarnation) || isExcluded(state, incarnation)) return null;
  return { ...state, incarnation, notIncarnations: [] };
}

function isExcluded({ formerIncarnations, notIncarnations }: NodeState, incarnation: string): boolean {
  return notIncarnations.includes(incarnation) || formerIncarnations.includes(incarnation);
}

function withoutIncarnation({ given }: NodeFacts, state: NodeState, incarnation: string): NodeState | null {
  if (!isRecord(state)) return null;
  if (state.incarnation !== null) return state.incarnation === incarnation ? null : state;
  if (given.has(incarnation) || isExcluded(state, incarnation)) return state;
  return { ...state, notIncarnations: [...state.notIncarnations, incarnation] };
}
