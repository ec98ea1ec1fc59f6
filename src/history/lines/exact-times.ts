/**
 * Times of a clock that may count more than 2^53, as one in nanoseconds since 1970 does. A double has no room for their last digits, so they
 * are read in two parts, and kept as what lies between them and the first one: that is exact up to 2^53, which is 104 days of nanoseconds.
 */

/** An integer in two parts of the same sign: `high` * 10^15 + `low`. Each is exact. */
export interface Parts {
  readonly high: number;
  readonly low: number;
}

export const lowDigits = 15;
const lowRange = 10 ** lowDigits;

/** Up to here an origin can be added to a time again without a loss that matters. */
const small = 2 ** 52;

export class ExactTimes {
  #origin: Parts | null = null;

  /** @returns what lies between the first time and this one; NaN where that is more than 2^53 */
  since(high: number, low: number): number {
    this.#origin ??= { high, low };
    const between = (high - this.#origin.high) * lowRange + (low - this.#origin.low);
    return Number.isSafeInteger(between) ? between : Number.NaN;
  }

  /** Added to a time in messages; 0 where the origin is too large for that. */
  get shift(): number {
    const { high, low } = this.#origin ?? { high: 0, low: 0 };
    const origin = high * lowRange + low;
    return Math.abs(origin) <= small ? origin : 0;
  }

  /** The origin in digits, where messages count times from there; null where they have them as in the file. */
  get timesFrom(): string | null {
    if (this.#origin === null || this.shift !== 0) return null;
    const { high, low } = this.#origin;
    return high === 0 && low === 0 ? null : exactText(this.#origin);
  }

  /** In digits, as it was written. */
  text(since: number): string {
    const { high, low } = this.#origin ?? { high: 0, low: 0 };
    return (BigInt(exactText({ high, low })) + BigInt(since)).toString();
  }
}

function exactText({ high, low }: Parts): string {
  return (BigInt(high) * BigInt(lowRange) + BigInt(low)).toString();
}
