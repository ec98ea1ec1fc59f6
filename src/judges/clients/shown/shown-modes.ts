/**
 * D5: the mode in an answer is the one in which it was given. It is compared with the status, which is seen every few milliseconds and may miss a short stay in
 * `normal`: one answer may be from such a stay, but the answers of one operation for longer, or before and after an answer in another mode, are not.
 */
import type { Call, Millis } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import type { ModeChanged } from "../../event.ts";
import type { Contradictions } from "../contradictions.ts";

type Answer = Call & { readonly to: Millis };

/** ms by which the status that has just been seen may be older than an answer. */
const slack: Millis = 20;

/** A stay in `normal` that the status misses is shorter, and so is no way back to it. */
const stay: Millis = 100;

interface Degraded {
  readonly since: Millis;
  /** Answers that claim `normal` and are of no short stay: whether they were given in it is known with the next status that says so. */
  readonly claims: Answer[];
  /** By operation: since when its answers have claimed `normal`. */
  readonly claimedSince: Map<Call["op"], Millis>;
  /** When the last answer came that claims `normal`; and the first that was asked for since and names another mode. */
  claimedAt: Millis;
  deniedAt: Millis;
}

export class ShownModes {
  readonly #contradictions: Contradictions;
  readonly #degraded = new Map<number, Degraded>();

  constructor(contradictions: Contradictions) {
    this.#contradictions = contradictions;
  }

  /** Between its `since` and its time the mode has changed. */
  changed({ at, instance, since = at, to }: ModeChanged): void {
    const before = this.#degraded.get(instance);
    if (to !== "normal") {
      const never = Number.NEGATIVE_INFINITY;
      const since = { since: at, claims: [], claimedSince: new Map(), claimedAt: never, deniedAt: never };
      if (before === undefined) this.#degraded.set(instance, since);
      return;
    }
    this.#degraded.delete(instance);
    for (const claim of before?.claims ?? []) if (claim.to < since - slack) this.#untrue(claim);
  }

  /** A process has ended, and its status with it. */
  forget(): void {
    this.#degraded.clear();
  }

  /** @param mode that the answer names */
  answered(call: Answer, mode: string): void {
    const degraded = this.#degraded.get(call.instance);
    if (degraded === undefined || call.from < degraded.since + slack) return;
    this.#contradictions.compared("D5");
    if (mode === "normal") this.#claimed(degraded, call);
    else {
      degraded.claimedSince.delete(call.op);
      if (call.from > degraded.claimedAt && degraded.deniedAt < degraded.claimedAt) degraded.deniedAt = call.to;
    }
  }

  #claimed(degraded: Degraded, call: Answer): void {
    const { claimedAt, claimedSince, claims, deniedAt } = degraded;
    const since = claimedSince.get(call.op) ?? call.to;
    const isTwice = deniedAt > claimedAt && deniedAt < call.from && call.from - claimedAt < stay;
    if (isTwice || call.from - since >= stay) claims.push(call);
    claimedSince.set(call.op, since);
    degraded.claimedAt = call.to;
  }

  /** The run is over: an instance that has not come back was degraded until then. */
  finish(): void {
    for (const { claims } of this.#degraded.values()) for (const claim of claims.splice(0)) this.#untrue(claim);
  }

  #untrue({ from, id, instance, op }: Answer): void {
    const words = `${op} on instance ${instance} at ${inMs(from)} was answered in normal, allowed the mode of its status, which was another before and after`;
    this.#contradictions.found("D5", [words], [id]);
  }
}
