/**
 * Calls that may have made changes which their replies do not report, for changes of which it was not observed which request made them: calls without an
 * answer, calls whose requests were sent twice, and dispatches that left a place behind on a node which they went on from.
 */
import type { Call, Millis } from "../../../check/history.ts";
import type { Settled } from "../../event.ts";
import type { Timing } from "../../timing.ts";
import type { LineEntry } from "../../truth.ts";
import type { NodeCalls } from "../node-calls.ts";
import { changeAskedFor, everyNamed } from "../replies/replies.ts";
import { LostRequests } from "./lost-requests.ts";

export class AmbiguousCalls {
  readonly #lost: LostRequests;
  /** Dispatches that were not answered, or failed. */
  readonly #dispatches: Call[] = [];
  /** Those that found no node: a place that they asked for without an answer had been lost again. */
  readonly #unplaced: Call[] = [];
  /** Job -> the nodes on which such a change reserved it -> since when it may have lost the place there; infinity: it has not. */
  readonly #places = new Map<string, Map<string, Millis>>();
  /** Whether there was a change of which the request was not observed. */
  #isNeeded = false;

  constructor(timing: Pick<Timing, "grain" | "kept">) {
    this.#lost = new LostRequests(timing);
  }

  settled(request: Settled): void {
    this.#lost.settled(request);
  }

  returned(call: Call): void {
    if (call.op !== "dispatch") return;
    if (call.outcome !== "ok") this.#dispatches.push(call);
    else if (call.node === undefined) this.#unplaced.push(call);
  }

  changed({ job, kind, lapsed, node, orphaned = [], request, since }: LineEntry): void {
    if (request !== undefined) return;
    this.#isNeeded = true;
    for (const lost of [...lapsed, ...orphaned]) {
      const own = this.#places.get(lost);
      if (own?.get(node) === Number.POSITIVE_INFINITY) own.set(node, since);
    }
    if (kind !== "reserved" || job === null) return;
    const own = this.#places.get(job) ?? new Map<string, Millis>();
    this.#places.set(job, own);
    if (!own.has(node)) own.set(node, Number.POSITIVE_INFINITY);
  }

  /** Leaves the dispatches that may have gone on from a node open there. Once, after the last event. */
  leaveBehind(nodes: ReadonlyMap<string, NodeCalls>): void {
    if (!this.#isNeeded) return;
    const repeated = [...nodes.values()].flatMap(({ calls }) =>
      calls.filter((call) => call.op === "dispatch" && call.outcome === "ok" && this.#lost.besideAnswer(call) > 0),
    );
    const leave = (call: Call, node: string): void =>
      nodes.get(node)?.leaveOpen({ ...call, outcome: "info", reply: "a place left behind" });
    for (const call of [...this.#dispatches, ...repeated])
      for (const node of this.#places.get(call.job ?? "")?.keys() ?? []) if (node !== call.node) leave(call, node);
    for (const call of this.#unplaced.filter((one) => this.#lost.within(one) > 0))
      for (const [node, lostAt] of this.#places.get(call.job ?? "") ?? [])
        if (lostAt < (call.to ?? Number.POSITIVE_INFINITY)) leave(call, node);
  }

  /** Says of the calls of a node which changes each may have made without reporting them. @param others numbers of those whose replies leave it open */
  explain({ calls, placed }: NodeCalls, others: readonly number[]): void {
    if (!this.#isNeeded) return;
    const open = new Set(others);
    const isNamed = everyNamed(calls);
    for (const [number, call] of calls.entries()) {
      const change = changeAskedFor(call, isNamed);
      if (change === null) continue;
      const isOpen = placed.to(number) === Number.POSITIVE_INFINITY || open.has(number);
      const times = isOpen ? Math.max(1, this.#lost.within(call)) : this.#lost.besideAnswer(call);
      if (times > 0) placed.wishFor(number, { change, times });
    }
  }
}
