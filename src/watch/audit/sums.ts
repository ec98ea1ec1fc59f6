/** The judgements of a watch: what all of its judges have found so far, and what was not seen. */
import { conclude, type Judgement, shareText } from "../../check/judgement.ts";
import { type PropertyId, properties } from "../../check/properties.ts";

export const watchedProperties = ["J1", "J2", "J4", "V1", "F1", "N4", "P1"] as const satisfies readonly PropertyId[];

interface Sum {
  exercised: number;
  readonly violations: (readonly string[])[];
  violated: number;
  premise: string;
  /** Why one of the judges left it open. */
  open: string | null;
}

/** Violations beyond this many are only counted. */
const mostKept = 5;

/** Counts of the changes and ends of epochs that were not seen. */
export interface Unseen {
  /** Changes that the feed had lost, or held unreadably, before they were read. */
  changes: number;
  /** Ends of epochs: what was changed between the last read of one and its end. */
  ends: number;
  /** Changes of nodes whose keys cannot be read. */
  ofUnreadable: number;
}

export class Sums {
  readonly #sums = new Map<PropertyId, Sum>();
  readonly unseen: Unseen = { changes: 0, ends: 0, ofUnreadable: 0 };
  /** Changes that were read. */
  changes = 0;
  /** Looks at nodes. */
  looks = 0;

  violated(property: PropertyId, story: readonly string[]): void {
    const sum = this.#of(property);
    sum.violated += 1;
    if (sum.violations.length < mostKept) sum.violations.push(story);
  }

  add(judgements: readonly Judgement[]): void {
    for (const { exercised, property, reason, verdict } of judgements) {
      const sum = this.#of(property);
      sum.exercised += exercised;
      if (verdict === "unknown") sum.open ??= reason ?? "it was left open";
      if (verdict === "not_exercised" && reason !== undefined) sum.premise = reason.replace(/^never happened: /u, "");
    }
  }

  exercised(property: PropertyId): number {
    return this.#of(property).exercised;
  }

  violations(property: PropertyId): number {
    return this.#of(property).violated;
  }

  /** @param open what else leaves the whole open, in words */
  judgements(open: readonly string[]): readonly Judgement[] {
    return watchedProperties.map((property) => this.#judge(property, open));
  }

  #judge(property: PropertyId, others: readonly string[]): Judgement {
    const { exercised, open, premise, violated, violations } = this.#of(property);
    const rest = violated - violations.length;
    const missed = this.#missed();
    const unseen = this.unseen.changes + this.unseen.ends + this.unseen.ofUnreadable;
    const judged = conclude({
      property,
      exercised,
      judged: this.changes + this.unseen.changes + this.unseen.ends,
      unseen: unseen + others.length + (open === null ? 0 : 1),
      violations: rest === 0 ? violations : [...violations, [`and ${rest} more like these`]],
      premise,
    });
    const measures = judged.measures.filter(({ name }) => unseen > 0 || name !== "unseen_percent");
    if (judged.verdict === "not_exercised") {
      return { ...judged, measures, reason: [judged.reason ?? premise, ...missed, ...others].join("; ") };
    }
    if (judged.verdict !== "unknown") return { ...judged, measures };
    return { ...judged, measures, reason: [...missed, ...others, ...(open === null ? [] : [open])].join("; ") };
  }

  #missed(): readonly string[] {
    const { changes, ends, ofUnreadable } = this.unseen;
    const of = this.changes + changes;
    return [
      ...(changes === 0 ? [] : [`${shareText(changes, of)} changes were not read before the feed had lost them`]),
      ...(ends === 0 ? [] : [`the end of ${ends} epochs was not seen`]),
      ...(ofUnreadable === 0 ? [] : [`${shareText(ofUnreadable, of)} changes were of nodes that cannot be read`]),
    ];
  }

  #of(property: PropertyId): Sum {
    const known = this.#sums.get(property);
    if (known !== undefined) return known;
    const made: Sum = {
      exercised: 0,
      violations: [],
      violated: 0,
      premise: properties[property].premise,
      open: null,
    };
    this.#sums.set(property, made);
    return made;
  }
}
