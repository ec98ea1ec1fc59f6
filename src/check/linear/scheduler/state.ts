/** The possible states of one node. States are values: never changed, only replaced. */
import type { Version } from "../../history.ts";
import type { Marks } from "./marks.ts";
import type { NodeFacts } from "./terms.ts";

/** A job with a place. */
export interface Held {
  readonly job: number;
  /** It may lapse from then on; -Infinity: at any time. */
  readonly due: number;
}

/** A state that the node was in, for a store that goes back to it. */
export interface FormerState {
  readonly state: NodeState;
  /** The latest time at which it may have been left. */
  readonly until: number;
  readonly before: FormerState | null;
}

/** A node's facts, with the state of one that the store does not know. */
export type KnownNode = NodeFacts & { readonly none: NodeState };

export interface NodeState {
  /** `open`: the history begins in the middle, and nothing is known yet; `none`: the store has no such node. */
  readonly status: "open" | "none" | "online" | "offline" | "expired";
  /** null: it has one, which is not known. */
  readonly incarnation: string | null;
  /** Those that it is not, while it is not known. */
  readonly notIncarnations: readonly string[];
  /** Those before it that no answer `registered` names: none returns. */
  readonly formerIncarnations: readonly string[];
  /** The registration that began the incarnation; null: it gave no token; undefined: it is not known. */
  readonly token: string | null | undefined;
  readonly notTokens: readonly string[];
  /** Another incarnation was there before. */
  readonly isReplaced: boolean;
  /** The last heartbeat that was taken, -1 before the first; null: it is not known. */
  readonly seq: number | null;
  /** The least that it can be while it is not known. */
  readonly leastSeq: number;
  /** null: it is not known. */
  readonly capacity: number | null;
  /** In the order of their numbers. */
  readonly held: readonly Held[];
  /** The most places that jobs may have which are not in `held`; above 0 only where the history begins in the middle. */
  readonly others: number;
  /** The least that `capacity`, less the places of others, can be. It never decreases, since others only end. */
  readonly room: number;
  /** The bounds of the capacity when the history began, which is the same in all states: a loss of the store does not take it back. */
  readonly leastAtFirst: number;
  readonly mostAtFirst: number;
  /** Online: it may expire from then on. Else it may be removed from then on. */
  readonly due: number;
  /** The marks of jobs without a place. */
  readonly marks: Marks;
  /** A job without a mark may have been finished before the history began. */
  readonly isOpen: boolean;
  /** How many were completed, at most. */
  readonly finished: number;
  /** When the first may have been completed. */
  readonly firstFinished: number;
  /** The latest call so far, where the history names losses. */
  readonly latest: number;
  /** The losses that have happened, one bit each. */
  readonly losses: number;
  readonly trail: FormerState | null;
  /** How often an answer has shown more of what was not known, where the history names losses. */
  readonly learned: number;
  /** The version of the last write; null: it is not known. */
  readonly version: Version | null;
}

/** The standing of a job; `open`: it may have a place; `idle`: it has none, and may have been finished. */
export type Standing = "held" | "finished" | "absent" | "idle" | "open";

export function standingOf(state: NodeState, job: number): Standing {
  if (placeOf(state.held, job) !== -1) return "held";
  const mark = state.marks.get(job);
  if (mark !== undefined) return typeof mark === "object" ? "finished" : mark;
  if (state.others > 0) return "open";
  return state.isOpen ? "idle" : "absent";
}

/** The index of a job, or -1. */
export function placeOf(held: readonly Held[], job: number): number {
  let low = 0;
  let high = held.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((held[middle] as Held).job < job) low = middle + 1;
    else high = middle;
  }
  return held[low]?.job === job ? low : -1;
}

export function withHeld(held: readonly Held[], one: Held): readonly Held[] {
  const after = held.findIndex(({ job }) => job > one.job);
  return after < 0 ? [...held, one] : [...held.slice(0, after), one, ...held.slice(after)];
}

/** It has no place, and was not finished here. */
export function unknownJob(state: NodeState, job: number): NodeState {
  return { ...state, marks: state.marks.with(job, state.isOpen ? "absent" : undefined) };
}

