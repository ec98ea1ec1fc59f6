/** Whether a client was shown a node as the store held it. */
import type { NodeRecord, Version } from "../../../../model/partition/command.ts";
import { firstDifference } from "../../../check/content.ts";
import type { NodeContent } from "../../../check/history.ts";
import { epochText, lifeText } from "../../servers/epoch-text.ts";
import { toNodeState } from "../../servers/protocol-values.ts";

/** The first difference in words; null: none. */
export function differenceFrom(record: NodeRecord, shown: NodeContent): string | null {
  return isSame(record, shown) ? null : firstDifference(shown, toNodeState(shown.node, record));
}

/** Quick, and sure where it says so; lists in another order are looked at again. */
function isSame(record: NodeRecord, shown: NodeContent): boolean {
  return (
    record.status === shown.status &&
    record.currentJobs === shown.current_jobs &&
    record.maxJobs === shown.max_jobs &&
    record.healthMilli === shown.health_milli &&
    isVersion(record.version, shown.version) &&
    shown.incarnation === lifeText(record.incarnation) &&
    areEqual(record.pools, shown.pools) &&
    areEqual(record.services, shown.services) &&
    record.languages.length === shown.languages.length &&
    record.languages.every(({ source, target }, index) => {
      const other = shown.languages[index];
      return other !== undefined && source === other.source && target === other.target;
    })
  );
}

function isVersion(version: Version, shown: { readonly epoch: string; readonly sequence: number }): boolean {
  return version.sequence === shown.sequence && epochText(version.epoch) === shown.epoch;
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((each, index) => each === other[index]));
}
