/**
 * Part of D5: an instance is `local_only` exactly when what it holds is past its TTL, or nothing has answered for as long as its settings say; it looks
 * before each probe (docs/modes.md, local_only).
 */
import type { Millis } from "../../check/history.ts";
import { inMs, type ModeTerms } from "../../check/judgement.ts";
import type { ModeChanged, Sent } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import type { Confirmations } from "./confirmations.ts";

export class LocalOnly {
  readonly #case: Case;
  readonly #terms: ModeTerms;
  readonly #findings: Findings;
  readonly #confirmations: Confirmations;
  /** By instance: when it last left `normal`. */
  readonly #leftAt: Millis[];
  #entered = 0;

  constructor(theCase: Case, terms: ModeTerms, findings: Findings, confirmations: Confirmations) {
    this.#case = theCase;
    this.#terms = terms;
    this.#findings = findings;
    this.#confirmations = confirmations;
    this.#leftAt = Array.from({ length: theCase.instances }, () => Number.NEGATIVE_INFINITY);
  }

  /** How often an instance became `local_only` when it had to. */
  get entered(): number {
    return this.#entered;
  }

  changed({ at, cause, from, instance, to }: ModeChanged): void {
    if (from === "normal") this.#leftAt[instance] = at;
    if (to !== "local_only") return;
    const { localOnlyAfter } = this.#terms;
    const silent = at - Math.max(this.#leftAt[instance] ?? at, this.#confirmations.lastCertainlyHeard(instance));
    const oldest = this.#oldestCertain(instance);
    const isDue = silent >= localOnlyAfter - this.#grain || at - oldest >= this.#ttl(-1) - this.#grain;
    if (isDue) {
      this.#entered += 1;
      return;
    }
    this.#findings.violate(() => [
      `instance ${instance} became local_only after ${inMs(silent)} without an answer, with content confirmed ${inMs(at - oldest)} before, allowed after ${inMs(localOnlyAfter)} or ${inMs(this.#ttl(-1))}`,
      `at ${inMs(at)}, because of ${cause}`,
    ]);
  }

  /** A probe is sent: it has looked. */
  probed({ at, instance }: Sent): void {
    const { scene } = this.#case;
    if (scene.mode(instance) !== "l2_only") return;
    const { localOnlyAfter } = this.#terms;
    const silent = at - Math.max(this.#leftAt[instance] ?? at, this.#confirmations.lastHeard(instance));
    if (silent >= localOnlyAfter + this.#grain) {
      this.#findings.violate(() => [
        `instance ${instance} was still l2_only after ${inMs(silent)} without an answer, allowed ${inMs(localOnlyAfter)}`,
        `at ${inMs(at)}, when it probed`,
      ]);
    }
    const oldest = this.#oldestPossible(instance);
    if (at - oldest < this.#ttl(1) + this.#grain) return;
    this.#findings.violate(() => [
      `instance ${instance} was still l2_only with content that was last confirmed ${inMs(at - oldest)} before, allowed ${inMs(this.#ttl(1))}`,
      `at ${inMs(at)}, when it probed`,
    ]);
  }

  /** An instance in `normal` looks at each pulse. */
  sentInNormal({ at, instance }: Sent): void {
    const { scene, terms, timing } = this.#case;
    if (scene.mode(instance) !== "normal") return;
    const oldest = this.#oldestPossible(instance);
    const late = at - oldest - this.#ttl(1);
    if (late <= this.#grain) return;
    if (timing.ran(instance, at - late, at) <= (terms.noticing ?? 0) + this.#grain) return;
    this.#findings.violate(() => [
      `instance ${instance} was still normal with content that was last confirmed ${inMs(at - oldest)} before, allowed ${inMs(this.#ttl(1))}`,
      `at ${inMs(at)}`,
    ]);
  }

  get #grain(): Millis {
    return this.#case.timing.grain;
  }

  /** The shortest, or the longest, that content is good for. */
  #ttl(sign: 1 | -1): Millis {
    return this.#terms.l2Ttl * (1 + sign * this.#case.terms.ttlSpread);
  }

  /** Minus infinity where some of what is followed may never have been confirmed. */
  #oldestCertain(instance: number): Millis {
    let oldest = Number.POSITIVE_INFINITY;
    let seen = 0;
    for (const { certain = Number.NEGATIVE_INFINITY } of this.#confirmations.all(instance)) {
      oldest = Math.min(oldest, certain);
      seen += 1;
    }
    // The partitions, and the configuration.
    return seen <= this.#case.partitions ? Number.NEGATIVE_INFINITY : oldest;
  }

  /** Infinity where nothing is known. */
  #oldestPossible(instance: number): Millis {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { answered } of this.#confirmations.all(instance)) oldest = Math.min(oldest, answered.at(-1) ?? oldest);
    return oldest;
  }
}
