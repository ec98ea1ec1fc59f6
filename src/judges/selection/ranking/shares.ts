/**
 * Whether a node takes more than its share: of `count` candidates none is the first choice of more than 2/count of the requests that meet the same state. Where
 * not all candidates are known, those that are known bound it too. One test bets on the node that has been chosen most for the same, one on that which another
 * instance has chosen last, one on the best by what the store has last held.
 */
import { SequentialTest, threshold } from "./sequential-test.ts";

/** The share of the wealth that is bet on each choice. */
const stake = 0.4;
/** The fewest candidates that are judged: one of two may be the first choice of all requests. */
const fewest = 3;

class Predicted extends SequentialTest {
  compare(isRight: boolean, count: number): void {
    this.settle(1 - stake + (isRight ? (stake * count) / 2 : 0), isRight);
  }
}

/** The first choices for one kind of request. */
interface Chosen {
  readonly wins: Map<string, number>;
  most: string;
  last: { readonly instance: number; readonly node: string } | null;
}

export class Shares {
  readonly #requests = new Map<string, Chosen>();
  readonly #most = new Predicted();
  readonly #others = new Predicted();
  readonly #best = new Predicted();
  compared = 0;

  /** @param candidates those of which it is certain that the choice was among them, and about how good each is
   * @param request what was asked for
   */
  chose(instance: number, request: string, candidates: ReadonlyMap<string, number>, node: string): void {
    const chosen = this.#requests.get(request) ?? { wins: new Map<string, number>(), most: "", last: null };
    this.#requests.set(request, chosen);
    const { last, most, wins } = chosen;
    const { size } = candidates;
    if (size >= fewest) {
      this.compared += 1;
      this.#best.compare(node === bestOf(candidates), size);
      if (candidates.has(most)) this.#most.compare(node === most, size);
      const isOther = last !== null && last.instance !== instance && candidates.has(last.node);
      if (isOther) this.#others.compare(node === last.node, size);
    }
    const count = (wins.get(node) ?? 0) + 1;
    wins.set(node, count);
    if (count > (wins.get(most) ?? 0)) chosen.most = node;
    chosen.last = { instance, node };
  }

  *rejections(): Generator<readonly string[]> {
    const tests = [
      { test: this.#most, what: "the node that had been chosen most" },
      { test: this.#others, what: "the node that another had chosen" },
      { test: this.#best, what: "the best node" },
    ];
    for (const { test, what } of tests) {
      if (!test.report()) continue;
      yield [
        `instances chose ${what} first ${test.right} times of ${test.comparisons}, allowed 2 of as many as there are candidates: that does so once in ${threshold.toExponential(0)} runs`,
        "of k candidates none is the first choice of more than 2/k of the requests that meet the same state",
      ];
    }
  }
}

function bestOf(candidates: ReadonlyMap<string, number>): string {
  let [best, most] = ["", Number.NEGATIVE_INFINITY];
  for (const [node, rank] of candidates) if (rank > most) [best, most] = [node, rank];
  return best;
}