/** The job has given up its place without being finished. */
export function leaseEnded(state: NodeState, job: number): NodeState {
  return unknownJob({ ...state, held: state.held.filter((one) => one.job !== job) }, job);
}

/** All jobs have lost their places. */
export function withoutPlaces(state: NodeState): NodeState {
  let { marks } = state;
  if (state.isOpen) for (const { job } of state.held) marks = marks.with(job, "absent");
  return { ...state, held: [], others: 0, room: 0, marks };
}

/** The store does not know the node any more. */
export function gone(state: NodeState, { given, none }: KnownNode): NodeState {
  const { isReplaced, status } = state;
  const formerIncarnations = incarnationsOf(state, given);
  return { ...none, ...knownOf(state), formerIncarnations, isReplaced: isReplaced || status !== "none" };
}

/** Returns the part of a state that is about the history as a whole. */
export function knownOf({ latest, learned, leastAtFirst, losses, mostAtFirst, trail }: NodeState) {
  return { latest, learned, leastAtFirst, losses, mostAtFirst, trail };
}

/** Those that a later one, which is not known, cannot be; nor can it be one that an answer `registered` names. */
export function incarnationsOf(
  { formerIncarnations, incarnation }: NodeState,
  given: NodeFacts["given"],
): readonly string[] {
  return incarnation === null || given.has(incarnation) ? formerIncarnations : [...formerIncarnations, incarnation];
}

export function isRecord({ status }: NodeState): boolean {
  return status === "online" || status === "offline" || status === "expired";
}

/** Whether all that can follow `b` can follow `a`. */
export function covers(a: NodeState, b: NodeState): boolean {
  if (a === b) return true;
  if (a.status !== b.status || a.incarnation !== b.incarnation || a.token !== b.token) return false;
  if (a.seq !== b.seq || a.capacity !== b.capacity || a.isOpen !== b.isOpen) return false;
  if (a.leastSeq > b.leastSeq || a.others < b.others || a.room > b.room || a.due > b.due) return false;
  if (a.leastAtFirst > b.leastAtFirst || a.mostAtFirst < b.mostAtFirst) return false;
  if (a.finished < b.finished || a.firstFinished > b.firstFinished || (b.isReplaced && !a.isReplaced)) return false;
  if (a.latest > b.latest || a.losses !== b.losses || a.learned !== b.learned || a.held.length !== b.held.length)
    return false;
  if (!isWithin(a.notIncarnations, b.notIncarnations) || !isWithin(a.notTokens, b.notTokens)) return false;
  if (!isWithin(a.formerIncarnations, b.formerIncarnations)) return false;
  for (let index = 0; index < a.held.length; index += 1) {
    const [one, other] = [a.held[index] as Held, b.held[index] as Held];
    if (one.job !== other.job || one.due > other.due) return false;
  }
  return mayComeBefore(a, b) && a.marks.covers(b.marks) && trailCovers(a.trail, b.trail);
}

/** Whether every version that may follow that of `b` may follow that of `a`. */
function mayComeBefore({ version: a }: NodeState, { version: b }: NodeState): boolean {
  return a === null || (b !== null && a.epoch === b.epoch && a.sequence <= b.sequence);
}

function trailCovers(a: FormerState | null, b: FormerState | null): boolean {
  let [one, other] = [a, b];
  while (one !== other) {
    if (one === null || other === null || one.until < other.until) return false;
    if (!covers({ ...one.state, trail: null }, { ...other.state, trail: null })) return false;
    one = one.before;
    other = other.before;
  }
  return true;
}

function isWithin(few: readonly string[], many: readonly string[]): boolean {
  return few.length === 0 || few.every((one) => many.includes(one));
}

const statusNumbers = { open: 1, none: 2, online: 3, offline: 4, expired: 5 } as const;

/** Equal for states of which one covers the other. */
export function hashOf({ held, losses, marks, seq, status }: NodeState): number {
  let hash = Math.imul(statusNumbers[status] + 8 * losses, 0x9e3779b1) ^ marks.hash ^ Math.imul(seq ?? -2, 0x297a2d39);
  for (const { job } of held) hash = Math.imul(hash ^ (job + 1), 0x2c1b3c6d) ^ (hash >>> 13);
  return hash | 0;
}
