/**
 * S3, where all that suits is shown: of two nodes, one of them worse, the worse one comes first no more often than where each place has the better of two that
 * are drawn. Of each selection one pair is compared, which its order does not decide. Sequential tests bet on an order without ranks.
 */

import type { Millis, NodeContent } from "../../../check/history.ts";
import type { Called, Returned } from "../../event.ts";
import { SequentialTest } from "../../selection/ranking/sequential-test.ts";

/** By how much two nodes differ at the least, in thousandths of health and in shares of the capacity, and at the most where they are equal. */
export const [differs, equals] = [150, 20] as const;
/** Chance that the worse of two comes first without ranks, and the least that is allowed: a rank may use more than is shown. */
const [drawn, least] = [0.5, 0.1] as const;
/** ms after which an instance shows a place that was answered, and after which it has settled one of unknown outcome. */
const [shownAfter, settledAfter] = [50, 2_000] as const;
/** Wealth at which a test rejects. A run shows about a hundred pairs. */
const threshold = 1e9;
/** A longer answer says next to nothing about each pair. */
const mostNodes = 6;

type IsWorse = (one: NodeContent, other: NodeContent) => boolean;

/** Differences of the other to the one: above 0, the one is worse by so much. */
const differences = (one: NodeContent, other: NodeContent) => ({
  load: loadOf(one) - loadOf(other),
  health: other.health_milli - one.health_milli,
});

const isWorse: IsWorse = (one, other) => {
  const { health, load } = differences(one, other);
  return (load >= differs && health >= -equals) || (health >= differs && load >= -equals);
};

const ways: readonly (readonly [text: string, isPair: IsWorse])[] = [
  [
    "load alone",
    (one, other) => {
      const { health, load } = differences(one, other);
      return load >= differs && Math.abs(health) <= equals;
    },
  ],
  [
    "health alone",
    (one, other) => {
      const { health, load } = differences(one, other);
      return health >= differs && Math.abs(load) <= equals;
    },
  ],
  ["health or load", isWorse],
];

interface Pair {
  readonly worse: NodeContent;
  readonly better: NodeContent;
  /** How many other nodes may be worse than both. */
  readonly others: number;
  readonly by: number;
}

function gap(worse: NodeContent, better: NodeContent): number {
  const { health, load } = differences(worse, better);
  return health + load;
}

/** Bets that the worse one comes first as often as the better one. */
class Unranked extends SequentialTest {
  constructor() {
    super(threshold);
  }

  /** @param most the chance of it that is allowed at the most */
  compare(isWorseFirst: boolean, most: number): void {
    this.settle(isWorseFirst ? drawn / most : (1 - drawn) / (1 - most), isWorseFirst);
  }
}

export class RankedPairs {
  readonly #tests = ways.map(([text, isPair]) => ({ text, isPair, test: new Unranked() }));
  /** By instance: the calls in flight that may place a job; and, by node, until when a place may be missing in what is shown. */
  readonly #open = new Map<number, Map<number, string>>();
  readonly #pending = new Map<string, Millis>();

  called({ call, instance, node, op }: Called): void {
    if (op !== "reserve_job" && op !== "dispatch") return;
    const open = this.#open.get(instance) ?? new Map<number, string>();
    this.#open.set(instance, open);
    open.set(call, node);
  }

  returned({ call }: Returned): void {
    const { id, instance, node = "", outcome, to } = call;
    if (to === null || this.#open.get(instance)?.delete(id) !== true) return;
    this.#pending.set(`${instance} ${node}`, to + (outcome === "info" ? settledAfter : shownAfter));
  }

  /** @param selected all that suit, of one pool, in their order */
  judge(instance: number, from: Millis, selected: readonly NodeContent[]): void {
    if (selected.length < 2 || selected.length > mostNodes) return;
    for (const { isPair, test } of this.#tests) {
      const pair = this.#pairOf(selected, isPair, (node) => this.#mayBePending(instance, from, node));
      if (pair === null) continue;
      const isWorseFirst = selected.indexOf(pair.worse) < selected.indexOf(pair.better);
      test.compare(isWorseFirst, Math.max(least, pair.others / (2 * pair.others + 1)));
    }
  }

  *rejections(): Generator<string> {
    for (const { test, text } of this.#tests) {
      if (!test.report()) continue;
      yield `of ${test.comparisons} pairs of nodes that differ by ${text}, ${test.right} were selected with the worse one first, allowed the better of two that are drawn: that does so once in ${threshold.toExponential(0)} runs`;
    }
  }

  /** The pair beside which the fewest others may be worse than both: the worse one comes first only where it was drawn with one of them. */
  #pairOf(selected: readonly NodeContent[], isPair: IsWorse, mayBePending: (node: string) => boolean): Pair | null {
    let found: Pair | null = null;
    const sorted = selected.toSorted((one, other) => (one.node < other.node ? -1 : 1));
    for (const worse of sorted) {
      const betters = sorted.filter((better) => isWorse(worse, better) && !mayBePending(better.node));
      const others = selected.length - 1 - betters.length;
      for (const better of betters.filter((one) => isPair(worse, one))) {
        const pair = { worse, better, others, by: gap(worse, better) };
        if (found === null || others < found.others || (others === found.others && pair.by > found.by)) found = pair;
      }
    }
    return found;
  }

  #mayBePending(instance: number, from: Millis, node: string): boolean {
    if ((this.#pending.get(`${instance} ${node}`) ?? Number.NEGATIVE_INFINITY) >= from) return true;
    for (const open of this.#open.get(instance)?.values() ?? []) if (open === "" || open === node) return true;
    return false;
  }
}

/** In thousandths of the capacity. */
export function loadOf({ current_jobs, max_jobs }: NodeContent): number {
  return (1_000 * current_jobs) / max_jobs;
}
