/**
 * A sequential test (test martingale): it bets on what comes next at the odds that are fair if what is claimed holds, so its wealth has a mean of 1 or less
 * then, and that it ever reaches `threshold` has a probability of 1/`threshold` at most (Ville's inequality).
 */

export const threshold = 1e12;

export abstract class SequentialTest {
  readonly #threshold: number;
  #wealth = 1;
  #isReported = false;
  comparisons = 0;
  right = 0;

  constructor(least: number = threshold) {
    this.#threshold = least;
  }

  get isRejected(): boolean {
    return this.#wealth >= this.#threshold;
  }

  /** Once for each test that has rejected. */
  report(): boolean {
    if (!this.isRejected || this.#isReported) return false;
    this.#isReported = true;
    return true;
  }

  /** @param gain what a stake of 1 becomes; once it has rejected, it is over */
  protected settle(gain: number, isRight: boolean): void {
    if (this.isRejected) return;
    this.comparisons += 1;
    if (isRight) this.right += 1;
    this.#wealth *= gain;
  }
}
