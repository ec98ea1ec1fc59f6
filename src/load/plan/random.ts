/** Draws from a stream. Each concern has a stream of its own (seeded-random.ts), so an additional draw in one place changes no other. */
import type { Random } from "../../scheduler/ports.ts";

/** From `least` up to `most`, evenly, fractions included. */
export function between(random: Random, range: readonly [number, number]): number {
  const least = range[0]; // not destructured: drawn for every message, and an iterator costs more than the draw
  return least + (random.nextUint32() / 2 ** 32) * (range[1] - least);
}

/** A whole number from `least` to `most`, both included. */
export function integerBetween(random: Random, [least, most]: readonly [number, number]): number {
  return least + (random.nextUint32() % (most - least + 1));
}

export function chance(random: Random, share: number): boolean {
  return random.nextUint32() < share * 2 ** 32;
}

/** @throws RangeError for an empty list */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[random.nextUint32() % values.length];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

/** By weight, each above 0. @throws RangeError for an empty list */
export function pickWeighted<Value>(random: Random, values: readonly (readonly [Value, number])[]): Value {
  let rest = (random.nextUint32() / 2 ** 32) * values.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of values) {
    rest -= weight;
    if (rest < 0) return value;
  }
  const last = values.at(-1);
  if (last === undefined) throw new RangeError("nothing to pick from");
  return last[0];
}
