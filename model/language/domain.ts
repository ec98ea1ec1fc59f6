/** The finite domains that the fields of a state range over. Every value of a domain has a code from 0 to `size` - 1. */
import { OutsideSchema } from "./outside.ts";
import type { Source } from "./source.ts";

/** Codes have to fit a small integer of the engine and 32 bits of a packed word. */
const mostCodes = 2 ** 30;

export interface Domain<out Value> {
  readonly title: string;
  /** How many values there are: 1 to `mostCodes`. */
  readonly size: number;
  /** The domains of names that occur in its values. */
  readonly mentions: readonly Names[];
  valueAt(code: number): Value;
  /** The code of the same value after interchangeable names have been permuted. */
  rename(code: number, renaming: Renaming): number;
  /**
   * Writes what turns the value of `expression` into its code, into generated code.
   * @param where the field, for the message of the `OutsideSchema` that the generated code throws
   * @returns an expression without side effects
   */
  writeCode(expression: string, where: string, source: Source): string;
  /** @returns an expression for the value that has the code `expression` */
  writeValue(expression: string, source: Source): string;
}

/** The new name of a name; names of a domain that is not permuted stay. */
export type Renaming = (names: Names, index: number) => number;

export type ValueOf<D> = D extends Domain<infer Value> ? Value : never;

export const bool: Domain<boolean> = {
  title: "a boolean",
  size: 2,
  mentions: [],
  valueAt: (code) => code === 1,
  rename: (code) => code,
  writeCode(expression, where, source) {
    const value = source.local(expression);
    source.refuseUnless(`${value} === true || ${value} === false`, value, where, bool.title);
    return `(${value} === true ? 1 : 0)`;
  },
  writeValue: (expression) => `(${expression}) === 1`,
};

/** All integers from `least` to `most`, both included. */
export function integer(least: number, most: number): Domain<number> {
  return range(least, most, `an integer from ${least} to ${most}`);
}

function range(least: number, most: number, title: string): Domain<number> {
  return {
    title,
    size: sizeWithin(most - least + 1, title),
    mentions: [],
    valueAt: (code) => code + least,
    rename: (code) => code,
    writeCode(expression, where, source) {
      const value = source.local(expression);
      source.refuseUnless(
        `(${value} | 0) === ${value} && ${value} >= ${least} && ${value} <= ${most}`,
        value,
        where,
        title,
      );
      return least === 0 ? value : `(${value} - ${least})`;
    },
    writeValue: (expression) => (least === 0 ? `(${expression})` : `((${expression}) + ${least})`),
  };
}

/** This value and no other: where a scope has no use for what a model has a place for. */
export function only<Value>(value: Value, title: string): Domain<Value> {
  return {
    title,
    size: 1,
    mentions: [],
    valueAt: () => value,
    rename: (code) => code,
    writeCode(expression, where, source) {
      const found = source.local(expression);
      source.refuseUnless(`${found} === ${source.constant(value)}`, found, where, title);
      return "0";
    },
    writeValue: (_expression, source) => source.constant(value),
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Domain<Word> {
  const title = `one of ${words.join(", ")}`;
  const valueAt = (code: number): Word => words[code] ?? unknownCode(title, code);
  return {
    title,
    size: sizeWithin(words.length, title),
    mentions: [],
    valueAt,
    rename: (code) => code,
    writeCode(expression, where, source) {
      const value = source.local(expression);
      source.refuseUnless(
        words.map((word) => `${value} === ${JSON.stringify(word)}`).join(" || "),
        value,
        where,
        title,
      );
      return `(${words.map((word, code) => `${value} === ${JSON.stringify(word)} ? ${code} : `).join("")}-1)`;
    },
    writeValue: (expression, source) => `${source.constant(words)}[${expression}]`,
  };
}

/** The names of some things that are all alike: nodes, jobs, instances. A name is its index, 0 to `size` - 1. */
export interface Names extends Domain<number> {
  readonly noun: string;
  /** All of them, in order. */
  readonly all: readonly number[];
  /** Whether exchanging two of them everywhere changes nothing that matters. */
  readonly isInterchangeable: boolean;
}

/** @param noun singular: `node` */
export function names(noun: string, count: number, isInterchangeable = true): Names {
  const { title, size, valueAt, writeCode, writeValue } = range(0, count - 1, `a ${noun} from 0 to ${count - 1}`);
  const domain: Names = {
    title,
    noun,
    size,
    all: Array.from({ length: count }, (_, index) => index),
    isInterchangeable,
    get mentions() {
      return [domain];
    },
    valueAt,
    rename: (code, renaming) => renaming(domain, code),
    writeCode,
    writeValue,
  };
  return domain;
}

/** A value, or none, which is `null`. */
export function optional<Value>(of: Domain<Value>): Domain<Value | null> {
  const title = `none or ${of.title}`;
  return {
    title,
    size: sizeWithin(of.size + 1, title),
    mentions: of.mentions,
    valueAt: (code) => (code === 0 ? null : of.valueAt(code - 1)),
    rename: (code, renaming) => (code === 0 ? 0 : of.rename(code - 1, renaming) + 1),
    writeCode(expression, where, source) {
      const value = source.local(expression);
      const code = source.declare("0");
      source.block(`if (${value} !== null)`, () => source.line(`${code} = ${of.writeCode(value, where, source)} + 1;`));
      return code;
    },
    writeValue: (expression, source) => {
      const code = source.local(expression);
      return `(${code} === 0 ? null : ${of.writeValue(`${code} - 1`, source)})`;
    },
  };
}

/** @throws OutsideSchema for a domain that no code can count */
export function sizeWithin(size: number, title: string): number {
  if (Number.isInteger(size) && size >= 1 && size <= mostCodes) return size;
  throw new OutsideSchema(title, `${size} values`, `from 1 to ${mostCodes} values; split it into several fields`);
}

export function unknownCode(title: string, code: number): never {
  throw new OutsideSchema(title, `code ${code}`, title);
}
