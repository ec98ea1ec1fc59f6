/**
 * S3: a choice among equals is random. A herd that comes to one node at once is a burst of work as much as entries that come due at once are.
 *
 * A sequential test (test martingale). Each selection is compared with the one before it of the same request: whether its first node is the one that came
 * first then, and whether all equal nodes of the best band come in the order in which they came then; once with the last selection of the same instance,
 * once with that of another one that was the last to ask. There are at least so many equal nodes, so a uniform draw puts any one first with a probability
 * of 1/`equals` at most, and any order of them with 1/`equals`!. The wealth of a test that stakes two fifths on each, at the odds that are fair then, has
 * a mean of 1 or less, whatever came before; and that it ever reaches `rejected` has a probability of 1/`rejected` at most (Ville's inequality). A run
 * has a test for each instance and one for the others: with 100 instances a false alarm has a probability below 1.1e-10 a run. An instance that always
 * gives the same order is found after 12 selections among four equals, or 48 among two; one that only always gives the same first, after 48 among four.
 */
import type { Call } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Judge } from "../judge.ts";

/** No node is better than another within so many thousandths of health: what a `Selection` promises (src/scheduler/selection/select.ts). */
const band = 50;
const rejected = 1e12;
/** On each of both. */
const stake = 0.4;

class Martingale {
  #wealth = 1;
  comparisons = 0;
  same = 0;

  get isRejected(): boolean {
    return this.#wealth >= rejected;
  }

  /** Once rejected, it is over. */
  compare(now: readonly string[], before: readonly string[]): void {
    if (this.isRejected) return;
    const isFirst = now[0] === before[0];
    const isWhole = isFirst && now.every((node, place) => node === before[place]);
    this.comparisons += 1;
    if (isFirst) this.same += 1;
    const kept = 1 - 2 * stake;
    this.#wealth *= kept + stake * (isFirst ? now.length : 0) + stake * (isWhole ? orders(now.length) : 0);
  }
}

/** In how many orders so many can come. */
function orders(count: number): number {
  return count < 2 ? 1 : count * orders(count - 1);
}

/** What came first in the last selection of one kind: the best, and its equals. */
interface Former {
  readonly instance: number;
  readonly best: readonly string[];
}

export function judgeRandomChoices(): Judge {
  return new RandomChoices();
}

class RandomChoices implements Judge {
  readonly property = "S3";
  readonly hears = ["returned"] as const;
  readonly operations = ["select_nodes"] as const;
  readonly #ofOwn = new Map<number, Martingale>();
  readonly #ofOthers = new Martingale();
  /** What was asked for -> the last selection of it by any instance, and by each. */
  readonly #last = new Map<string, Former>();
  readonly #lastOwn = new Map<string, Former>();

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    const findings = new Findings("S3");
    for (const [instance, test] of this.#ofOwn) {
      if (test.isRejected)
        findings.violate(() => storyOf(test, `instance ${instance} chose the node it had chosen before`));
    }
    if (this.#ofOthers.isRejected) {
      findings.violate(() => storyOf(this.#ofOthers, "an instance chose the node that another had chosen"));
    }
    const exercised = [...this.#ofOwn.values()].reduce((sum, { comparisons }) => sum + comparisons, 0);
    return findings.conclude({ exercised, measures: [{ name: "choices_among_equals", value: exercised }] });
  }

  #returned({ asked, instance, selected = [] }: Call): void {
    const [first] = selected;
    // Without a pool several may have been searched one after the other, in an order that is fixed.
    if (first === undefined || (asked !== undefined && asked.pool === undefined)) return;
    const equals = selected.filter((one) => bandOf(one.health_milli) === bandOf(first.health_milli));
    const now = { instance, best: equals.map(({ node }) => node) };
    const request = JSON.stringify(asked ?? null);
    const ownRequest = `${instance} ${request}`;
    const own = this.#lastOwn.get(ownRequest);
    const last = this.#last.get(request);
    this.#lastOwn.set(ownRequest, now);
    this.#last.set(request, now);
    if (equals.length < 2) return;
    if (own !== undefined) this.#testOf(instance).compare(now.best, own.best);
    if (last !== undefined && last.instance !== instance) this.#ofOthers.compare(now.best, last.best);
  }

  #testOf(instance: number): Martingale {
    const test = this.#ofOwn.get(instance) ?? new Martingale();
    this.#ofOwn.set(instance, test);
    return test;
  }
}

/** The best band has a thousandth more than the others. */
function bandOf(healthMilli: number): number {
  return Math.min(1_000 / band - 1, Math.floor(healthMilli / band));
}

function storyOf({ comparisons, same }: Martingale, what: string): readonly string[] {
  return [
    `${what} ${same} times of ${comparisons} among equals, allowed what a uniform draw gives once in ${rejected.toExponential(0)} runs`,
    "among nodes whose health differs by less than the store tells, the first of a selection is to be drawn anew each time",
  ];
}
