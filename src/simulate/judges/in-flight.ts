/** Requests of each instance that have not ended, for it. */

import type { Call } from "../../check/history.ts";
import type { Overdue } from "../../judges/event.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Sent, Settled } from "../trace/events.ts";

export class InFlight {
  /** By instance; a few at a time, so that a list is quicker than a map. */
  readonly #all: Sent[][] = [];
  /** Those for which nothing waits any longer: why. */
  readonly #givenUp = new Map<number, Call["reply"]>();

  sent(event: Sent): void {
    const own = this.#all[event.instance];
    if (own === undefined) this.#all[event.instance] = [event];
    else own.push(event);
  }

  /** What was sent for a call that was aborted, or that the instance has given up by its own clock, is not waited for any more. */
  returned({ instance, job, op, reply }: Call): void {
    if (reply !== "aborted" && reply !== "deadline") return;
    const script = op === "dispatch" ? "reserve_job" : op;
    for (const sent of this.#all[instance] ?? []) {
      const { asked } = sent.question;
      if (sent.script === script && "job" in asked && asked.job === job) this.#givenUp.set(sent.request, reply);
    }
  }

  /** How it has ended for the instance, which takes no note of what comes after it has given up. Once for each request. */
  heard(event: Settled): Settled {
    const outcome = this.#givenUp.get(event.request);
    if (outcome !== "aborted" && outcome !== "deadline") return event;
    this.#givenUp.delete(event.request);
    return { ...event, outcome };
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
