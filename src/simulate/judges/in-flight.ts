/** Requests of each instance that have not ended, for it. */

import type { Call } from "../../check/history.ts";
import type { Overdue } from "../../judges/event.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Sent, Settled } from "../trace/events.ts";
import { sameTime } from "../world/virtual-time.ts";

export class InFlight {
  /** By instance; a few at a time, so that a list is quicker than a map. */
  readonly #all: Sent[][] = [];
  /** Those whose call has returned without waiting for them. */
  readonly #givenUp = new Set<number>();
  readonly #grace: Millis;

  /** @param grace after a deadline, until an instance ends the call by its own clock */
  constructor(grace: Millis) {
    this.#grace = grace;
  }

  sent(event: Sent): void {
    const own = this.#all[event.instance];
    if (own === undefined) this.#all[event.instance] = [event];
    else own.push(event);
  }

  /**
   * An instance that was paused gives up what is overdue before it looks at the answers. What is within the grace it does not give up: that is another
   * call, about the same node or job, with an end of its own.
   * @returns what it has given up: for the instance that is late now
   */
  *returned(call: Call): Generator<Sent> {
    const { instance, reply, to } = call;
    if (reply !== "deadline" || to === null) return;
    for (const sent of this.#all[instance] ?? []) {
      const due = sent.at + sent.deadline + this.#grace;
      if (to <= due - sameTime || !isAbout(sent, call) || this.#givenUp.has(sent.request)) continue;
      this.#givenUp.add(sent.request);
      yield sent;
    }
  }

  /** How it has ended for the instance: what comes after it has given up is nothing new. Once for each request. */
  heard(event: Settled): Settled {
    return this.#givenUp.delete(event.request) ? { ...event, outcome: "aborted" } : event;
  }

  /** @returns what was sent; undefined: nothing is known of it */
  settled({ instance, request }: Settled): Sent | undefined {
    const own = this.#all[instance] ?? [];
    for (let index = own.length - 1; index >= 0; index -= 1) {
      const sent = own[index];
      if (sent?.request !== request) continue;
      const last = own.pop();
      if (last !== undefined && last !== sent) own[index] = last;
      return sent;
    }
    return undefined;
  }

  crashed(instance: number): void {
    this.#all[instance]?.splice(0);
  }

  *endedAt(at: Millis): Generator<Overdue> {
    for (const { at: from, deadline, instance, script } of this.#all.flat()) {
      yield { kind: "overdue", at, instance, script, from, deadline };
    }
  }
}

/** The end of a request that an instance has given up. */
export function lateAt(at: Millis, { at: from, deadline, instance, partition, request, script }: Sent): Settled {
  return { kind: "settled", at, instance, request, script, partition, from, deadline, outcome: "deadline" };
}

/** A request for a write that a call makes: about its job, or about its node. */
function isAbout({ question: { asked }, script }: Sent, { job, node, op }: Call): boolean {
  if ("job" in asked) return asked.job === job;
  return "node" in asked ? asked.node === node : script === op;
}
