/** Messages about impossible histories of a node: the first call or change that no order explains, and the part of the history that shows it. */
import { type Call, type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { fewLines } from "../../check/linear/search/operation.ts";
import type { Misplaced } from "../../check/linear/search/order.ts";
import type { EpochLine, LineEntry } from "../truth.ts";

type Lines = readonly string[];

/** A call as it was judged. */
export interface JudgedCall {
  readonly call: Call;
  /** Infinity where it was not answered. */
  readonly to: Millis;
}

/** The facts about a node that a message shows. */
export interface Shown {
  readonly node: string;
  readonly calls: readonly JudgedCall[];
  /** Describes the node at that version; null: there is no version, or its epoch is not known. */
  readonly momentAt: (version: Version | undefined) => string | null;
  /** Another fact that the reply contradicts; undefined: none. */
  readonly why?: string | undefined;
}

/** A change of a node, and where it lies in its epoch. */
export interface PlacedChange {
  readonly line: EpochLine;
  readonly entry: LineEntry;
}

export function explainImpossible({ entry, line }: PlacedChange, before: string, why: string): Lines {
  return [
    `change ${changeText({ entry, line })}, cannot be: ${why}`,
    `node ${entry.node} before it: ${before}; made by ${inMs(entry.at)}`,
  ];
}

export const notAskedFor = "although no call for it was in flight: allowed is at most once for each that was sent";

export function explainUnasked({ entry, line }: PlacedChange, why: string, calls: readonly JudgedCall[] = []): Lines {
  const near = calls.filter(({ call }) => entry.job === null || call.job === entry.job);
  return [
    `change ${changeText({ entry, line })}, happened ${why}`,
    `made by ${inMs(entry.at)}; calls of node ${entry.node} for it: ${near.length}`,
    ...lastFew(near).map(({ call }) => `  ${callText(call)}`),
  ];
}

export function explainDenied(call: Call, entry: LineEntry): Lines {
  return [
    `${callText(call)}, allowed is only what did not happen: a request of it has made a change`,
    `${entry.kind} on node ${entry.node} at ${inMs(entry.at)}, sequence ${entry.sequence}`,
  ];
}

export function explainNoNode(call: Call): Lines {
  return [`${callText(call)}, allowed only with the node that it is about`];
}

export function explainReturn(call: Call, later: Call): Lines {
  return [
    `${callText(call)}, allowed only the epoch that this instance had gone on to, or a later one`,
    `before it: ${callText(later)}`,
  ];
}

export function explainCall(wrong: JudgedCall, lines: Lines, { calls, momentAt, node, why }: Shown): Lines {
  const { call } = wrong;
  const until = call.to ?? call.from;
  const prefix = calls.filter((one) => one.call.from <= until);
  const inFlight = prefix.filter((one) => one.call !== call && one.to >= call.from);
  const moment = momentAt(call.version);
  return [
    `${callText(call)}, which no order explains: allowed is what some order of the calls on node ${node} explains`,
    ...(moment === null ? [] : [`the node at that version: ${moment}`]),
    ...(why === undefined ? [] : [why]),
    ...lines,
    `the shortest impossible part: the ${prefix.length} calls made by ${inMs(until)}; in flight with this one:`,
    ...fewLines(lastFew(inFlight).map((one) => `  ${callText(one.call)}`)),
  ];
}

/** Why a call is out of place, in words. */
export function explainOrder(
  misplaced: Exclude<Misplaced, { readonly kind: "change" }>,
  calls: readonly JudgedCall[],
  changes: (change: number) => LineEntry | undefined,
): Lines {
  if (misplaced.kind === "reply")
    return ["at its version the node was never what this reply says, nor did it make a change"];
  if (misplaced.kind === "twice") return naming("the same change was made by", calls[misplaced.maker]);
  if (misplaced.before === null) return [];
  const { index, kind } = misplaced.before;
  if (kind === "call") return naming("before it began there had been", calls[index]);
  const seen = changes(index);
  if (seen === undefined) return [];
  return [`before it began change ${seen.sequence}, ${kindText(seen)}, had been seen at ${inMs(seen.at)}`];
}

/** Ids of the one that leaves it no place, and the call that no order explains. A change that no call asked for is no call's. */
export function blamedFor(misplaced: Misplaced, calls: readonly JudgedCall[]): readonly number[] {
  switch (misplaced.kind) {
    case "change":
      return [];
    case "reply":
      return idsOf(calls, [misplaced.call]);
    case "twice":
      return idsOf(calls, [misplaced.maker, misplaced.call]);
    case "order":
      return idsOf(calls, [...(misplaced.before?.kind === "call" ? [misplaced.before.index] : []), misplaced.call]);
  }
}

function idsOf(calls: readonly JudgedCall[], indexes: readonly number[]): readonly number[] {
  return indexes.flatMap((index) => calls[index]?.call.id ?? []);
}

function naming(what: string, one: JudgedCall | undefined): Lines {
  return one === undefined ? [] : [`${what} ${callText(one.call)}`];
}

const mostInFlight = 30;

function lastFew(calls: readonly JudgedCall[]): readonly JudgedCall[] {
  return calls.slice(-mostInFlight);
}

function callText({ from, instance, job, node, op, read, reply, to, version }: Call): string {
  const what = `${op}${job === undefined ? "" : ` of job ${job}`} on node ${node ?? ""} by instance ${instance}`;
  const shown = read?.node ?? null;
  const content = shown === null ? "" : ` (${shown.status}, ${shown.current_jobs} jobs, ${versionText(shown.version)})`;
  const at = version === undefined ? "" : ` at ${versionText(version)}`;
  return `${what} from ${inMs(from)} to ${to === null ? "never" : inMs(to)} was answered ${reply}${content}${at}`;
}

function changeText({ entry, line: { epoch } }: PlacedChange): string {
  return `${versionText({ epoch, sequence: entry.sequence })}, ${kindText(entry)}`;
}

function kindText({ job, kind, node }: LineEntry): string {
  return `${kind}${job === null ? "" : ` of job ${job}`} on node ${node}`;
}
