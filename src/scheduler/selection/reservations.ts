/**
 * Reservations of this instance that its view does not show yet: sent and unanswered, or answered at a version the view has not reached.
 * Selection counts them, so that one instance does not send ten jobs to a node with room for one.
 */
import type { Version } from "../../protocol/version.ts";
import { reaches } from "../version.ts";

interface Reservation {
  readonly node: string;
  /** Known once it is answered. */
  until: Version | null;
}

export class Reservations {
  readonly #counts = new Map<string, number>();
  readonly #pending: Set<Reservation>[];

  constructor(partitions: number) {
    this.#pending = Array.from({ length: partitions }, () => new Set());
  }

  of(node: string): number {
    return this.#counts.get(node) ?? 0;
  }

  /** @returns what `settle` is called with, once */
  begin(partition: number, node: string): Reservation {
    const reservation: Reservation = { node, until: null };
    this.#pending[partition]?.add(reservation);
    this.#counts.set(node, this.of(node) + 1);
    return reservation;
  }

  /** @param at the version at which it was made; null when it holds no place, or that is unknown (its lease ends it then) */
  settle(partition: number, reservation: Reservation, at: Version | null, view: Version): void {
    if (at === null || at.epoch !== view.epoch || reaches(view, at)) this.#end(partition, reservation);
    else reservation.until = at;
  }

  /** The view is at `view` now, perhaps in another epoch. */
  advanced(partition: number, view: Version): void {
    for (const reservation of this.#pending[partition] ?? []) {
      const { until } = reservation;
      if (until !== null && (until.epoch !== view.epoch || reaches(view, until))) this.#end(partition, reservation);
    }
  }

  #end(partition: number, reservation: Reservation): void {
    if (this.#pending[partition]?.delete(reservation) !== true) return;
    const left = this.of(reservation.node) - 1;
    if (left > 0) this.#counts.set(reservation.node, left);
    else this.#counts.delete(reservation.node);
  }
}
