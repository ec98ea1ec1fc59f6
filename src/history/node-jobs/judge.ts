/** Judges a stored history of `node-jobs`, each key by itself, with the windowed search. */
import { nodeJobs } from "../../check/linear/node/node-jobs.ts";
import type { Impossible, Ruling } from "../../check/linear/search/operation.ts";
import { judgeCallsByWindow } from "../../check/linear/search/windowed.ts";
import type { Verdict } from "../../check/verdict.ts";
import { TooManyOperations } from "./columns.ts";
import { type NodeJobsHistory, readNodeJobs } from "./file.ts";

/** The most configurations of a search, some hundred bytes each. */
const mostConfigurations = 2_000_000;
/** The most operations of one key, about 250 bytes each during the search. */
const mostOfOneKey = 4_000_000;

export interface CheckOptions {
  readonly file: string;
  /** Milliseconds; after them the verdict is `unknown`. */
  readonly budget: number;
  /** Monotone milliseconds. */
  readonly now: () => number;
  /** How often it is judged, for the median of the times; absent: once. */
  readonly runs?: number;
}

export interface NodeJobsCheck {
  readonly ops: number;
  readonly verdict: Extract<Verdict, "held" | "violated" | "unknown" | "not_exercised">;
  /** The median time of the judgements, without reading. */
  readonly seconds: number;
  readonly readSeconds: number;
  readonly keys: number;
  readonly isCut: boolean;
  /** The origin of the times in messages, in digits; null: they are those of the file. */
  readonly timesFrom: string | null;
  /** The impossible key, and why. */
  readonly key?: string;
  readonly impossible?: Impossible;
  readonly reason?: string;
}

/** @throws UsageError for a file that is no history */
export function checkNodeJobs({ budget, file, now, runs = 1 }: CheckOptions): NodeJobsCheck {
  const startedAt = now();
  const history = readOrRefuse(file);
  const readAt = now();
  const readSeconds = (readAt - startedAt) / 1_000;
  if (history instanceof TooManyOperations) {
    const nothing = { ops: 0, seconds: 0, keys: 0, isCut: false, timesFrom: null };
    return { ...nothing, verdict: "unknown", readSeconds, reason: history.message };
  }
  const times: number[] = [];
  let found = judgeTimed(history, budget, now, times);
  // A search that ran out of time would do so again.
  while (times.length < runs && found.verdict !== "unknown") found = judgeTimed(history, budget, now, times);
  const seconds = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  const { isCut, keys, operations, timesFrom } = history;
  const open = found.verdict === "held" ? openIn(history) : null;
  return { ops: operations, seconds, readSeconds, keys: keys.length, isCut, timesFrom, ...found, ...open };
}

/** Why a sequential order of the history does not prove the property. */
function openIn({
  answered,
  isCut,
  neverAnswered,
  operations,
}: NodeJobsHistory): Pick<NodeJobsCheck, "verdict" | "reason"> | null {
  if (operations === 0) return { verdict: "not_exercised", reason: "no operation is in the file" };
  if (answered === 0) return { verdict: "not_exercised", reason: "no operation was answered" };
  if (neverAnswered.length > 0) {
    return { verdict: "not_exercised", reason: `none of many calls was answered: ${neverAnswered.join(", ")}` };
  }
  return isCut
    ? { verdict: "unknown", reason: "the line that is cut may have been an operation that no order explains" }
    : null;
}

function judgeTimed(
  history: NodeJobsHistory,
  budget: number,
  now: () => number,
  times: number[],
): ReturnType<typeof judgeKeys> {
  const startedAt = now();
  const found = judgeKeys(history, () => now() - startedAt > budget);
  times.push((now() - startedAt) / 1_000);
  return found;
}

function readOrRefuse(file: string): NodeJobsHistory | TooManyOperations {
  try {
    return readNodeJobs(file);
  } catch (error) {
    if (error instanceof TooManyOperations) return error;
    throw error;
  }
}

/** Violated where one key is impossible; else unknown where one was not decided. */
function judgeKeys(
  history: NodeJobsHistory,
  outOfTime: () => boolean,
): Pick<NodeJobsCheck, "verdict" | "key" | "impossible" | "reason"> {
  let open: string | null = null;
  for (const [number, key] of history.keys.entries()) {
    const ruling = judgeKey(history, number, outOfTime);
    if (ruling.verdict === "violated") return { verdict: "violated", key, impossible: ruling.impossible };
    if (ruling.verdict === "unknown") open ??= `key ${key}: ${ruling.reason}`;
  }
  return open === null ? { verdict: "held" } : { verdict: "unknown", reason: open };
}

function judgeKey(history: NodeJobsHistory, key: number, outOfTime: () => boolean): Ruling {
  if (outOfTime()) return { verdict: "unknown", reason: "the time was up" };
  const count = history.countOf(key);
  if (count > mostOfOneKey) {
    return {
      verdict: "unknown",
      reason: `${count} operations, allowed ${mostOfOneKey} to stay within memory`,
    };
  }
  return judgeCallsByWindow(nodeJobs, history.of(key), { configurations: mostConfigurations, outOfTime });
}
