/** The record that the store held of a node, compared with the content that was shown of it. */
import { firstDifference } from "../check/content.ts";
import type { NodeContent } from "../check/history.ts";
import type { HeldNode } from "./truth.ts";

/** In the words of an answer. */
export function contentOf(node: string, held: HeldNode): NodeContent {
  const { currentJobs, finished, healthMilli, incarnation, languages, maxJobs, pools, services, status, version } =
    held;
  const numbers = { max_jobs: maxJobs, current_jobs: currentJobs, health_milli: healthMilli, finished };
  return { node, status, incarnation, version, ...numbers, pools, languages, services };
}

/** The first difference in words; null: none. */
export function differenceOf(held: HeldNode, shown: NodeContent): string | null {
  return isSame(held, shown) ? null : firstDifference(shown, contentOf(shown.node, held));
}

/** Quick, and sure where it says so; lists in another order are looked at again. */
function isSame(held: HeldNode, shown: NodeContent): boolean {
  const { epoch, sequence } = held.version;
  return (
    held.status === shown.status &&
    held.currentJobs === shown.current_jobs &&
    held.maxJobs === shown.max_jobs &&
    held.healthMilli === shown.health_milli &&
    (held.finished === shown.finished || held.finished === undefined || shown.finished === undefined) &&
    sequence === shown.version.sequence &&
    epoch === shown.version.epoch &&
    held.incarnation === shown.incarnation &&
    areEqual(held.pools, shown.pools) &&
    areEqual(held.services, shown.services) &&
    held.languages.length === shown.languages.length &&
    held.languages.every(({ source, target }, index) => {
      const other = shown.languages[index];
      return other !== undefined && source === other.source && target === other.target;
    })
  );
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((each, index) => each === other[index]));
}
