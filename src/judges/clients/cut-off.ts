/**
 * Answers of an instance that nothing reaches Redis from. Whether one came while the fault was certainly in force is known only once it has healed.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { FaultStep } from "../event.ts";
import type { Contradictions } from "./contradictions.ts";
import { silent } from "./sweeps.ts";

/** Answers that only a change has. `completed` is none: an instance may remember a job that was completed before. */
const changes: ReadonlySet<string> = new Set(["registered", "renewed", "offline", "reserved"]);

export interface Contradiction {
  readonly properties: readonly PropertyId[];
  readonly words: string;
}

interface Cut {
  readonly from: Millis;
  readonly untrue: (Contradiction & { readonly call: Call })[];
}

export class CutOff {
  readonly #contradictions: Contradictions;
  /** By instance and fault. */
  readonly #cuts: readonly Map<number, Cut>[];

  constructor(instances: number, contradictions: Contradictions) {
    this.#contradictions = contradictions;
    this.#cuts = Array.from({ length: instances }, () => new Map<number, Cut>());
  }

  fault({ at, cutsOff, fault, inForce = at, instance, name, step }: FaultStep): void {
    if (!cutsOff || !silent.has(name)) return;
    for (const [index, cuts] of this.#cuts.entries()) {
      if (instance !== null && instance !== index) continue;
      if (step === "inject") cuts.set(fault, { from: inForce, untrue: [] });
      else this.#healed(cuts, fault, inForce);
    }
  }

  /** @param whyUntrue what is untrue in the answer to a call that was made since then; null: nothing */
  answered(call: Call, whyUntrue: (cutAt: Millis) => Contradiction | null): void {
    for (const cut of this.#cuts[call.instance]?.values() ?? []) {
      if (call.from <= cut.from) continue;
      const untrue = whyUntrue(cut.from);
      if (untrue !== null) cut.untrue.push({ call, ...untrue });
    }
  }

  #healed(cuts: Map<number, Cut>, fault: number, until: Millis): void {
    const cut = cuts.get(fault);
    cuts.delete(fault);
    for (const { call, properties, words } of cut?.untrue ?? [])
      if (call.to !== null && call.to < until)
        for (const property of properties) this.#contradictions.found(property, [words], [call.id]);
  }
}

/** Writes that a degraded instance never sends. A reserve without an answer may be sent again (docs/modes.md). */
const refused: ReadonlySet<Call["op"]> = new Set<Call["op"]>([
  ...(["register_node", "heartbeat", "offline_node", "complete_job", "release_job"] as const),
]);

/** D6: once it is degraded, nothing is sent for a write, so that it fails for certain. @param allowed how long it may take to notice */
export function whySent(
  { from, instance, node, op, outcome, reply }: Call,
  cutAt: Millis,
  allowed: Millis,
): Contradiction | null {
  if (outcome !== "info" || !refused.has(op)) return null;
  const asked = `${op} of node ${node} on instance ${instance}, ${inMs(from - cutAt)} after it was cut off from Redis, was answered`;
  const words = `${asked} ${reply}, and may have happened, allowed from ${inMs(allowed)} on an error that is definite`;
  return { properties: ["D6"], words };
}

/** D4: no change is acknowledged that has not reached the store. */
export function whyNotWritten({ from, instance, node, op, reply }: Call, cutAt: Millis): Contradiction | null {
  if (!changes.has(reply)) return null;
  const asked = `${op} of node ${node} on instance ${instance}, ${inMs(from - cutAt)} after it was cut off from Redis, was answered`;
  return { properties: ["D4"], words: `${asked} ${reply}, allowed an error: nothing has reached Redis` };
}
