/** The contradictions among the calls of clients, and how often calls were compared, by property. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { Findings } from "../findings.ts";

export class Contradictions {
  readonly #findings = new Map<PropertyId, Findings>();
  readonly #compared = new Map<PropertyId, number>();

  /** A call was compared with what the others before it say. */
  compared(property: PropertyId): void {
    this.#compared.set(property, (this.#compared.get(property) ?? 0) + 1);
  }

  /** @param words the first says what was found and what is allowed */
  found(property: PropertyId, words: readonly string[], calls: readonly number[]): void {
    this.#of(property).violate(() => words, calls);
  }

  conclude(property: PropertyId): Judgement {
    const findings = this.#of(property);
    const exercised = Math.max(this.#compared.get(property) ?? 0, findings.count);
    return findings.conclude({ exercised });
  }

  #of(property: PropertyId): Findings {
    const own = this.#findings.get(property) ?? new Findings(property);
    this.#findings.set(property, own);
    return own;
  }
}
