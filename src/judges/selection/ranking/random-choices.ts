/**
 * Whether equals come in a random order. Nodes of one rank may be exchanged for each other, so those of them that an answer shows come in an order that is uniform,
 * whatever came before. Sequential tests bet
 * - that what came first in the last selection of the same request comes first again, and that all come in the same order again: once with the last selection
 *   of the same instance, once with that of another one which was the last to ask;
 * - on what has come first among its equals most often so far;
 * - that the order is that of ids, of jobs or of health, up or down: what a scheduler may sort by.
 * A run has eight tests for each instance, eight for all together, and one for two of them: with 100 instances a false alarm has a probability below 1e-9 a run.
 * An instance that always gives the same order is found after 12 selections among four equals, or 48 among two; one that only always gives the same first, after
 * 24 among four; equals that are sorted, after 59 pairs, whichever nodes they are.
 */
import type { Call, NodeContent } from "../../../check/history.ts";
import { SequentialTest, threshold } from "./sequential-test.ts";

/** On each of both, of the bet that something comes again. */
const stake = 0.4;
/** On an order by which a scheduler may sort. */
const orderStake = 0.6;

class ComesAgain extends SequentialTest {
  compare(now: readonly string[], before: readonly string[]): void {
    const isFirst = now[0] === before[0];
    const isWhole = isFirst && now.every((node, place) => node === before[place]);
    const whole = isWhole ? Math.exp(logOrders(now.length)) : 0;
    this.settle(1 - 2 * stake + stake * (isFirst ? now.length : 0) + stake * whole, isFirst);
  }
}

/** Bets on each in proportion to how often it has come first, and half a time more (Krichevsky and Trofimov). */
class Favourites extends SequentialTest {
  readonly #wins = new Map<string, number>();

