/**
 * Reads of an instance that nothing reaches Redis from: what they answer was confirmed before the fault, and soon they say that they are stale
 * (docs/modes.md).
 */
import type { Call, Millis } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import { oldestConfirmed } from "../../answers/age.ts";
import type { FaultStep } from "../../event.ts";
import type { Case } from "../../judge.ts";
import type { Contradictions } from "../contradictions.ts";
import { type Contradiction, CutOff } from "../cut-off.ts";

/** ms by which an age may be rounded, and by which the clocks of an instance and its client may differ. */
const slack: Millis = 2;

export class ReadsWithoutRedis {
  readonly #case: Pick<Case, "bounds" | "instances" | "terms" | "timing">;
  readonly #cutOff: CutOff;

  constructor(theCase: Pick<Case, "bounds" | "instances" | "terms" | "timing">, contradictions: Contradictions) {
    this.#case = theCase;
    this.#cutOff = new CutOff(theCase.instances, contradictions);
  }

  fault(event: FaultStep): void {
    this.#cutOff.fault(event);
  }

  read(call: Call & { readonly to: Millis }): void {
    this.#cutOff.answered(call, (cutAt) => this.#whyUntrue(call, cutAt));
  }

  #whyUntrue({ from, instance, node, read }: Call, cutAt: Millis): Contradiction | null {
    if (read === undefined) return null;
    const { bounds, terms, timing } = this.#case;
    const silentFor = from - cutAt;
    const asked = `a read of node ${node} on instance ${instance}, ${inMs(silentFor)} after it was cut off from Redis, was answered`;
    if (read.age_ms >= 0 && read.age_ms < silentFor - slack)
      return untrue(`${asked} with age_ms ${inMs(read.age_ms)}, allowed ${inMs(silentFor)} or more`);
    if (read.source === "redis" && silentFor > slack)
      return { properties: ["D5"], words: `${asked} with source redis, allowed what it holds itself` };
    // The caches count as confirmed for their TTL.
    const noticed = Math.max(2 * bounds.budget, oldestConfirmed(read, 0, terms, bounds.budget));
    if (read.stale || silentFor <= noticed || silentFor - timing.kept(instance, cutAt, from) <= noticed) return null;
    return untrue(`${asked} as not stale, allowed stale from ${inMs(noticed)} on`);
  }
}

function untrue(words: string): Contradiction {
  return { properties: ["V2", "D5"], words };
}
