/**
 * The runs that are worth branching from: for each situation, how many runs have been in it, and the run that was in it earliest. A run is kept as
 * long as some situation names it. What is kept does not depend on the order in which corpora are merged.
 */
import type { Millis } from "../../protocol/time.ts";
import type { Recipe } from "../plan/branch.ts";
import { type Family, families, type Reached } from "./coverage.ts";

/** A situation, as far as it is known. */
export interface Known {
  /** How many runs were in it. */
  readonly runs: number;
  /** The run that was in it earliest, and when. */
  readonly recipe: Recipe;
  readonly at: Millis;
}

export class Corpus {
  readonly #situations = new Map<string, Known>();
  readonly #families = new Map<Family, string[]>(families.map((family) => [family, []]));
  #runs = 0;

  /** Runs that it was made from. */
  get runs(): number {
    return this.#runs;
  }

  get situations(): ReadonlyMap<string, Known> {
    return this.#situations;
  }

  /** The situations of a family, in the order in which they were found. */
  ofFamily(family: Family): readonly string[] {
    return this.#families.get(family) ?? [];
  }

  /** Those from which something new may follow: of counts of one thing, the highest. */
  frontierOf(family: Family): readonly string[] {
    if (family !== "times") return this.ofFamily(family);
    const highest = new Map<string, string>();
    for (const situation of this.ofFamily(family)) {
      const [what, count] = partsOf(situation);
      const other = highest.get(what);
      if (other === undefined || partsOf(other)[1] < count) highest.set(what, situation);
    }
    return [...highest.values()];
  }

  /** Recipes of the runs that are kept, each once, by their texts. */
  get kept(): ReadonlyMap<string, Recipe> {
    return new Map([...this.#situations.values()].map(({ recipe }) => [textOf(recipe), recipe]));
  }

  /** @returns the situations that no run was in before */
  add(recipe: Recipe, reached: Reached): readonly string[] {
    this.#runs += 1;
    const found: string[] = [];
    for (const [situation, at] of reached) if (this.#join(situation, { runs: 1, recipe, at })) found.push(situation);
    return found;
  }

  /** Takes in another, of other runs. */
  merge(other: Corpus): void {
    this.#runs += other.runs;
    for (const [situation, known] of other.situations) this.#join(situation, known);
  }

  /** Returns the corpus of these situations. @param runs the number of all runs of the corpus */
  static of(runs: number, situations: Iterable<readonly [string, Known]>): Corpus {
    const corpus = new Corpus();
    corpus.#runs = runs;
    for (const [situation, known] of situations) corpus.#join(situation, known);
    return corpus;
  }

  /** @returns whether the situation is new */
  #join(situation: string, one: Known): boolean {
    const other = this.#situations.get(situation);
    if (other === undefined) {
      this.#situations.set(situation, one);
      this.#families.get(familyOf(situation))?.push(situation);
      return true;
    }
    const { at, recipe } = isBefore(one, other) ? one : other;
    this.#situations.set(situation, { runs: one.runs + other.runs, recipe, at });
    return false;
  }
}

export function familyOf(situation: string): Family {
  const name = situation.slice(0, situation.indexOf(" "));
  const family = families.find((one) => one === name);
  if (family === undefined) throw new RangeError(`a situation of no family: ${situation}`);
  return family;
}

/** Returns the event that was counted, and how often it was. */
function partsOf(situation: string): readonly [what: string, count: number] {
  const at = situation.lastIndexOf(" x");
  return [situation.slice(0, at), Number(situation.slice(at + 2))];
}

/** Earlier in the run; else with fewer branches; else by the text, so that the order of merging does not matter. */
function isBefore(one: Known, other: Known): boolean {
  if (one.at !== other.at) return one.at < other.at;
  const [short, long] = [one.recipe.branches.length, other.recipe.branches.length];
  return short !== long ? short < long : textOf(one.recipe) < textOf(other.recipe);
}

export function textOf({ branches, seed }: Recipe): string {
  return [seed, ...branches.map(({ from, how, seed: other }) => `${how}@${from}:${other}`)].join(" ");
}
