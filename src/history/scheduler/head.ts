/** The first line of a history of `scheduler`: how it begins, and what bounds the changes that the scheduler makes of itself. */

import { documentedSettings } from "../../check/documented-settings.ts";
import type { NodeTerms } from "../../check/linear/scheduler/terms.ts";
import { nearest } from "../../evidence/nearest.ts";
import { membersOf } from "../lines/json-shape.ts";
import { BadLine, excerpt } from "../lines/line-scanner.ts";
import { objectOf, oneOf, optional, rule } from "../lines/rules.ts";

const day = 86_400_000;
const millis = rule(`a number above 0, at most ${day}`, (value) => isWithin(value, Number.MIN_VALUE, day));
const spread = rule("a number from 0 to 0.5", (value) => isWithin(value, 0, 0.5));
const most = rule("an integer from 1 to 100000", (value) => Number.isInteger(value) && isWithin(value, 1, 100_000));

function isWithin(value: unknown, from: number, to: number): boolean {
  return typeof value === "number" && value >= from && value <= to;
}

/** Durations are milliseconds. Where the line does not give one, it is as docs/settings.md says. */
export const documentedBounds = {
  ttl_ms: documentedSettings.heartbeatTtl,
  ttl_spread: documentedSettings.ttlSpread,
  lease_ms: documentedSettings.lease,
  done_ms: documentedSettings.doneFor,
  done_max: documentedSettings.doneMax,
  retention_ms: documentedSettings.retention,
} as const;
type BoundName = keyof typeof documentedBounds;
type Bounds = { readonly [Name in BoundName]: number };

const rules = {
  kind: oneOf({ scheduler: true }),
  begins: oneOf({ empty: true, unknown: true }),
  ttl_ms: optional(millis),
  ttl_spread: optional(spread),
  lease_ms: optional(millis),
  done_ms: optional(millis),
  done_max: optional(most),
  retention_ms: optional(millis),
};
const headRule = objectOf(rules);

export interface SchedulerHead {
  /** Nothing is known of the nodes at first. */
  readonly isOpen: boolean;
  /** In nanoseconds. */
  readonly terms: NodeTerms;
  /** The bounds that the line does not give. */
  readonly assumed: Partial<Bounds>;
}

export const firstLine =
  'the first line is {"kind":"scheduler","begins":"empty|unknown","ttl_ms":…,"lease_ms":…}: docs/recorded-calls.md';

/** @throws BadLine */
export function readSchedulerHead(text: string): SchedulerHead {
  const members = membersOf(text, 0, text.length);
  const parsed = members === null ? null : parse(text);
  if (parsed === null)
    throw new BadLine(`the first line is no JSON object: ${excerpt(text)}`, text.startsWith("{"), firstLine);
  const { kind } = parsed;
  if (kind === "trial") throw new BadLine("this is the history of a run", false, "leave out --model scheduler");
  const seen = { members: 0 };
  const wrong = headRule.check(parsed, seen);
  if (wrong !== null) throw new BadLine(`the first line${wrong}`, false, meant(parsed));
  if (seen.members !== members)
    throw new BadLine("the first line has a field twice; allowed is once", false, firstLine);
  const given = parsed as Partial<Bounds> & { readonly begins: string };
  const names = Object.keys(documentedBounds) as readonly BoundName[];
  const assumed = Object.fromEntries(
    names.filter((name) => given[name] === undefined).map((name) => [name, documentedBounds[name]]),
  );
  return { isOpen: given.begins === "unknown", terms: termsOf({ ...documentedBounds, ...given }), assumed };
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

function meant(parsed: object): string {
  const known = Object.keys(rules);
  const unknown = Object.keys(parsed).find((name) => !known.includes(name));
  const near = unknown === undefined ? undefined : nearest(unknown, known);
  return near === undefined ? firstLine : `did you mean ${near}?`;
}

export const perMilli = 1_000_000;

function termsOf({ done_max: doneMax, done_ms, lease_ms, retention_ms, ttl_ms, ttl_spread }: Bounds): NodeTerms {
  return {
    ttl: Math.floor(ttl_ms * (1 - ttl_spread) * perMilli),
    lease: Math.floor(lease_ms * perMilli),
    doneFor: Math.floor(done_ms * perMilli),
    doneMax,
    retention: Math.floor(retention_ms * perMilli),
  };
}
