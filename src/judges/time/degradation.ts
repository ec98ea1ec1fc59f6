/**
 * D2: degradation is in force within the budget of the fault. A setting under which an instance asks too seldom to notice in time is no premise:
 * there it is held to what the settings promise instead, and that counts for nothing.
 */
import type { Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import { Latencies } from "../../check/timing/distribution.ts";
import type { FaultStep, JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

/** A fault that cuts off an instance which was in `normal` when it may have begun. */
interface Cut {
  readonly fault: number;
  readonly name: string;
  /** It was certainly in force from then on. */
  readonly from: Millis;
  readonly isDeclared: boolean;
  /** null: the instance is still in `normal`. */
  degradedAt: Millis | null;
  /** It was certainly in `normal` until then; the same, unless it was seen from outside. */
  normalUntil: Millis;
}

export function judgeDegradation(theCase: Case): Judge {
  return new Degradation(theCase);
}

class Degradation implements Judge {
  readonly property = "D2";
  readonly hears = ["fault", "command_link", "instance", "mode"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("D2");
  readonly #times = new Latencies();
  readonly #allowed: Millis;
  /** By instance: those that are in force. */
  readonly #cuts: readonly Map<number, Cut>[];
  readonly #isConnected: boolean[];
  #judged = 0;
  #exercised = 0;

  constructor(theCase: Case) {
    const { bounds, instances, terms } = theCase;
    this.#case = theCase;
    this.#allowed = Math.max(bounds.budget, terms.noticing ?? 0);
    this.#cuts = Array.from({ length: instances }, () => new Map<number, Cut>());
    this.#isConnected = Array.from({ length: instances }, () => true);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "fault":
        if (event.cutsOff) this.#fault(event);
        break;
      case "command_link":
        this.#isConnected[event.instance] = event.isUp;
        break;
      case "instance":
        // One that closes follows nothing any more.
        if (event.state === "crashed" || event.state === "closing") this.#endAll(event.instance, event.at);
        break;
      case "mode":
        if (event.from !== "normal") break;
        for (const cut of this.#cuts[event.instance]?.values() ?? []) {
          if (cut.degradedAt !== null) continue;
          cut.degradedAt = event.at;
          cut.normalUntil = event.since ?? event.at;
        }
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { scene, timing } = this.#case;
    for (const instance of this.#cuts.keys()) this.#endAll(instance, scene.endedAt);
    const { premise } = properties.D2;
    const reason = `pulse and deadline, ${inMs(this.#allowed)} together, are above ${inMs(this.#budget)}`;
    const times = this.#times.distribution;
    const threshold = this.#findings.isSettled ? { threshold: this.#budget } : {};
    return this.#findings.conclude({
      premise: this.#isPromised ? premise : `${premise}; ${reason}`,
      exercised: this.#exercised,
      judged: this.#judged,
      open: timing.openText,
      measures:
        times === null
          ? []
          : [
              { name: "time_to_degradation_ms_p50", value: times.p50 },
              { name: "time_to_degradation_ms_max", value: times.max, ...threshold },
              ...timing.measures,
            ],
    });
  }

  get #budget(): Millis {
    return this.#case.bounds.budget;
  }

  get #isPromised(): boolean {
    return this.#allowed === this.#budget;
  }

  #fault({ at, fault, inForce = at, instance, lack = null, name, step }: FaultStep): void {
    for (const [index, cuts] of this.#cuts.entries()) {
      if (instance !== null && instance !== index) continue;
      if (step === "heal") this.#end(index, fault, inForce);
      else if (!cuts.has(fault) && this.#isCutOff(index))
        cuts.set(fault, { fault, name, from: inForce, isDeclared: lack === null, degradedAt: null, normalUntil: 0 });
    }
  }

  /** Whether a fault can cut the instance off: a fault of a connection that no longer exists affects no instance. */
  #isCutOff(instance: number): boolean {
    return this.#case.scene.mode(instance) === "normal" && this.#isConnected[instance] === true;
  }

  #endAll(instance: number, at: Millis): void {
    for (const fault of [...(this.#cuts[instance]?.keys() ?? [])]) this.#end(instance, fault, at);
  }

  #end(instance: number, fault: number, to: Millis): void {
    const cut = this.#cuts[instance]?.get(fault);
    if (cut === undefined) return;
    this.#cuts[instance]?.delete(fault);
    const { timing } = this.#case;
    if (timing.ran(instance, cut.from, to) <= this.#allowed) return;
    const isDegraded = cut.degradedAt !== null && cut.degradedAt <= to;
    const until = Math.max(cut.from, isDegraded ? (cut.degradedAt ?? to) : to);
    const took = timing.ran(instance, cut.from, until);
    if (this.#isPromised) {
      this.#times.add(took);
      this.#judged += 1;
      if (cut.isDeclared) this.#exercised += 1;
    }
    const late = took - this.#allowed;
    if (late <= 0) return;
    // Seen from outside, it may have degraded in time and been found so too late.
    const mayBeInTime = isDegraded && timing.ran(instance, cut.from, cut.normalUntil) <= this.#allowed;
    const own = isDegraded ? timing.blame(late, cut.from, until, instance) : "instance";
    const blame = mayBeInTime && own === "instance" ? "unclear" : own;
    const isMarginal = isDegraded && timing.isMarginal(late, cut.from, until, instance);
    const found = isDegraded
      ? `degraded ${inMs(took)} after the fault`
      : `was still normal after ${inMs(took)} of the fault`;
    this.#findings.late(blame, isMarginal, () => [
      `instance ${instance} ${found}, allowed ${inMs(this.#allowed)}`,
      `${cut.name} (fault ${cut.fault}) in force from ${inMs(cut.from)}; ${timing.waitText(instance, cut.from, until)}`,
    ]);
  }
}
