/** Rules for parsed JSON values. They are written by hand instead of with zod, because they check every value of millions of lines. */
import { nearest } from "../../evidence/nearest.ts";

/** Counts the members that were checked: of two members with one name, only one is. */
export interface Seen {
  members: number;
}

export interface Rule {
  readonly isOptional: boolean;
  /** The text after "allowed is". */
  readonly allowed: string;
  /** @returns null where the value is allowed, else the text after the name of the field: ` is 5; allowed …` or `.member is 5; allowed …` */
  readonly check: (value: unknown, seen: Seen) => string | null;
}

export interface Required extends Rule {
  readonly isOptional: false;
}
export interface Optional extends Rule {
  readonly isOptional: true;
}

/** The kind of rule for each field of a type: required or optional. */
export type RulesOf<Fields> = {
  readonly [Name in keyof Fields]-?: undefined extends Fields[Name] ? Optional : Required;
};

export function rule(allowed: string, isRight: (value: unknown) => boolean): Required {
  return {
    isOptional: false,
    allowed,
    check: (value) => (isRight(value) ? null : ` is ${shown(value)}; allowed is ${allowed}`),
  };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

export const time = rule("a finite time", Number.isFinite);
export const duration = rule("a finite number from 0", (value) => Number.isFinite(value) && (value as number) >= 0);
export const number = rule("a finite number", Number.isFinite);
export const integer = rule("an integer up to 2^53", Number.isSafeInteger);
export const count = rule("an integer from 0 to 2^53", isCount);
export const text = rule("a string", (value) => typeof value === "string");
export const flag = rule("true or false", (value) => typeof value === "boolean");

export function oneOf<Word extends string>(words: Readonly<Record<Word, true>>): Required {
  const known = new Set(Object.keys(words));
  const allowed = [...known].join(", ");
  const found = (value: unknown): string => {
    const near = typeof value === "string" ? nearest(value, [...known]) : undefined;
    return ` is ${shown(value)}; allowed are ${allowed}${near === undefined ? "" : `: did you mean ${near}?`}`;
  };
  return {
    isOptional: false,
    allowed,
    check: (value) => (known.has(value as string) ? null : found(value)),
  };
}

export function optional({ allowed, check }: Required): Optional {
  return { isOptional: true, allowed, check };
}

export function nullable({ allowed, check }: Required): Required {
  return {
    isOptional: false,
    allowed: `${allowed}, or null`,
    check: (value, seen) => (value === null ? null : check(value, seen)),
  };
}

export function listOf({ allowed, check }: Required): Required {
  return {
    isOptional: false,
    allowed: `a list of ${allowed}`,
    check: (value, seen) => {
      if (!Array.isArray(value)) return ` is ${shown(value)}; allowed is a list`;
      for (let index = 0; index < value.length; index += 1) {
        const wrong = check(value[index], seen);
        if (wrong !== null) return wrong;
      }
      return null;
    },
  };
}

export type Rules = Readonly<Record<string, Rule>>;

/** An object with these members and no others. They usually come in this order, so the next one is guessed. */
export function objectOf(rules: Rules): Required {
  const names = Object.keys(rules);
  const inOrder = Object.values(rules);
  const required = names.filter((_, index) => inOrder[index]?.isOptional === false);
  const check = (value: unknown, seen: Seen): string | null => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return ` is ${shown(value)}; allowed is an object`;
    }
    const fields = value as Readonly<Record<string, unknown>>;
    let [next, needed] = [0, 0];
    for (const name in fields) {
      if (names[next] !== name) next = names.indexOf(name);
      if (next < 0) return unknownMember(name, required, fields, names);
      const { check: checkField, isOptional } = inOrder[next] as Rule;
      next += 1;
      seen.members += 1;
      if (!isOptional) needed += 1;
      const wrong = checkField(fields[name], seen);
      if (wrong !== null) return `.${name}${wrong}`;
    }
    if (needed === required.length) return null;
    const missing = required.filter((name) => !Object.hasOwn(fields, name));
    return ` without ${missing.join(", ")}`;
  };
  return { isOptional: false, allowed: `an object of ${names.join(", ")}`, check };
}

/** More values than any line of ours has. */
const mostValues = 10_000;

/** Any JSON value, for members that judges do not use. */
export const anything: Required = {
  isOptional: false,
  allowed: "an object",
  check: (value, seen) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return ` is ${shown(value)}; allowed is an object`;
    }
    const values = countValues(value, seen);
    return values <= mostValues ? null : ` has ${values} values; allowed are ${mostValues}`;
  },
};

/** The depth is bounded, because deeper nesting was refused before parsing. */
function countValues(value: unknown, seen: Seen): number {
  if (typeof value !== "object" || value === null) return 1;
  const inside = Object.values(value);
  if (!Array.isArray(value)) seen.members += inside.length;
  return inside.reduce<number>((sum, one) => sum + countValues(one, seen), 1);
}

function unknownMember(name: string, required: readonly string[], fields: object, known: readonly string[]): string {
  const missing = required.filter((one) => !Object.hasOwn(fields, one));
  const near = nearest(name, missing) ?? (missing.length === 1 ? missing[0] : nearest(name, known));
  const meant = near === undefined ? "" : `: did you mean ${near}?`;
  return ` has an unknown field ${JSON.stringify(name)}; allowed are ${known.join(", ")}${meant}`;
}

const shownLength = 60;

function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  const words = JSON.stringify(value) ?? "absent";
  return words.length <= shownLength ? words : `${words.slice(0, shownLength)}…`;
}
