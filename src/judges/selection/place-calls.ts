/** The calls of clients that ask an instance for places: each may count as a place on any node, or on the one that it names. */
import type { Call, Millis } from "../../check/history.ts";
import type { Called, JobRequested } from "../event.ts";

interface Ended {
  readonly node: string;
  readonly to: Millis;
}

interface Requested {
  readonly node: string;
  readonly at: Millis;
}

const asksForPlaces: ReadonlySet<string> = new Set(["dispatch", "reserve_job"]);

export class PlaceCalls {
  /** By instance: those that are in flight, and the node that each names; and those that have ended, in order. */
  readonly #open: readonly Map<number, string>[];
  readonly #ended: readonly Ended[][];
  /** By instance: what it has asked nodes for, in order. */
  readonly #requested: readonly Requested[][];

  constructor(instances: number) {
    this.#open = Array.from({ length: instances }, () => new Map<number, string>());
    this.#ended = Array.from({ length: instances }, () => []);
    this.#requested = Array.from({ length: instances }, () => []);
  }

  called({ call, instance, node, op }: Called): void {
    if (asksForPlaces.has(op)) this.#open[instance]?.set(call, node);
  }

  returned({ id, instance, node = "", op, to }: Call): void {
    if (!asksForPlaces.has(op)) return;
    this.#open[instance]?.delete(id);
    if (to !== null) this.#ended[instance]?.push({ node, to });
  }

  requested({ at, instance, node, script }: JobRequested): void {
    if (script === "reserve_job") this.#requested[instance]?.push({ node, at });
  }

  /** How many places the instance has asked the node for since. */
  askedSince(instance: number, node: string, since: Millis): number {
    const requested = this.#requested[instance] ?? [];
    let count = 0;
    for (let index = requested.length - 1; index >= 0 && (requested[index]?.at ?? since) >= since; index -= 1)
      if (requested[index]?.node === node) count += 1;
    return count;
  }

  underWay(instance: number): number {
    return this.#open[instance]?.size ?? 0;
  }

  /** How many were in flight at some moment since, on that node or on one that is not known. */
  within(instance: number, node: string, since: Millis): number {
    let count = 0;
    for (const named of this.#open[instance]?.values() ?? []) if (named === "" || named === node) count += 1;
    const ended = this.#ended[instance] ?? [];
    for (let index = ended.length - 1; index >= 0; index -= 1) {
      const { node: named, to } = ended[index] ?? { node: "", to: since };
      if (to < since) break;
      if (named === "" || named === node) count += 1;
    }
    return count;
  }
}
