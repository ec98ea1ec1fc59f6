/** Where in the life of an instance something belongs: in which of the epochs that it has followed, and at which sequence. */
import type { Millis, Version } from "../../check/history.ts";
import type { EpochLine } from "../truth.ts";

export interface Place {
  readonly line: EpochLine;
  readonly sequence: number;
}

/** A node that was shown by `to`, at a version of the epoch `own`. */
interface Sight {
  readonly node: string;
  readonly version: Version;
  readonly own: EpochLine;
  readonly to: Millis;
}

/** @param lived the epochs that the instance may have followed, in order */
export function isAfter(one: Place, other: Place, lived: readonly EpochLine[]): boolean {
  return one.line === other.line ? one.sequence > other.sequence : lived.indexOf(one.line) > lived.indexOf(other.line);
}

/**
 * The first place at or after `least` at which the node was at that version: in the version's own epoch until its next change, and in every other one that
 * began with it until its first change there. null: the instance has been at none, so what it showed is not of its own past.
 */
export function placeOf(sight: Sight, lived: readonly EpochLine[], least: Place | undefined): Place | null {
  const { node, own, to, version } = sight;
  for (let turn = Math.max(0, least === undefined ? 0 : lived.indexOf(least.line)); turn < lived.length; turn += 1) {
    const line = lived[turn] as EpochLine;
    const from = line === own ? version.sequence : 0;
    const hasBegun = line === least?.line || line.begunAt <= to;
    if (line !== own && !(hasBegun && beginsWith(line, node, version))) continue;
    if (line !== least?.line) return { line, sequence: from };
    const until = line.next(node, from)?.sequence ?? Number.POSITIVE_INFINITY;
    if (until > least.sequence) return { line, sequence: Math.max(from, least.sequence) };
  }
  return null;
}

function beginsWith(line: EpochLine, node: string, version: Version): boolean {
  const found = line.at(node, 0);
  return !!found && isVersion(found.version, version);
}

export function isVersion(version: Version, other: Version): boolean {
  return version.sequence === other.sequence && version.epoch === other.epoch;
}
