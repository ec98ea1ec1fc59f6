/**
 * Calls that may have made changes which their replies do not report, for changes of which it was not observed which request made them: calls without an
 * answer, calls whose requests were sent twice, and dispatches that left a place behind on a node which they went on from.
 */
import type { Call } from "../../../check/history.ts";
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
  /** Job -> the nodes on which such a change reserved it. */
  readonly #places = new Map<string, string[]>();
  /** Whether there was a change of which the request was not observed. */
  #isNeeded = false;

  constructor(timing: Pick<Timing, "grain" | "kept">) {
    this.#lost = new LostRequests(timing);
  }

  settled(request: Settled): void {
    this.#lost.settled(request);
  }

  returned(call: Call): void {
    if (call.op === "dispatch" && call.outcome !== "ok") this.#dispatches.push(call);
  }

  changed({ job, kind, node, request }: LineEntry): void {
    if (request !== undefined) return;
    this.#isNeeded = true;
    if (kind !== "reserved" || job === null) return;
    const own = this.#places.get(job);
    if (own === undefined) this.#places.set(job, [node]);
    else if (!own.includes(node)) own.push(node);
  }

  /** Leaves the dispatches that may have gone on from a node open there. Once, after the last event. */
  leaveBehind(nodes: ReadonlyMap<string, NodeCalls>): void {
    if (!this.#isNeeded) return;
    const repeated = [...nodes.values()].flatMap(({ calls }) =>
      calls.filter((call) => call.op === "dispatch" && call.outcome === "ok" && this.#lost.within(call) > 0),
    );
    for (const call of [...this.#dispatches, ...repeated]) {
      for (const node of this.#places.get(call.job ?? "") ?? []) {
        if (node === call.node) continue;
        nodes.get(node)?.leaveOpen({ ...call, outcome: "info", reply: "a place left behind" });
      }
    }
  }

  /** Says of the calls of a node which changes each may have made without reporting them. @param others numbers of those whose replies leave it open */
  explain({ calls, placed }: NodeCalls, others: readonly number[]): void {
    if (!this.#isNeeded) return;
    const open = new Set(others);
    const isNamed = everyNamed(calls);
    for (const [number, call] of calls.entries()) {
      const change = changeAskedFor(call, isNamed);
      if (change === null) continue;
      const lost = this.#lost.within(call);
      const isOpen = placed.to(number) === Number.POSITIVE_INFINITY || open.has(number);
      const times = isOpen ? Math.max(1, lost) : lost;
      if (times > 0) placed.wishFor(number, { change, times });
    }
  }
}
