/** Where a node may have been as an answer from the store showed it. */
import type { Millis, NodeContent } from "../../check/history.ts";
import type { Range } from "../../check/linear/run/placed-calls.ts";
import type { EpochLine, HeldNode, Truth } from "../truth.ts";
import { endOf, lastPositionOf, positionOf, statesBetween } from "./positions.ts";
import type { FinishedJobs } from "./replies/finished-jobs.ts";
import { NodeMoment } from "./replies/moment.ts";

interface Known {
  readonly truth: Truth;
  readonly finishedJobs: FinishedJobs;
}

interface During {
  readonly since: Millis;
  readonly until: Millis;
  /** undefined: no change of the node has been seen. */
  readonly partition: number | undefined;
}

const anywhere: readonly Range[] = [{ first: 0, last: Number.MAX_SAFE_INTEGER }];

/** Where the node was not there, or may not have been, at some moment. */
export function missingBetween({ finishedJobs, truth }: Known, node: string, during: During): readonly Range[] {
  if (during.partition === undefined) return anywhere;
  const ranges: Range[] = [];
  for (const { line, range, sequence } of statesBetween(truth, truth.of(during.partition), node, during)) {
    const moment = new NodeMoment(line, node, sequence, finishedJobs);
    if (!moment.isKnown || moment.record === null) ranges.push(range);
  }
  return inOrder(ranges);
}

/** Where the node was as shown, or may have been, at some moment: in the epoch of its version, and in later ones that found it so and have not changed it. */
export function shownBetween({ finishedJobs, truth }: Known, content: NodeContent, during: During): readonly Range[] {
  const { node, version } = content;
  const own = truth.line(version.epoch);
  const partition = own?.partition ?? during.partition;
  const lines = partition === undefined ? [] : truth.of(partition);
  const ranges: Range[] = [];
  for (const line of lines) {
    if (own !== undefined && line.order < own.order) continue;
    const sequence = line === own ? version.sequence : 0;
    if (sequence > line.last) continue;
    const moment = new NodeMoment(line, node, sequence, finishedJobs);
    if (moment.isKnown && !isShown(moment, content)) continue;
    const next = line.next(node, sequence);
    const [from, to] = [begunSince(line, sequence), next?.at ?? endOf(truth, line)];
    if (from > during.until || to < during.since) continue;
    const last = next === undefined ? lastPositionOf(line) : positionOf(line, next.sequence) - 1;
    ranges.push({ first: positionOf(line, sequence) + 1, last });
  }
  return inOrder(ranges);
}

function begunSince(line: EpochLine, sequence: number): Millis {
  return line.entry(sequence)?.since ?? line.begunSince;
}

function isShown({ record, size }: NodeMoment, shown: NodeContent): boolean {
  return record !== null && isRecord(record, shown) && size === shown.current_jobs;
}

function isRecord({ incarnation, maxJobs, status, version }: HeldNode, shown: NodeContent): boolean {
  const isVersion = version.sequence === shown.version.sequence && version.epoch === shown.version.epoch;
  return isVersion && status === shown.status && incarnation === shown.incarnation && maxJobs === shown.max_jobs;
}

function inOrder(ranges: readonly Range[]): readonly Range[] {
  return ranges.length < 2 ? ranges : [...ranges].sort((a, b) => a.first - b.first);
}
