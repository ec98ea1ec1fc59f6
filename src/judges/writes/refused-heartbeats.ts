/**
 * Part of N1: a heartbeat that is in order is taken. It is too old only where one of its incarnation with a higher number was sent, and it was taken before
 * only where it was sent twice.
 */
import type { Call, Millis } from "../../check/history.ts";
import { chunksOf } from "../jobs/chunks.ts";

/** An instance that sends a heartbeat again has waited for an answer to the first one. */
const repeatTakes = 10;

/** To be asked when all calls have been heard of: what a call met may have been sent by one that returned later. */
export class RefusedHeartbeats {
  readonly #sent = new Map<string, Call[]>();
  readonly #refused: Call[] = [];
  /** From the first fault on an instance may not have been answered, and a request may arrive twice. */
  #disturbedAt: Millis = Number.POSITIVE_INFINITY;

  fault(at: Millis): void {
    this.#disturbedAt = Math.min(this.#disturbedAt, at);
  }

  returned(call: Call): void {
    const { outcome, reply } = call;
    const key = keyOf(call);
    if (key === undefined) return;
    const own = this.#sent.get(key);
    if (own === undefined) this.#sent.set(key, [call]);
    else own.push(call);
    if (outcome === "ok" && (reply === "stale" || reply === "already")) this.#refused.push(call);
  }

  /** @param blame is given each that was refused without cause */
  judge(blame: (call: Call, why: string) => void): void {
    for (const call of this.#refused.splice(0)) {
      const why = call.reply === "stale" ? this.#whyNotStale(call) : this.#whyNotRepeated(call);
      if (why !== undefined) blame(call, why);
    }
  }

  /** An earlier part of a heartbeat is older than a later one. */
  #whyNotStale(call: Call): string | undefined {
    const { seq = 0 } = call;
    const isNewer = (other: Call): boolean => (other.seq ?? 0) > seq || (other.seq === seq && chunksOf(other) > 1);
    return isNewer(call) || this.#isAnyOther(call, isNewer) ? undefined : "none with a higher number had been sent";
  }

  #whyNotRepeated(call: Call): string | undefined {
    const { from, seq } = call;
    const to = endOf(call);
    if (to >= this.#disturbedAt || to - from >= repeatTakes) return undefined;
    return this.#isAnyOther(call, (other) => other.seq === seq) ? undefined : "it had been sent once";
  }

  /** Whether any other heartbeat of the incarnation is so that had been sent when it was answered. */
  #isAnyOther(call: Call, isSo: (other: Call) => boolean): boolean {
    const sent = this.#sent.get(keyOf(call) ?? "") ?? [];
    return sent.some((other) => other.id !== call.id && other.from < endOf(call) && isSo(other));
  }
}

export function whyRefused({ incarnation = "", node, reply, seq }: Call, why: string): string {
  return `heartbeat ${seq} of incarnation ${incarnation} of node ${node} was answered ${reply}, allowed renewed: ${why}`;
}

function endOf({ to }: Call): Millis {
  return to ?? Number.POSITIVE_INFINITY;
}

/** undefined: it does not say for which incarnation it speaks. */
function keyOf({ incarnation, node = "" }: Call): string | undefined {
  return incarnation === undefined ? undefined : `${node.length}:${node}${incarnation}`;
}
