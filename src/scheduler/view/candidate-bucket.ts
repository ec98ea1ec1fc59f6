/**
 * The nodes that suit one kind of request, by bands of health, so that choosing a few costs nothing for the others.
 *
 * Stored health is accurate to ±50 thousandths (a smaller change is not material), so within a band of 50 all nodes count as equal: the draw decides,
 * and instances with the same view do not all choose the same node.
 */

import type { NodeState } from "../../protocol/node.ts";
import { invariant } from "../invariant.ts";
import type { Random } from "../ports.ts";

/** Thousandths of the score. */
const bandWidth = 50;
const bandCount = 1_000 / bandWidth;
/** The band of nodes that have no room as far as the view knows; it is never drawn from. */
const full = bandCount;

/** One online node in the index. */
export interface Entry {
  node: NodeState;
  band: number;
  seats: Seat[];
}

/** The place of one node in one bucket. */
interface Seat {
  readonly bucket: CandidateBucket;
  readonly entry: Entry;
  /** In the bucket of the entry's band. */
  position: number;
}

/** 0 is the worst; a health of 1000 belongs to the best band. */
export function bandOf({ current_jobs, max_jobs, health_milli }: NodeState): number {
  if (current_jobs >= max_jobs) return full;
  return Math.min(bandCount - 1, Math.floor(health_milli / bandWidth));
}

/** Takes another state of the same node, of the same place, into account. */
export function update(entry: Entry, node: NodeState): void {
  const band = bandOf(node);
  if (band !== entry.band) {
    for (const seat of entry.seats) seat.bucket.leave(seat);
    entry.band = band;
    for (const seat of entry.seats) seat.bucket.enter(seat);
  }
  entry.node = node;
}

export class CandidateBucket {
  readonly #services: readonly string[];
  /** By band; undefined where no node has been. */
  readonly #buckets: (Seat[] | undefined)[] = new Array<undefined>(bandCount + 1).fill(undefined);
  /** Whether it was used since the last check for eviction. */
  wasUsed = false;

  constructor(services: readonly string[]) {
    this.#services = services;
  }

  suits(node: NodeState): boolean {
    return this.#services.every((service) => node.services.includes(service));
  }

  seat(entry: Entry): void {
    const seat: Seat = { bucket: this, entry, position: 0 };
    entry.seats.push(seat);
    this.enter(seat);
  }

  enter(seat: Seat): void {
    const bucket = this.#buckets[seat.entry.band] ?? [];
    this.#buckets[seat.entry.band] = bucket;
    seat.position = bucket.push(seat) - 1;
  }

  leave(seat: Seat): void {
    const bucket = this.#buckets[seat.entry.band];
    const last = bucket?.pop();
    const isThere = bucket !== undefined && last !== undefined;
    invariant(isThere, "a seat is in the bucket of its band", { node: seat.entry.node.node });
    if (last === seat) return;
    bucket[seat.position] = last;
    last.position = seat.position;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const bucket of this.#buckets) for (const { entry } of bucket ?? []) yield entry;
  }

  /** Appends to `chosen`, best band first, until it has `count`; within a band at random. */
  draw(chosen: NodeState[], count: number, random: Random, hasRoom: (node: NodeState) => boolean): void {
    for (let band = bandCount - 1; band >= 0 && chosen.length < count; band--) {
      const bucket = this.#buckets[band] ?? [];
      for (let at = 0; at < bucket.length && chosen.length < count; at++) {
        const node = drawn(bucket, at, random);
        if (node !== undefined && hasRoom(node)) chosen.push(node);
      }
    }
  }
}

/** One step of a shuffle, in place: swaps a random seat at or after `at` to position `at`. */
function drawn(bucket: Seat[], at: number, random: Random): NodeState | undefined {
  const other = at + Math.floor((random.nextUint32() / 0x1_0000_0000) * (bucket.length - at));
  const [seat, before] = [bucket[other], bucket[at]];
  if (seat === undefined || before === undefined) return undefined;
  bucket[at] = seat;
  bucket[other] = before;
  before.position = other;
  seat.position = at;
  return seat.entry.node;
}
