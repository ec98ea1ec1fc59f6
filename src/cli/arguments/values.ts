/** Parses the values of flags. A value that cannot be parsed is a UsageError that says what is allowed. */

import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { UsageError } from "../../evidence/failure.ts";
import { nearestFix } from "../../evidence/nearest.ts";
import { maxSeed } from "../../evidence/token.ts";
import { quoted } from "../../evidence/words.ts";
import type { Shard } from "../../verify/plan.ts";

export function oneOf<Choice extends string>(
  kind: string,
  flag: string,
  choices: readonly Choice[],
): (text: string) => Choice {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw unknownWord(kind, text, choices, flag);
    return found;
  };
}

/** For a repeatable flag: commander passes the values collected so far. */
export function several<Value>(
  read: (text: string) => Value,
): (text: string, soFar?: readonly Value[]) => readonly Value[] {
  const parser = (text: string, soFar: readonly Value[] = []): readonly Value[] => [...soFar, read(text)];
  repeatable.add(parser);
  return parser;
}

const repeatable = new WeakSet<object>();

/** @param parser of an option @returns whether the option collects its values */
export function isRepeatable(parser: object | undefined): boolean {
  return parser !== undefined && repeatable.has(parser);
}

export const readProperty: (text: string) => PropertyId = oneOf("property", "--property", propertyIds);

/** Several properties in one value, separated by commas. */
export function readProperties(flag: string): (text: string) => readonly PropertyId[] {
  const read = oneOf("property", flag, propertyIds);
  return (text) => text.split(",").map((each) => read(each.trim()));
}

export function integerWithin(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw notReadable(flag, text, `an integer from ${least} to ${most}`);
  };
}

/** Node's timers overflow after 24 days. */
const longest = 7 * 24 * 3_600_000;

/** `90s`, `5m`, `2h`, `1500ms`. @returns milliseconds */
export function readDuration(flag: string): (text: string) => number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  return (text) => {
    const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
    const value = Number(digits) * (units[unit ?? ""] ?? Number.NaN);
    if (value > 0 && value <= longest) return value;
    throw notReadable(flag, text, "a duration above zero and up to 168h, such as 90s, 5m or 2h");
  };
}

/** `3/8`: the third of eight shards. */
export function readShard(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), of: Number(of) };
  if (shard.index >= 1 && shard.index <= shard.of) return shard;
  throw notReadable("--shard", text, "i/n with 1 <= i <= n, such as 3/8");
}

/** For a flag with choices that are known only when its command runs. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Seeds `a..b`, both included. */
export function readRange(text: string): Range {
  const [, from, to] = /^(\d{1,10})\.\.(\d{1,10})$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  if (range.from <= range.to && range.to <= maxSeed) return range;
  const allowed = `a..b with 0 <= a <= b <= ${maxSeed}`;
  throw new UsageError(`found ${quoted(text)}; allowed: ${allowed}`, {
    where: "--seeds",
    fix: `give --seeds ${allowed}, such as 1..2000`,
  });
}

export function checkWords(kind: string, words: readonly string[], known: readonly string[], where: string): void {
  for (const word of words) if (!known.includes(word)) throw unknownWord(kind, word, known, where);
}

/** Words that a message names; only mutants are more. */
const mostNamed = 100;

/** @param where the flag or the argument at fault */
export function unknownWord(kind: string, word: string, known: readonly string[], where: string): UsageError {
  const named = known.slice(0, mostNamed);
  const left = known.length - named.length;
  const plural = kind === "property" ? "properties" : `${kind}s`;
  const choice =
    left === 0
      ? `choose one of the ${plural} named above`
      : `choose one of the ${plural}; docs/promises.md says what most of them break`;
  return new UsageError(
    `unknown ${kind} ${quoted(word)}; allowed: ${named.join(", ")}${left === 0 ? "" : `, and ${left} more`}`,
    { where, fix: nearestFix(word, known, choice) },
  );
}

export function notReadable(flag: string, text: string, allowed: string): UsageError {
  return new UsageError(`found ${quoted(text)}; allowed: ${allowed}`, {
    where: flag,
    fix: `give ${flag} ${allowed}`,
  });
}
