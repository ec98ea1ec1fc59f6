/**
 * Puts calls in an order when versions say where each belongs. The changes of an object have numbers; a call either made one of them, or
 * saw the state between two. Then no search is needed: in the order of real time each call takes the earliest position that its reply
 * allows and that is not before any call which had returned before it began. The first for which there is none is impossible.
 *
 * Linear in the calls, but for a sort of those that are not in order already.
 */

/** Change `n` itself is position 2n; the state after it, until the next change, is position 2n + 1. Both ends belong to it. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

export interface PlacedCall {
  readonly from: number;
  /** Infinity where it was not answered. */
  readonly to: number;
  /** The position of a change that its reply may tell of; null: of none. */
  readonly made: number | null;
  /** Where else it may have been, in ascending order; with `made` null and none of these its reply is impossible. Unanswered: not looked at. */
  readonly seen: readonly Range[];
  /** Which changes it may have made without saying so; null: none. */
  readonly mayHaveMade: string | null;
  /** How often at most. */
  readonly times: number;
}

export interface PlacedChange {
  readonly position: number;
  /** What a call that made it has as `mayHaveMade`; null: nobody has to have asked for it. */
  readonly wanted: string | null;
  /** When somebody who was not among the callers had seen it: for whoever calls afterwards it has happened. Infinity: nobody. In ascending order. */
  readonly seenAt: number;
}

export type Misplaced =
  /** Nothing that the object ever was gives this reply. */
  | { readonly kind: "reply"; readonly call: number }
  /** A call that had returned before was already further, or a change that had been seen. */
  | { readonly kind: "order"; readonly call: number; readonly before: Furthest | null }
  /** It says that it made a change which another made. */
  | { readonly kind: "twice"; readonly call: number; readonly maker: number }
  /** Nobody asked for it, or only calls that began after somebody had seen it. */
  | { readonly kind: "change"; readonly change: number };

/** What had come furthest when a call began. */
export interface Furthest {
  readonly kind: "call" | "change";
  readonly index: number;
}

/** @returns the first that is out of place, in the order in which calls returned; null: all have a place. */
export function findMisplaced(calls: readonly PlacedCall[], changes: readonly PlacedChange[]): Misplaced | null {
  const placement = placeAll(calls, changes);
  return placement.misplaced ?? findUnasked(calls, changes, placement);
}

interface Placement {
  readonly misplaced: Misplaced | null;
  /** How far the object had come when each call began. */
  readonly floors: Float64Array;
  /** Which call made the change at a position. */
  readonly makers: ReadonlyMap<number, number>;
}

function placeAll(calls: readonly PlacedCall[], changes: readonly PlacedChange[]): Placement {
  const byCall = indexesBy(calls, ({ from }) => from);
  const byReturn = indexesBy(calls, ({ to }) => to);
  const claimed = new Set<number>();
  for (const { made, seen: ranges } of calls) if (made !== null && ranges.length === 0) claimed.add(made);
  const floors = new Float64Array(calls.length);
  const places = new Float64Array(calls.length);
  const makers = new Map<number, number>();
  let first: { readonly to: number; readonly misplaced: Misplaced } | null = null;
  let returned = 0;
  let floor = 0;
  let furthest = -1;
  let seen = 0;
  let isSeen = false;
  for (const index of byCall) {
    const call = calls[index] as PlacedCall;
    for (let next = byReturn[returned]; next !== undefined; next = byReturn[returned]) {
      // Calls that touch overlap.
      if ((calls[next] as PlacedCall).to >= call.from) break;
      returned += 1;
      const place = places[next] ?? 0;
      if (place > floor) {
        floor = place;
        furthest = next;
        isSeen = false;
      }
    }
    for (let next = changes[seen]; next !== undefined && next.seenAt < call.from; next = changes[seen]) {
      if (next.position > floor) {
        floor = next.position;
        furthest = seen;
        isSeen = true;
      }
      seen += 1;
    }
    floors[index] = floor;
    if (call.to === Number.POSITIVE_INFINITY) continue;
    const { made, seen: ranges, to } = call;
    // Of several that may have made a change, the one that says so did, else the one that began first; the others saw it.
    const mayMake = made !== null && made >= floor && !makers.has(made) && (ranges.length === 0 || !claimed.has(made));
    if (mayMake) makers.set(made, index);
    const place = mayMake ? made : earliestOf(ranges, floor);
    if (place !== null) places[index] = place;
    else if (first === null || to < first.to)
      first = { to, misplaced: whyMisplaced(index, call, floor, before(furthest, isSeen), makers) };
  }
  return { misplaced: first?.misplaced ?? null, floors, makers };
}

function earliestOf(seen: readonly Range[], floor: number): number | null {
  for (const { first, last } of seen) if (last >= floor) return Math.max(first, floor);
  return null;
}

function before(index: number, isSeen: boolean): Furthest | null {
  return index < 0 ? null : { kind: isSeen ? "change" : "call", index };
}

function whyMisplaced(
  call: number,
  { made, seen }: PlacedCall,
  floor: number,
  furthest: Furthest | null,
  makers: ReadonlyMap<number, number>,
): Misplaced {
  if (made === null && seen.length === 0) return { kind: "reply", call };
  const maker = made !== null && made >= floor ? makers.get(made) : undefined;
  return maker === undefined ? { kind: "order", call, before: furthest } : { kind: "twice", call, maker };
}

/** A later change can be explained by every call that explains an earlier one of the same kind, so the earliest takes the first that it can. */
function findUnasked(
  calls: readonly PlacedCall[],
  changes: readonly PlacedChange[],
  { floors, makers }: Placement,
): Misplaced | null {
  const open = new Map<string, { readonly floor: number; times: number }[]>();
  for (const [index, { mayHaveMade, times }] of calls.entries()) {
    if (mayHaveMade === null || times === 0) continue;
    const same = open.get(mayHaveMade) ?? [];
    open.set(mayHaveMade, same);
    same.push({ floor: floors[index] ?? 0, times });
  }
  for (const same of open.values()) same.sort((a, b) => b.floor - a.floor);
  for (const [change, { position, wanted }] of changes.entries()) {
    if (wanted === null || makers.has(position)) continue;
    const same = open.get(wanted);
    const next = same?.at(-1);
    if (next === undefined || next.floor > position) return { kind: "change", change };
    next.times -= 1;
    if (next.times === 0) same?.pop();
  }
  return null;
}

function indexesBy(calls: readonly PlacedCall[], time: (call: PlacedCall) => number): Uint32Array {
  const times = new Float64Array(calls.length);
  const indexes = new Uint32Array(calls.length);
  for (let index = 0; index < calls.length; index += 1) {
    times[index] = time(calls[index] as PlacedCall);
    indexes[index] = index;
  }
  return sortNearly(indexes, times) ? indexes : indexes.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
}

/** Of each item, on average; what is further out of order is sorted otherwise. */
const mostMoves = 32;

/** Calls are written down about in order, so an insertion sort is nearly a single pass. @returns false where they are not */
function sortNearly(indexes: Uint32Array, times: Float64Array): boolean {
  let left = indexes.length * mostMoves;
  for (let next = 1; next < indexes.length; next += 1) {
    const moved = indexes[next] ?? 0;
    const time = times[moved] ?? 0;
    let at = next;
    for (; at > 0 && (times[indexes[at - 1] ?? 0] ?? 0) > time; at -= 1) indexes[at] = indexes[at - 1] ?? 0;
    indexes[at] = moved;
    left -= next - at;
    if (left < 0) return false;
  }
  return true;
}
