/**
 * Reads of an instance that nothing reaches Redis from: what they answer was confirmed before the fault, and soon they say that they are stale
 * (docs/modes.md). Whether a read came while the fault was certainly in force is known only once it has healed.
 */
import type { Call, Millis } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import { oldestConfirmed } from "../../answers/age.ts";
import type { FaultStep } from "../../event.ts";
import type { Case } from "../../judge.ts";
import type { Contradictions } from "../contradictions.ts";
import { silent } from "../sweeps.ts";

/** ms by which an age may be rounded, and by which the clocks of an instance and its client may differ. */
const slack: Millis = 2;

interface Untrue {
  readonly properties: readonly ("V2" | "D5")[];
  readonly words: string;
}

interface Cut {
  readonly from: Millis;
  readonly untrue: (Untrue & { readonly call: Call })[];
}

export class ReadsWithoutRedis {
  readonly #case: Pick<Case, "bounds" | "instances" | "terms" | "timing">;
  readonly #contradictions: Contradictions;
  /** By instance and fault. */
  readonly #cuts: readonly Map<number, Cut>[];

  constructor(theCase: Pick<Case, "bounds" | "instances" | "terms" | "timing">, contradictions: Contradictions) {
    this.#case = theCase;
    this.#contradictions = contradictions;
    this.#cuts = Array.from({ length: theCase.instances }, () => new Map<number, Cut>());
  }

  fault({ at, cutsOff, fault, inForce = at, instance, name, step }: FaultStep): void {
    if (!cutsOff || !silent.has(name)) return;
    for (const [index, cuts] of this.#cuts.entries()) {
      if (instance !== null && instance !== index) continue;
      if (step === "inject") cuts.set(fault, { from: inForce, untrue: [] });
      else this.#healed(cuts, fault, inForce);
    }
  }

  read(call: Call & { readonly to: Millis }): void {
    const { from, instance, read } = call;
    if (read === undefined) return;
    for (const cut of this.#cuts[instance]?.values() ?? []) {
      if (from <= cut.from) continue;
      const untrue = this.#whyUntrue(call, cut.from);
      if (untrue !== null) cut.untrue.push({ call, ...untrue });
    }
  }

  #whyUntrue({ from, instance, node, read }: Call, cutAt: Millis): Untrue | null {
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

  #healed(cuts: Map<number, Cut>, fault: number, until: Millis): void {
    const cut = cuts.get(fault);
    cuts.delete(fault);
    for (const { call, properties, words } of cut?.untrue ?? [])
      if (call.to !== null && call.to < until)
        for (const property of properties) this.#contradictions.found(property, [words], [call.id]);
  }
}

function untrue(words: string): Untrue {
  return { properties: ["V2", "D5"], words };
}
