/** The age that a lookup's answer reports: since when it is known to have been true, and whether that was confirmed. */
import type { Call, Millis, ReadAnswer } from "../../check/history.ts";
import { inMs, type Terms } from "../../check/judgement.ts";

type Kept = Pick<Terms, "l1Ttl" | "missTtl" | "ttlSpread">;

/** Milliseconds that an age may be rounded up by. */
const rounding: Millis = 1;

/** How old a confirmed answer may be: what is asked of the store is confirmed meanwhile, and what is kept only for a while.
 * @param budget what a read may take: a caller that joins a request in flight gets its answer, which is that much older
 */
export function oldestConfirmed({ source }: ReadAnswer, took: Millis, kept: Kept, budget: Millis): Millis {
  const { l1Ttl, missTtl, ttlSpread } = kept;
  switch (source) {
    case "l1":
      return l1Ttl * (1 + ttlSpread) + budget;
    case "miss":
      return missTtl + rounding;
    default:
      return took + budget;
  }
}

/** Whether it claims to be confirmed and is older than that can be; infinite ages are below 0. */
export function isTooOld({ age_ms, stale }: ReadAnswer, oldest: Millis): boolean {
  return !stale && (age_ms < 0 || age_ms > oldest);
}

export function explainTooOld({ from, instance, node }: Call, read: ReadAnswer, oldest: Millis): readonly string[] {
  const age = read.age_ms < 0 ? "of no age" : `${inMs(read.age_ms)} old`;
  return [
    `instance ${instance} gave an answer about node ${node ?? ""} for confirmed that was ${age}, allowed ${inMs(oldest)}`,
    `asked at ${inMs(from)}, answered from ${read.source}, mode ${read.mode}`,
  ];
}

/** @param changed when the node was another already, in a moment before it is said to have been so */
export function explainYounger({ from, instance, node }: Call, read: ReadAnswer, changed: Millis): readonly string[] {
  return [
    `instance ${instance} said of node ${node ?? ""} that it had been so ${inMs(read.age_ms)} before, allowed is only what was true then`,
    `asked at ${inMs(from)}, answered from ${read.source}, stale: ${read.stale}; it had changed at ${inMs(changed)}`,
  ];
}
