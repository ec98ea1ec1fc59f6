/** What is impossible in a node's history, in words: the first call or change that no order explains, and the part of the history that shows it. */
import { type Call, type Millis, versionText } from "../../history.ts";
import { inMs } from "../../judgement.ts";
import type { Entry } from "../../observed/observation.ts";
import { fewLines } from "../search/operation.ts";
import type { Misplaced } from "../search/order.ts";
import type { Courses, ImpossibleChange } from "./courses.ts";
import { momentText } from "./moment.ts";

type Story = readonly string[];

/** A call as it was judged. */
export interface JudgedCall {
  readonly call: Call;
  /** Infinity where it was not answered. */
  readonly to: Millis;
}

export function impossibleStory({ before, entry, why }: ImpossibleChange): Story {
  return [
    `change ${versionText(entry)}, ${changeText(entry)}, cannot be: ${why}`,
    `node ${entry.change.node} before it: ${momentText(before)}; read at ${inMs(entry.at)}`,
  ];
}

export function unaskedStory(entry: Entry | undefined, calls: readonly JudgedCall[]): Story {
  if (entry === undefined) return [];
  const { node } = entry.change;
  const near = calls.filter(({ call }) => !("job" in entry.change) || call.job === entry.change.job);
  return [
    `change ${versionText(entry)}, ${changeText(entry)}, happened although no call for it was under way: allowed is at most once for each that was sent`,
    `read at ${inMs(entry.at)}; calls of node ${node} for it: ${near.length}`,
    ...lastFew(near).map(({ call }) => `  ${callText(call)}`),
  ];
}

export function misplacedStory(
  node: string,
  misplaced: Exclude<Misplaced, { kind: "change" }>,
  calls: readonly JudgedCall[],
  seen: (change: number) => Entry | undefined,
  courses: Courses,
): Story {
  const wrong = calls[misplaced.call];
  if (wrong === undefined) return [];
  const { call } = wrong;
  const moment = call.version === undefined ? null : courses.momentAt(node, call.version);
  const until = call.to ?? call.from;
  const prefix = calls.filter((one) => one.call.from <= until);
  const pending = prefix.filter((one) => one !== wrong && one.to >= call.from);
  const state = moment === null ? [] : [`the node at that version: ${momentText(moment)}`];
  return [
    `${callText(call)}, which no order explains: allowed is what some order of the calls on node ${node} explains`,
    ...state,
    ...whyText(misplaced, calls, seen),
    `the shortest impossible part: the ${prefix.length} calls made by ${inMs(until)}; under way with this one:`,
    ...fewLines(lastFew(pending).map((one) => `  ${callText(one.call)}`)),
  ];
}

/** Ids of the one that leaves it no place, and the call that no order explains. A change that nobody asked for is no call's. */
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

function whyText(
  misplaced: Exclude<Misplaced, { kind: "change" }>,
  calls: readonly JudgedCall[],
  seen: (change: number) => Entry | undefined,
): Story {
  if (misplaced.kind === "reply")
    return ["at its version the node was never what this reply says, nor did it make a change"];
  if (misplaced.kind === "twice") return told("the same change was made by", calls[misplaced.maker]);
  if (misplaced.before === null) return [];
  const { index, kind } = misplaced.before;
  if (kind === "call") return told("before it began there had been", calls[index]);
  const sighted = seen(index);
  if (sighted === undefined) return [];
  return [
    `before it began change ${versionText(sighted)}, ${changeText(sighted)}, had been seen at ${inMs(sighted.at)}`,
  ];
}

function told(what: string, one: JudgedCall | undefined): Story {
  return one === undefined ? [] : [`${what} ${callText(one.call)}`];
}

const mostPending = 30;

function lastFew(calls: readonly JudgedCall[]): readonly JudgedCall[] {
  return calls.slice(-mostPending);
}

export function callText({ from, instance, job, node, op, read, reply, to, version }: Call): string {
  const what = `${op}${job === undefined ? "" : ` of job ${job}`} on node ${node ?? ""} by instance ${instance}`;
  const shown = read?.node ?? null;
  const content = shown === null ? "" : ` (${shown.status}, ${shown.current_jobs} jobs, ${versionText(shown.version)})`;
  const at = version === undefined ? "" : ` at ${versionText(version)}`;
  return `${what} from ${inMs(from)} to ${to === null ? "never" : inMs(to)} was answered ${reply}${content}${at}`;
}

function changeText({ change }: Entry): string {
  return `${change.kind}${"job" in change ? ` of job ${change.job}` : ""} on node ${change.node}`;
}
