/** The calls of clients that ask an instance for places: each may count as a place on any node, or on the one that it names. */
import type { Call, Millis, Version } from "../../check/history.ts";
import type { Called, JobRequested } from "../event.ts";

interface Ended {
  readonly node: string;
  readonly to: Millis;
}

interface Requested {
  readonly node: string;
  readonly at: Millis;
}

/** A place that its instance may count beside its view: the view has it from that version on; undefined: no reply said. */
interface Pending {
  readonly to: Millis;
  readonly version: Version | undefined;
}

/** Longer than an answer takes. */
const keptFor: Millis = 2_000;
/** Replies after which an instance counts no place. */
const placeless: ReadonlySet<string> = new Set(["full", "not_online", "finished", "finished_unknown", "no_node"]);
const asksForPlaces: ReadonlySet<string> = new Set(["dispatch", "reserve_job"]);

export class PlaceCalls {
  /** By instance: those that are in flight, and the node that each names; and those that have ended, in order. */
  readonly #open: readonly Map<number, string>[];
  readonly #ended: readonly Ended[][];
  /** By instance, then by node. */
  readonly #pending: readonly Map<string, Pending[]>[];
  /** By instance: what it has asked nodes for, in order. */
  readonly #requested: readonly Requested[][];

  constructor(instances: number) {
    this.#open = Array.from({ length: instances }, () => new Map<number, string>());
    this.#ended = Array.from({ length: instances }, () => []);
    this.#pending = Array.from({ length: instances }, () => new Map<string, Pending[]>());
    this.#requested = Array.from({ length: instances }, () => []);
  }

  called({ call, instance, node, op }: Called): void {
    if (asksForPlaces.has(op)) this.#open[instance]?.set(call, node);
  }

  returned(call: Call): void {
    const { id, instance, node = "", op, to } = call;
    if (!asksForPlaces.has(op)) return;
    this.#open[instance]?.delete(id);
    if (to === null) return;
    this.#ended[instance]?.push({ node, to });
    this.#keep(call, to);
  }

  #keep({ instance, node = "", outcome, reply, version }: Call, to: Millis): void {
    const own = this.#pending[instance];
    if (own === undefined || outcome === "fail" || (outcome === "ok" && placeless.has(reply))) return;
    const kept = own.get(node) ?? [];
    own.set(node, kept);
    kept.push({ to, version });
  }

  /**
   * How many places on the node the instance may count beside a view that is at least so far.
   * @param since places of calls that had ended before it count no longer; null: all do
   */
  besides(instance: number, node: string, view: Version, since: Millis | null): number {
    let count = 0;
    for (const named of this.#open[instance]?.values() ?? []) if (named === "" || named === node) count += 1;
    for (const name of [node, ""]) {
      for (const { to, version } of this.#pending[instance]?.get(name) ?? []) {
        const isShown = version?.epoch === view.epoch && version.sequence <= view.sequence;
        if (!isShown && to >= (since ?? to)) count += 1;
      }
    }
    return count;
  }

  /** A view has moved: what it has had for long no call that is in flight still asks for. */
  moved(instance: number, { epoch, sequence }: Version, at: Millis): void {
    const own = this.#pending[instance] ?? new Map<string, Pending[]>();
    for (const [node, kept] of own) {
      const isLong = ({ to, version }: Pending): boolean =>
        to < at - keptFor && version?.epoch === epoch && version.sequence <= sequence;
      const [first] = kept;
      if (first !== undefined && isLong(first))
        own.set(
          node,
          kept.filter((one) => !isLong(one)),
        );
    }
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
