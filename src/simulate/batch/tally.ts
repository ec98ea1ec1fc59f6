/** The totals of many runs: counts of properties and marks, and failures grouped by their messages, each with its first token. */
import type { Judgement } from "../../check/judgement.ts";
import type { Mark } from "../../check/marks.ts";
import type { PropertyId } from "../../check/properties.ts";
import { joinVerdicts, type Verdict } from "../../check/verdict.ts";
import type { Figure, PropertyEvidence } from "../../evidence/evidence.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import type { Branch } from "../plan/branch.ts";
import { allMarks, type Counts, noMarks } from "../trace/marks.ts";

export interface Counted {
  readonly seed: number;
  readonly branches: readonly Branch[];
  readonly token: string;
  readonly verdict: Verdict;
  readonly judgements: readonly Judgement[];
  readonly marks: Counts;
  /** Why the run cannot be judged. */
  readonly broken: string | null;
}

/** Failures with the same message, apart from numbers. */
export interface Group {
  readonly property: PropertyId;
  readonly shape: string;
  readonly first: Counted;
  readonly story: readonly string[];
  seeds: number;
}

interface Total {
  readonly verdicts: Set<Verdict>;
  exercised: number;
  /** In how many runs its premise was met. */
  seeds: number;
  readonly figures: Map<string, Figure>;
  readonly tokens: string[];
  reason: string | null;
}

/** A property keeps this many tokens. */
const mostTokens = 5;

export class Tally {
  readonly marks = noMarks();
  readonly groups = new Map<string, Group>();
  readonly #totals = new Map<PropertyId, Total>();
  readonly #verdicts = new Set<Verdict>();
  readonly #scenario: string;
  /** The reason of the first run that cannot be judged. */
  broken: string | null = null;
  runs = 0;
  /** Whether some run was a branch of a seed's. */
  isBranched = false;

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  add(run: Counted): void {
    this.runs += 1;
    if (run.branches.length > 0) this.isBranched = true;
    this.#verdicts.add(run.verdict);
    if (run.broken !== null) this.broken ??= `seed ${run.seed}: ${run.broken}; replay: ${run.token}`;
    for (const mark of allMarks) this.marks[mark] += run.marks[mark];
    for (const judgement of run.judgements) this.#addJudgement(judgement, run);
  }

  /** The joint verdict; a run that exercised nothing does not change it. */
  get verdict(): Verdict {
    return joinVerdicts([...this.#verdicts].filter((verdict) => verdict !== "not_exercised"));
  }

  exercisedOf(property: PropertyId): number {
    return this.#totals.get(property)?.exercised ?? 0;
  }

  /** In how many runs the premise of a property was met. */
  seedsOf(property: PropertyId): number {
    return this.#totals.get(property)?.seeds ?? 0;
  }

  unseen(wanted: readonly Mark[]): readonly Mark[] {
    return wanted.filter((mark) => this.marks[mark] === 0);
  }

  properties(): readonly PropertyEvidence[] {
    return [...this.#totals].map(([id, total]) => {
      const known = [...total.verdicts].filter((verdict) => verdict !== "not_exercised");
      const { exercised, figures, reason, tokens } = total;
      return {
        id,
        verdict: joinVerdicts(known),
        exercised,
        figures: [...figures.values()],
        tokens,
        ...withoutUndefined({
          reason: reason === null || exercised > 0 ? undefined : `${this.#scenario}, simulated: ${reason}`,
        }),
      };
    });
  }

  #addJudgement(judgement: Judgement, run: Counted): void {
    const { exercised, measures, property, reason, verdict, violations } = judgement;
    const total = this.#totalOf(property);
    total.verdicts.add(verdict);
    total.exercised += exercised;
    if (exercised > 0) total.seeds += 1;
    if (exercised > 0 && total.tokens.length < mostTokens && (verdict === "violated" || total.tokens.length === 0)) {
      total.tokens.push(run.token);
    }
    total.reason ??= reason ?? null;
    for (const { direction, name, threshold, value } of measures) {
      if (!Number.isFinite(value)) continue;
      const known = total.figures.get(name);
      if (known !== undefined && (direction === "at_least" ? known.value <= value : known.value >= value)) continue;
      const of = `${this.#scenario}, simulated`;
      const rounded = Math.round(value * 100) / 100;
      const bound = threshold === undefined ? {} : { threshold, direction: direction ?? ("at_most" as const) };
      total.figures.set(name, { name, value: rounded, of, ...bound });
    }
    const [story] = violations;
    if (story !== undefined) this.#group(property, story, run);
  }

  #group(property: PropertyId, story: readonly string[], run: Counted): void {
    const shape = shapeOf(story[0] ?? "");
    const key = `${property} ${shape}`;
    const known = this.groups.get(key);
    if (known === undefined) this.groups.set(key, { property, shape, first: run, story, seeds: 1 });
    else known.seeds += 1;
  }

  #totalOf(property: PropertyId): Total {
    const known = this.#totals.get(property);
    if (known !== undefined) return known;
    const total: Total = { verdicts: new Set(), exercised: 0, seeds: 0, figures: new Map(), tokens: [], reason: null };
    this.#totals.set(property, total);
    return total;
  }
}

/** The first line of a failure without names and numbers. */
function shapeOf(line: string): string {
  return line
    .replace(/\b[0-9a-f]{16}\b/g, "…")
    .replace(/\b(node|missing|new|job)-[\w-]+/g, "$1")
    .replace(/-?\d+(\.\d+)?/g, "#");
}
