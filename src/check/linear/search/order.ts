/**
 * Puts calls in an order when versions say where each belongs. The changes of an object have numbers; a call either made one of them, or
 * saw the state between two. Then no search is needed: in the order of real time each call takes the earliest position that its reply
 * allows and that is not before any call which had returned before it began. The first for which there is none is impossible.
 *
 * Linear in the calls, but for a sort of those that are not in order already.
 */
import type { PlacedCalls } from "../run/placed-calls.ts";
import { AtPositions } from "../run/positions.ts";
import { inTimeOrder } from "./time-order.ts";

/** The changes of an object, in order. */
export interface PlacedChanges {
  readonly positions: ArrayLike<number>;
  /** When it had been seen by another than the callers: for each call that begins afterwards it has happened. In ascending order; may be shorter, then the rest was not seen. */
  readonly seenAt: ArrayLike<number>;
  /** The `change` of a call's wish that explains it; null: no call has to have asked for it. */
  wanted(change: number): string | null;
}

export type Misplaced =
  /** Nothing that the object ever was gives this reply. */
  | { readonly kind: "reply"; readonly call: number }
  /** A call that had returned before was already further, or a change that had been seen. */
  | { readonly kind: "order"; readonly call: number; readonly before: Furthest | null }
  /** It says that it made a change which another made. */
  | { readonly kind: "twice"; readonly call: number; readonly maker: number }
  /** No call asked for it, or only calls that began after it had been seen. */
  | { readonly kind: "change"; readonly change: number };

/** The call or change that had come furthest when a call began. */
export interface Furthest {
  readonly kind: "call" | "change";
  readonly index: number;
}

/**
 * @param room for this; the same may be used for one object after the other
 * @returns the first that is out of place, in the order in which calls returned; null: all have a place.
 */
export function findMisplaced(calls: PlacedCalls, changes: PlacedChanges, room = new Room()): Misplaced | null {
  room.make(calls.size);
  const placement = placeAll(calls, changes, room);
  return placement.misplaced ?? findUnasked(calls, changes, placement);
}

/** Memory outside of the heap: to take it anew for each of many objects has all of the heap looked through for what can be given back. */
export class Room {
  byCall = new Uint32Array(0);
  byReturn = new Uint32Array(0);
  from = new Float64Array(0);
  to = new Float64Array(0);
  floors = new Float64Array(0);
  places = new Float64Array(0);

  /** For so many calls, none of which has a place. */
  make(size: number): void {
    if (size > this.places.length) {
      this.byCall = new Uint32Array(size);
      this.byReturn = new Uint32Array(size);
      this.from = new Float64Array(size);
      this.to = new Float64Array(size);
      this.floors = new Float64Array(size);
      this.places = new Float64Array(size);
    }
    this.places.fill(0, 0, size);
    this.floors.fill(0, 0, size);
  }
}

interface Placement {
  readonly misplaced: Misplaced | null;
  /** How far the object had come when each call began. */
  readonly floors: Float64Array;
  /** Which call made the change at a position. */
  readonly makers: AtPositions;
}

function placeAll(calls: PlacedCalls, { positions, seenAt }: PlacedChanges, room: Room): Placement {
  const { size } = calls;
  const { floors, from, places, to } = room;
  calls.copyTimes("from", from, to);
  const byCall = inTimeOrder(from, size, room.byCall);
  const byReturn = inTimeOrder(to, size, room.byReturn);
  const claimed = claimedBy(calls, positions);
  const makers = new AtPositions(positions);
  let first: Misplaced | null = null;
  let firstReturn = Number.POSITIVE_INFINITY;
  let returned = 0;
  let floor = 0;
  let furthest = -1;
  let seen = 0;
  let isSeen = false;
  for (const call of byCall) {
    const began = from[call] as number;
    for (; returned < byReturn.length; returned += 1) {
      const next = byReturn[returned] as number;
      // Calls that touch overlap.
      if ((to[next] as number) >= began) break;
      const place = places[next] as number;
      if (place <= floor) continue;
      floor = place;
      furthest = next;
      isSeen = false;
    }
    for (; seen < seenAt.length && (seenAt[seen] as number) < began; seen += 1) {
      // A change that was seen has been made: the call may have seen the state after it, and is not its maker.
      const place = (positions[seen] as number) + 1;
      if (place <= floor) continue;
      const isKnown = place === floor + 1; // a call that had returned says so too
      floor = place;
      if (isKnown) continue;
      furthest = seen;
      isSeen = true;
    }
    floors[call] = floor;
    const ended = to[call] as number;
    if (ended === Number.POSITIVE_INFINITY) continue;
    const made = calls.madeBy(call);
    // Where several may have made a change, the one that says so did, else the first to begin; the others saw it.
    const mayMake = made >= floor && makers.at(made) < 0 && (!calls.sees(call) || claimed.at(made) < 0);
    if (mayMake) makers.put(made, call);
    const place = mayMake ? made : calls.earliestFrom(call, floor);
    if (place >= 0) places[call] = place;
    else if (ended < firstReturn) {
      firstReturn = ended;
      first = whyMisplaced(calls, makers, { call, floor, before: furthestOf(furthest, isSeen) });
    }
  }
  return { misplaced: first, floors, makers };
}

/** The positions that somebody who saw nothing says to have made. */
function claimedBy(calls: PlacedCalls, positions: ArrayLike<number>): AtPositions {
  const claimed = new AtPositions(positions);
  for (let call = 0; call < calls.size; call += 1) {
    const made = calls.madeBy(call);
    if (made >= 0 && !calls.sees(call)) claimed.put(made, call);
  }
  return claimed;
}

function furthestOf(index: number, isSeen: boolean): Furthest | null {
  return index < 0 ? null : { kind: isSeen ? "change" : "call", index };
}

/** A call that has no place from `floor` on. */
interface WithoutPlace {
  readonly call: number;
  readonly floor: number;
  readonly before: Furthest | null;
}

function whyMisplaced(calls: PlacedCalls, makers: AtPositions, { before, call, floor }: WithoutPlace): Misplaced {
  const made = calls.madeBy(call);
  if (made < 0 && !calls.sees(call)) return { kind: "reply", call };
  const maker = made >= floor ? makers.at(made) : -1;
  return maker < 0 ? { kind: "order", call, before } : { kind: "twice", call, maker };
}

/** A later change can be explained by every call that explains an earlier one of the same kind, so the earliest takes the first that it can. */
function findUnasked(calls: PlacedCalls, changes: PlacedChanges, { floors, makers }: Placement): Misplaced | null {
  const open = new Map<string, { readonly floor: number; times: number }[]>();
  for (const [call, { change, times }] of calls.wishes) {
    if (times === 0) continue;
    const same = open.get(change) ?? [];
    open.set(change, same);
    same.push({ floor: floors[call] as number, times });
  }
  for (const same of open.values()) same.sort((a, b) => b.floor - a.floor);
  for (let change = 0; change < changes.positions.length; change += 1) {
    const position = changes.positions[change] as number;
    if (makers.ofChange(change) >= 0) continue;
    const wanted = changes.wanted(change);
    if (wanted === null) continue;
    const same = open.get(wanted);
    const next = same?.at(-1);
    if (next === undefined || next.floor > position) return { kind: "change", change };
    next.times -= 1;
    if (next.times === 0) same?.pop();
  }
  return null;
}
