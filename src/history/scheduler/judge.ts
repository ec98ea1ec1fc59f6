/** Judges a stored history of `scheduler`, each node by itself, with the windowed search. */
import type { NodeInput, NodeOutput } from "../../check/linear/scheduler/calls.ts";
import { judgeNodeCalls } from "../../check/linear/scheduler/judge.ts";
import { schedulerNode } from "../../check/linear/scheduler/scheduler-node.ts";
import type { Impossible, Operation, Ruling, SequentialObject } from "../../check/linear/search/operation.ts";
import type { Act, SeenCalls } from "../../check/linear/search/seen-calls.ts";
import { judgeCallsByWindow } from "../../check/linear/search/windowed.ts";
import type { Verdict } from "../../check/verdict.ts";
import type { CheckOptions } from "../node-jobs/judge.ts";
import type { NodeCalls, StoredCall } from "./calls.ts";
import { comparedIn } from "./compared.ts";
import { readSchedulerHistory, type SchedulerHistory, TooManyCalls } from "./file.ts";
import { timesByVersions, type VersionTimes } from "./versions.ts";

/** The most configurations of a search, about a kilobyte each. */
const mostConfigurations = 500_000;

export interface SchedulerCheck {
  readonly ops: number;
  readonly verdict: Extract<Verdict, "held" | "violated" | "unknown" | "not_exercised">;
  /** The median time of the judgements, without reading. */
  readonly seconds: number;
  readonly readSeconds: number;
  /** null: the file was not read to its end. */
  readonly history: SchedulerHistory | null;
  /** Answers that were held against what was known of the node before. */
  readonly compared: number;
  /** The impossible node, and why. */
  readonly node?: string;
  readonly impossible?: Impossible;
  readonly reason?: string;
}

/** @throws UsageError for a file that is no history */
export function checkScheduler({ budget, file, now, runs = 1 }: CheckOptions): SchedulerCheck {
  const startedAt = now();
  const history = readOrRefuse(file);
  const readSeconds = (now() - startedAt) / 1_000;
  if (history instanceof TooManyCalls) {
    const nothing = { ops: 0, seconds: 0, history: null, compared: 0 };
    return { ...nothing, verdict: "unknown", readSeconds, reason: history.message };
  }
  const times: number[] = [];
  let found: Found;
  do {
    const judgedAt = now();
    found = judgeNodes(history, () => now() - judgedAt > budget);
    times.push((now() - judgedAt) / 1_000);
    // A search that ran out of time would do so again.
  } while (times.length < runs && found.verdict !== "unknown");
  const seconds = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  const compared = history.nodes.reduce((sum, { calls }) => sum + comparedIn(calls, history.head.isOpen), 0);
  const open = found.verdict === "held" ? openIn(history, compared) : null;
  return { ops: history.operations, seconds, readSeconds, history, compared, ...found, ...open };
}

type Found = Pick<SchedulerCheck, "verdict" | "node" | "impossible" | "reason">;

/** Why an order that explains the history does not prove the property. */
function openIn(history: SchedulerHistory, compared: number): Found | null {
  const { answered, isCut, neverAnswered, notJudged, operations } = history;
  const because = (reason: string): Found => ({ verdict: "not_exercised", reason });
  if (operations === 0) return because("no call is in the file");
  if (answered === 0) {
    return because(notJudged === 0 ? "no call was answered" : "only reads that may be of a cache were answered");
  }
  if (neverAnswered.length > 0) return because(`none of many calls was answered: ${neverAnswered.join(", ")}`);
  if (compared === 0) return because("nothing was known of any node before the answers, so none was compared");
  return isCut
    ? { verdict: "unknown", reason: "the line that is cut may have been a call that no order explains" }
    : null;
}

function readOrRefuse(file: string): SchedulerHistory | TooManyCalls {
  try {
    return readSchedulerHistory(file);
  } catch (error) {
    if (error instanceof TooManyCalls) return error;
    throw error;
  }
}

/** Violated where one node is impossible; else unknown where one was not decided. */
function judgeNodes(history: SchedulerHistory, outOfTime: () => boolean): Found {
  let open: string | null = null;
  for (const own of history.nodes) {
    const ruling = judgeNode(own, history, outOfTime);
    if (ruling.verdict === "violated") return { verdict: "violated", node: own.node, impossible: ruling.impossible };
    if (ruling.verdict === "unknown") open ??= `node ${own.node}: ${ruling.reason}`;
  }
  return open === null ? { verdict: "held" } : { verdict: "unknown", reason: open };
}

function judgeNode(
  own: NodeCalls,
  { answersFrom, beginsAt, head, shift }: SchedulerHistory,
  outOfTime: () => boolean,
): Ruling {
  if (outOfTime()) return { verdict: "unknown", reason: "the time was up" };
  const facts = own.factsOf(head, { beginsAt, answersFrom });
  const object = schedulerNode(facts);
  const narrowed = timesByVersions(own.calls);
  const { contradiction } = narrowed;
  if (contradiction !== null)
    return { verdict: "violated", impossible: contradicted(object, contradiction, own, shift) };
  const seen = seenCallsOf(object, own.calls, narrowed, shift);
  const limits = { configurations: mostConfigurations, outOfTime };
  return judgeNodeCalls(facts, (one) => judgeCallsByWindow(one, seen, limits));
}

type NodeObject = Pick<SequentialObject<never, NodeInput, NodeOutput>, "isRead" | "say">;

function seenCallsOf(
  object: NodeObject,
  calls: readonly StoredCall[],
  { call, returned }: VersionTimes,
  shift: number,
): SeenCalls<NodeInput, NodeOutput> {
  const acts = calls.map(({ input, output }): Act<NodeInput, NodeOutput> => {
    return { input, output, isRead: output !== null && object.isRead(input, output) };
  });
  return {
    size: calls.length,
    call,
    returned,
    act: (number) => acts[number] as Act<NodeInput, NodeOutput>,
    operation: (number) => operationOf(calls[number] as StoredCall, shift),
  };
}

function operationOf(
  { call, id, input, output, returned }: StoredCall,
  shift: number,
): Operation<NodeInput, NodeOutput> {
  const outcome = output === null ? "info" : "ok";
  return { id, input, output, outcome, call: call + shift, returned: returned + shift };
}

/** Versions in an order that the times exclude. */
function contradicted(
  object: NodeObject,
  { after, before }: NonNullable<VersionTimes["contradiction"]>,
  { calls }: NodeCalls,
  shift: number,
): Impossible {
  const say = (one: StoredCall): string => object.say(operationOf(one, shift));
  return {
    first: `${say(after)}, after ${say(before)}`,
    prefix: calls.filter(({ call }) => call <= after.returned).length,
    pending: [],
    states: [],
  };
}
