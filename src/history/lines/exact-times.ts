/**
 * Times that may exceed 2^53, such as nanoseconds since 1970. A double cannot hold their last digits. So they are read in two parts, and stored
 * as the distance from the first time, which is exact up to 2^53: 104 days of nanoseconds.
 */

/** An integer in two exact parts of the same sign: `high` * 10^15 + `low`. */
export interface Parts {
  readonly high: number;
  readonly low: number;
}

export const lowDigits = 15;
const lowRange = 10 ** lowDigits;

/** Up to this origin, times in messages are exact after it is added again. */
const small = 2 ** 52;

export class ExactTimes {
  #origin: Parts | null = null;

  /** @returns the distance from the first time; NaN where it exceeds 2^53 */
  since(high: number, low: number): number {
    this.#origin ??= { high, low };
    const between = (high - this.#origin.high) * lowRange + (low - this.#origin.low);
    return Number.isSafeInteger(between) ? between : Number.NaN;
  }

  /** Messages add it to a time; 0 where the origin is too large. */
  get shift(): number {
    const { high, low } = this.#origin ?? { high: 0, low: 0 };
    const origin = high * lowRange + low;
    return Math.abs(origin) <= small ? origin : 0;
  }

  /** The origin in digits, where times in messages count from it; null where they are those of the file. */
  get timesFrom(): string | null {
    if (this.#origin === null || this.shift !== 0) return null;
    const { high, low } = this.#origin;
    return high === 0 && low === 0 ? null : exactText(this.#origin);
  }

  /** The digits of the time in the file. */
  text(since: number): string {
    const { high, low } = this.#origin ?? { high: 0, low: 0 };
    return (BigInt(exactText({ high, low })) + BigInt(since)).toString();
  }
}

function exactText({ high, low }: Parts): string {
  return (BigInt(high) * BigInt(lowRange) + BigInt(low)).toString();
}
