/** Where two registries say different things of the same. What one of them does not say is not compared. */
import type { LanguagePair } from "../../protocol/node.ts";
import { compareCodePoints, pairKey } from "../text.ts";
import type { Lookup, NodeFacts, RegistryFailure, Selected } from "./registry.ts";

export const differenceKinds = [
  "missing", // the leader has the node, the shadow has not
  "extra", // the shadow has a node that is online, the leader has none
  "status",
  "capacity",
  "jobs",
  "membership",
  "selection",
] as const;

export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  readonly kind: DifferenceKind;
  /** The node, or the pool of the selection. */
  readonly key: string;
  readonly lead: string;
  readonly shadow: string;
}

type Known<Answer> = Exclude<Answer, RegistryFailure>;

/** A node that is not online and one that is not there are the same: registries forget at their own pace. */
export function nodeDifferences(key: string, lead: Known<Lookup>, shadow: Known<Lookup>): readonly Difference[] {
  const led = lead.kind === "found" ? lead.facts : null;
  const shadowed = shadow.kind === "found" ? shadow.facts : null;
  if (!isOnline(led) && !isOnline(shadowed)) return [];
  if (shadowed === null) return [{ kind: "missing", key, lead: statusOf(led), shadow: statusOf(shadowed) }];
  if (led === null) return [{ kind: "extra", key, lead: statusOf(led), shadow: statusOf(shadowed) }];
  if (led.online !== shadowed.online) {
    return [{ kind: "status", key, lead: statusOf(led), shadow: statusOf(shadowed) }];
  }
  return aspects.flatMap(([kind, aspect]) => {
    const [said, saidToo] = [aspect(led), aspect(shadowed)];
    return said === null || saidToo === null || said === saidToo ? [] : [{ kind, key, lead: said, shadow: saidToo }];
  });
}

const aspects: readonly (readonly [DifferenceKind, (facts: NodeFacts) => string | null])[] = [
  ["capacity", ({ max_jobs }) => text(max_jobs)],
  ["jobs", ({ current_jobs }) => text(current_jobs)],
  ["jobs", ({ jobs }) => listed(jobs)],
  ["membership", ({ pools }) => listed(pools)],
  ["membership", ({ services }) => listed(services)],
  ["membership", ({ languages }) => listedPairs(languages)],
];

/**
 * Order is not compared: among equals each side draws. Where both filled what was asked for, each may rightly have chosen others of many.
 * @returns "incomparable" for that case
 */
export function selectionDifferences(
  pool: string,
  count: number,
  lead: Known<Selected>,
  shadow: Known<Selected>,
): readonly Difference[] | "incomparable" {
  const [led, shadowed] = [listed(lead.nodes), listed(shadow.nodes)];
  if (led === shadowed) return [];
  if (lead.nodes.length >= count && shadow.nodes.length >= count) return "incomparable";
  return [{ kind: "selection", key: pool, lead: led ?? "", shadow: shadowed ?? "" }];
}

/** Whether two registries agree on everything about a node that is neither a count nor a name of a job. */
export function hasSameOffer(one: NodeFacts, other: NodeFacts): boolean {
  return aspects.every(([kind, aspect]) => {
    if (kind === "jobs") return true;
    const [said, saidToo] = [aspect(one), aspect(other)];
    return said === null || saidToo === null || said === saidToo;
  });
}

function isOnline(facts: NodeFacts | null): boolean {
  return facts?.online ?? false;
}

function statusOf(facts: NodeFacts | null): string {
  if (facts === null) return "absent";
  return facts.online ? "online" : "not online";
}

function text(value: number | null): string | null {
  return value === null ? null : String(value);
}

function listed(ids: readonly string[] | null): string | null {
  return ids === null ? null : JSON.stringify([...new Set(ids)].sort(compareCodePoints));
}

function listedPairs(pairs: readonly LanguagePair[] | null): string | null {
  return pairs === null ? null : listed(pairs.map(pairKey));
}