  compare(now: readonly string[]): void {
    const [first = ""] = now;
    const weights = now.map((node) => (this.#wins.get(node) ?? 0) + 0.5);
    const share = (weights[0] ?? 0) / weights.reduce((sum, weight) => sum + weight, 0);
    this.settle(share * now.length, (weights[0] ?? 0) >= Math.max(...weights));
    this.#wins.set(first, (this.#wins.get(first) ?? 0) + 1);
  }
}

type Compare = (one: NodeContent, other: NodeContent) => number;

class Sorted extends SequentialTest {
  readonly #compare: Compare;

  constructor(compare: Compare) {
    super();
    this.#compare = compare;
  }

  /** Nodes that compare as equal may come in any order, so that more orders count as sorted. */
  compare(now: readonly NodeContent[]): void {
    let logSorted = 0;
    let same = 1;
    for (const [index, one] of now.entries()) {
      const before = now[index - 1];
      const order = before === undefined ? 1 : this.#compare(one, before);
      if (order < 0) {
        this.settle(1 - orderStake, false);
        return;
      }
      same = order === 0 ? same + 1 : 1;
      logSorted += Math.log(same);
    }
    this.settle(1 - orderStake + orderStake * Math.exp(logOrders(now.length) - logSorted), true);
  }
}

/** By count: the logarithm of how many orders so many can come in. */
const logsOfOrders: number[] = [0, 0];

function logOrders(count: number): number {
  for (let next = logsOfOrders.length; next <= count; next += 1)
    logsOfOrders.push((logsOfOrders[next - 1] ?? 0) + Math.log(next));
  return logsOfOrders[count] ?? 0;
}

const byId: Compare = (one, other) => (one.node < other.node ? -1 : one.node > other.node ? 1 : 0);
const byJobs: Compare = (one, other) => one.current_jobs - other.current_jobs;
const byHealth: Compare = (one, other) => one.health_milli - other.health_milli;
const orders: readonly (readonly [text: string, compare: Compare])[] = [
  ["by id", byId],
  ["by id, the last first", (one, other) => byId(other, one)],
  ["by jobs, the fewest first", byJobs],
  ["by jobs, the most first", (one, other) => byJobs(other, one)],
  ["by health, the worst first", byHealth],
  ["by health, the best first", (one, other) => byHealth(other, one)],
];

/** The tests of one instance, or of all together. */
class Tests {
  readonly again = new ComesAgain();
  readonly favourites = new Favourites();
  readonly sorted = orders.map(([text, compare]) => ({ text, test: new Sorted(compare) }));

  order(equals: readonly NodeContent[]): void {
    this.favourites.compare(equals.map(({ node }) => node));
    for (const { test } of this.sorted) test.compare(equals);
  }

  /** The first that has rejected, if that has not been reported yet. */
  rejection(who: string): readonly string[] | null {
    const all = [
      { test: this.again, what: "chose the node it had chosen before" },
      { test: this.favourites, what: "chose the node it had chosen most" },
      ...this.sorted.map(({ test, text }) => ({ test, what: `gave equals ${text}` })),
    ];
    const rejecting = all.find(({ test }) => test.isRejected);
    return rejecting?.test.report() ? explained(rejecting.test, `${who} ${rejecting.what}`) : null;
  }
}

/** The nodes that came first in the last selection of one kind: the best one, and its equals. */
interface Former {
  readonly instance: number;
  readonly best: readonly string[];
}

export class RandomChoices {
  readonly #ofOwn = new Map<number, Tests>();
  readonly #ofAll = new Tests();
  readonly #ofOthers = new ComesAgain();
  /** Request -> its last selection by any instance, and by each. */
  readonly #last = new Map<string, Former>();
  readonly #lastOwn = new Map<string, Former>();
  /** Choices among equals. */
  compared = 0;

  /** @param ranks the nodes of the answer, in its order, by rank, the best first */
  chosen(call: Call, ranks: readonly (readonly NodeContent[])[]): void {
    const [best] = ranks;
    if (best === undefined) return;
    const tests = this.#testsOf(call.instance);
    for (const equals of ranks) {
      if (equals.length < 2) continue;
      this.compared += 1;
      tests.order(equals);
      this.#ofAll.order(equals);
    }
    this.#compareWithLast(
      call,
      best.map(({ node }) => node),
      tests.again,
    );
  }

  /** An explanation for each instance of which a test has rejected, once; for all together where there is none. */
  *rejections(): Generator<readonly string[]> {
    let count = 0;
    for (const [instance, tests] of this.#ofOwn) {
      const rejection = tests.rejection(`instance ${instance}`);
      if (rejection === null) continue;
      count += 1;
      yield rejection;
    }
    const ofAll = count === 0 ? this.#ofAll.rejection("the instances together") : null;
    if (ofAll !== null) yield ofAll;
    const others = this.#ofOthers;
    if (others.report()) yield explained(others, "an instance chose the node that another had chosen");
  }

  #compareWithLast({ asked, instance }: Call, best: readonly string[], again: ComesAgain): void {
    const now = { instance, best };
    const request = JSON.stringify(asked ?? null);
    const ownRequest = `${instance} ${request}`;
    const own = this.#lastOwn.get(ownRequest);
    const last = this.#last.get(request);
    this.#lastOwn.set(ownRequest, now);
    this.#last.set(request, now);
    if (best.length < 2) return;
    if (own !== undefined) again.compare(best, own.best);
    if (last !== undefined && last.instance !== instance) this.#ofOthers.compare(best, last.best);
  }

  #testsOf(instance: number): Tests {
    const tests = this.#ofOwn.get(instance) ?? new Tests();
    this.#ofOwn.set(instance, tests);
    return tests;
  }
}

function explained({ comparisons, right }: SequentialTest, what: string): readonly string[] {
  return [
    `${what} ${right} times of ${comparisons} among equals, allowed what a uniform draw gives once in ${threshold.toExponential(0)} runs`,
    "the order of nodes of one pool and one rank is to be drawn anew each time",
  ];
}
