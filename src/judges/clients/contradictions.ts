/** The contradictions among the calls of clients, and how often calls were compared, by property. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import { Findings } from "../findings.ts";
import type { Blame } from "../timing.ts";
import type { Kind, Sweeps } from "./sweeps.ts";

/** The kind of which one has to have been seen to end by itself before the property holds. */
const endOf: Partial<Readonly<Record<PropertyId, Kind>>> = { J4: "lease", J5: "lease", N2: "node", N4: "node" };

interface Late {
  readonly property: PropertyId;
  readonly blame: Blame;
  readonly isByEnd?: boolean;
}

export class Contradictions {
  readonly #findings = new Map<PropertyId, Findings>();
  readonly #compared = new Map<PropertyId, number>();
  /** Those that are none where the system sweeps slowly, which is known only in the end. */
  readonly #byEnd: { readonly property: PropertyId; add(): void }[] = [];

  /** A call was compared with what the others before it say. */
  compared(property: PropertyId): void {
    this.#compared.set(property, (this.#compared.get(property) ?? 0) + 1);
  }

  /**
   * @param words the first says what was found and what is allowed
   * @param isByEnd it is one only where the system ends in time what is due
   */
  found(property: PropertyId, words: readonly string[], calls: readonly number[], isByEnd = false): void {
    this.late({ property, blame: "instance", isByEnd }, words, calls);
  }

  /** As `found`, of something late: a contradiction as far as it is the instance's doing, and else open. */
  late({ blame, isByEnd = false, property }: Late, words: readonly string[], calls: readonly number[]): void {
    const add = () => this.#of(property).late(blame, false, () => words, calls);
    if (isByEnd) this.#byEnd.push({ property, add });
    else add();
  }

  /** Once for each property. */
  conclude(property: PropertyId, sweeps: Pick<Sweeps, "isSlow" | "neverEnds">): Judgement {
    const findings = this.#of(property);
    for (const one of sweeps.isSlow ? [] : this.#byEnd) if (one.property === property) one.add();
    const exercised = Math.max(this.#compared.get(property) ?? 0, findings.cases);
    const due = endOf[property];
    if (due === undefined || !sweeps.neverEnds(due)) return findings.conclude({ exercised });
    findings.leftOpen(1, "unobserved");
    return findings.conclude({ exercised, open: `a ${due} was there long after its time, and none was seen to end` });
  }

  #of(property: PropertyId): Findings {
    const own = this.#findings.get(property) ?? new Findings(property);
    this.#findings.set(property, own);
    return own;
  }
}
