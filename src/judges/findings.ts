/** The findings of a judge, as it makes them: violations, of which the first few are kept in words, and cases that could not be judged. */
import { type Cause, joinCauses } from "../check/cause.ts";
import { conclude, type Judgement, type Tally } from "../check/judgement.ts";
import { type PropertyId, properties } from "../check/properties.ts";
import type { Blame } from "./timing.ts";

/** Violations beyond this many are only counted. */
const mostKept = 5;

/** The part of a tally that a judge adds at the end. */
type Conclusion = Pick<Tally, "exercised"> &
  Partial<Pick<Tally, "judged" | "measures" | "open" | "isOpen" | "waits">> & { readonly premise?: string };

export type OnViolation = (property: PropertyId, story: readonly string[]) => void;

export class Findings {
  readonly #property: PropertyId;
  readonly #onViolation: OnViolation | undefined;
  readonly #texts: (readonly string[])[] = [];
  readonly #blamed: (readonly number[])[] = [];
  #count = 0;
  #unjudged = 0;
  #unclear = 0;
  #unseen = 0;
  #isMarginal = true;
  /** Why cases are left open, besides the load of the machine. */
  readonly #causes = new Set<Cause>();

  constructor(property: PropertyId, onViolation?: OnViolation) {
    this.#property = property;
    this.#onViolation = onViolation;
  }

  /** Violations so far. */
  get count(): number {
    return this.#count;
  }

  /** Violations, and cases that could not be judged, so far. */
  get cases(): number {
    return this.#count + this.#unjudged + this.#unclear;
  }

  /** Whether all that was late could be judged, so that a measure may be held against its threshold. */
  get isSettled(): boolean {
    return this.cases === this.#count;
  }

  /**
   * @param story made only if it is kept; its first line says what was found and what is allowed
   * @param calls the ids of those that show it
   */
  violate(story: () => readonly string[], calls: readonly number[] = []): void {
    this.#add(story, calls);
    this.#isMarginal = false;
  }

  /** Something was late: a violation as far as it is the instance's doing. */
  late(blame: Blame, isMarginal: boolean, story: () => readonly string[], calls: readonly number[] = []): void {
    if (blame === "machine") this.#unjudged += 1;
    else if (blame === "unclear") this.#unclear += 1;
    else {
      this.#add(story, calls);
      this.#isMarginal &&= isMarginal;
    }
  }

  /** Counts cases that cannot be judged, however late they were. @param cause why; by default the machine may have caused them */
  leftOpen(count: number, cause: Cause = "machine_load"): void {
    this.#unjudged += count;
    this.#causes.add(cause);
  }

  /** Something could not be held against the store, which was not seen then. */
  unseen(count = 1): void {
    this.#unseen += count;
  }

  conclude({ premise, ...conclusion }: Conclusion): Judgement {
    const rest = this.#count - this.#texts.length;
    return conclude({
      property: this.#property,
      premise: premise ?? properties[this.#property].premise,
      ...conclusion,
      unjudged: this.#unjudged,
      unclear: this.#unclear,
      unseen: this.#unseen,
      violations: rest === 0 ? this.#texts : [...this.#texts, [`and ${rest} more like these`]],
      blamed: this.#blamed,
      isMarginal: this.#count > 0 && this.#isMarginal,
      cause: joinCauses(this.#causes) ?? "machine_load",
    });
  }

  #add(story: () => readonly string[], calls: readonly number[]): void {
    this.#count += 1;
    const isKept = this.#texts.length < mostKept;
    if (!isKept && this.#onViolation === undefined) return;
    const text = story();
    this.#onViolation?.(this.#property, text);
    if (!isKept) return;
    this.#texts.push(text);
    this.#blamed.push(calls);
  }
}
