/** Checks the arguments of callers before anything is sent; the ranges are those of docs/protocol.md, section 1. */

import type { LanguagePair, Membership, MetricName, Metrics } from "../protocol/node.ts";
import { InvalidInputError } from "./errors.ts";
import { metricNames, unknownMetrics } from "./ports.ts";
import { sortedIds, sortedPairs, utf8 } from "./text.ts";

const language = /^[A-Za-z0-9_-]{1,35}$/;
const maxIds = 64;
const maxPairs = 512;
const maxRunning = 100_000;
const maxMetric = 1_000_000_000;

export interface NodeOffer extends Membership {
  readonly node: string;
  readonly max_jobs: number;
  readonly services: readonly string[];
}

/** A node, job, pool or service id: 1 to 256 bytes of well-formed UTF-8, anything in them. */
export function checkId(where: string, id: string, maxBytes = 256): string {
  if (typeof id === "string" && id.isWellFormed() && isSized(id, maxBytes)) return id;
  const fix = "give a shorter, non-empty, well-formed id";
  throw new InvalidInputError({ where, found: found(id), allowed: `1 to ${maxBytes} bytes of well-formed UTF-8`, fix });
}

/** No UTF-16 unit takes more than three bytes, so most ids need not be counted. */
function isSized(id: string, maxBytes: number): boolean {
  return id.length > 0 && (id.length * 3 <= maxBytes || utf8(id).length <= maxBytes);
}

export function checkPair(where: string, { source, target }: LanguagePair): LanguagePair {
  for (const code of [source, target]) {
    if (typeof code === "string" && language.test(code)) continue;
    const allowed = "1 to 35 of A-Z a-z 0-9 _ -";
    throw new InvalidInputError({ where, found: found(code), allowed, fix: "give a language code such as pt-BR" });
  }
  return { source, target };
}

export function checkInteger(where: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const allowed = `an integer from ${least} to ${most}`;
  throw new InvalidInputError({ where, found: found(value), allowed, fix: "give a number in range" });
}

/** @returns the offer with its lists in the order and without the duplicates that the protocol asks for */
export function checkOffer(offer: NodeOffer): NodeOffer {
  return {
    node: checkId("node", offer.node),
    max_jobs: checkInteger("max_jobs", offer.max_jobs, 0, 100_000),
    pools: checkIds("pools", offer.pools, maxIds),
    services: checkIds("services", offer.services, maxIds),
    languages: checkPairs("languages", offer.languages),
  };
}

/** The metrics that a node reports. One that is absent or null is not known; an impossible one counts as not known. */
export type ReportedMetrics = { readonly [Name in MetricName]?: number | null | undefined };

/** @param onImpossible called for each metric that is not a number from 0 to a thousand million
 * @returns the metrics to six decimals, which the protocol's twenty characters always hold
 */
export function checkMetrics(
  reported: ReportedMetrics,
  onImpossible: (metric: MetricName, found: string) => void,
): Metrics {
  const metrics: Record<MetricName, number | null> = { ...unknownMetrics };
  for (const name of metricNames) {
    const metric = reported[name] ?? null;
    if (metric === null) continue;
    if (Number.isFinite(metric) && metric >= 0 && metric <= maxMetric) metrics[name] = Math.round(metric * 1e6) / 1e6;
    else onImpossible(name, found(metric));
  }
  return metrics;
}

export function checkRunning(jobs: readonly string[]): void {
  for (const job of checkLength("running", jobs, maxRunning)) checkId("running", job);
}

export function checkIds(where: string, ids: readonly string[], most: number): readonly string[] {
  for (const id of ids) checkId(where, id);
  return checkLength(where, sortedIds(ids), most);
}

export function checkPairs(where: string, pairs: readonly LanguagePair[]): readonly LanguagePair[] {
  for (const pair of pairs) checkPair(where, pair);
  return checkLength(where, sortedPairs(pairs), maxPairs);
}

function checkLength<Item>(where: string, items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  throw new InvalidInputError({
    where,
    found: `${items.length} entries`,
    allowed: `at most ${most}`,
    fix: "give fewer",
  });
}

/** Cut to 40 characters, control characters replaced: what is shown may come from anywhere. */
export function found(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
