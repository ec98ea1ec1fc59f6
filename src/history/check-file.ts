/** The result of judging a stored history, as text and as JSON. */

import type { Judgement } from "../check/judgement.ts";
import type { Impossible } from "../check/linear/search/operation.ts";
import type { Verdict } from "../check/verdict.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import type { HistoryModel } from "./models.ts";
import { type CheckOptions, checkNodeJobs, type NodeJobsCheck } from "./node-jobs/judge.ts";
import { checkScheduler, type SchedulerCheck } from "./scheduler/judge.ts";
import { checkTrial, type TrialCheck } from "./trial/judge.ts";

interface Checked {
  readonly verdict: Verdict;
  readonly lines: readonly string[];
  readonly json: { readonly ops: number; readonly verdict: Verdict; readonly seconds: number };
}

/** @throws UsageError for a file that is not such a history */
export function checkFile(options: CheckOptions & { readonly model: HistoryModel | null }): Checked {
  switch (options.model) {
    case "node-jobs":
      return nodeJobsResult(checkNodeJobs(options));
    case "scheduler":
      return schedulerResult(checkScheduler(options));
    case null:
      return trialResult(checkTrial(options.file, options.now));
  }
}

const cutText = "the last line is cut and was left out";

function nodeJobsResult(check: NodeJobsCheck): Checked {
  const { impossible, isCut, key, keys, ops, readSeconds, reason, seconds, timesFrom, verdict } = check;
  const times = impossible === undefined ? null : timesFrom;
  return {
    verdict,
    json: {
      ...head(ops, verdict, seconds, readSeconds),
      ...{ model: "node-jobs", keys, truncated: isCut },
      ...withoutUndefined({ key, impossible, times_from: times ?? undefined, reason }),
    },
    lines: [
      `${ops} operations on ${keys} keys${timesText(seconds, readSeconds)}`,
      ...(isCut ? [`${cutText}: what was in flight then is unknown`] : []),
      ...(reason === undefined ? [] : [reason]),
      ...(impossible === undefined ? [] : impossibleLines(`key ${key}`, impossible)),
      ...(times === null ? [] : [`times are counted from ${times} on`]),
    ],
  };
}

function schedulerResult(check: SchedulerCheck): Checked {
  const { compared, history, impossible, node, ops, readSeconds, reason, seconds, verdict } = check;
  const { head: first, isCut = false, nodes = [], notJudged = 0, timesFrom = null } = history ?? {};
  const assumed = Object.entries(first?.assumed ?? {});
  const times = impossible === undefined ? null : timesFrom;
  return {
    verdict,
    json: {
      ...head(ops, verdict, seconds, readSeconds),
      ...{ model: "scheduler", nodes: nodes.length, truncated: isCut, compared, not_judged: notJudged },
      ...{ begins: first?.isOpen === true ? "unknown" : "empty", assumed: first?.assumed ?? {} },
      ...withoutUndefined({ node, impossible, times_from: times ?? undefined, reason }),
    },
    lines: [
      `${ops} calls on ${nodes.length} nodes${timesText(seconds, readSeconds)}`,
      ...(assumed.length === 0
        ? []
        : [
            `not in the first line, so as documented: ${assumed.map(([name, value]) => `${name} ${value}`).join(", ")}`,
          ]),
      ...(first?.isOpen === true
        ? [`begins in the middle: ${compared} answers were held against what others had shown`]
        : []),
      ...(notJudged === 0 ? [] : [`not judged, because they may be of a cache: ${notJudged} answers of get_node`]),
      ...(isCut ? [`${cutText}: what was in flight then is unknown`] : []),
      ...(reason === undefined ? [] : [reason]),
      ...(impossible === undefined ? [] : impossibleLines(`node ${node}`, impossible)),
      ...(times === null ? [] : [`times are counted from ${times} on`]),
    ],
  };
}

/** Explains the shortest impossible part. */
function impossibleLines(where: string, { first, pending, prefix, states }: Impossible): readonly string[] {
  return [
    `${where}: no order explains ${first}`,
    `  the shortest impossible part: the ${prefix} operations called by then`,
    ...under("in flight with it, or never answered:", pending),
    ...under("until then the node could have been:", states),
  ];
}

function under(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}

function trialResult({ judgements, ops, readSeconds, reason, run, seconds, verdict }: TrialCheck): Checked {
  const properties = judgements.map((one) => [one.property, brief(one)] as const);
  const violations = judgements.flatMap(({ property, violations: found }) =>
    found.map((story) => ({ property, story })),
  );
  return {
    verdict,
    json: {
      ...head(ops, verdict, seconds, readSeconds),
      ...withoutUndefined({ scenario: run?.scenario, seed: run?.seed, side: run?.side }),
      ...withoutUndefined({ truncated: run?.isCut, complete: run?.isComplete, not_judged: run?.notJudged }),
      ...{ properties: Object.fromEntries(properties), violations },
      ...withoutUndefined({ reason }),
    },
    lines: [
      ...(run === undefined ? [] : [`scenario ${run.scenario}, seed ${run.seed}, ${run.side} run`]),
      `${ops} calls${timesText(seconds, readSeconds)}`,
      ...(run?.isCut === true ? [cutText] : []),
      ...(run === undefined || run.notJudged.length === 0
        ? []
        : [`${run.scenario} claims these too, which the first line does not name: ${run.notJudged.join(", ")}`]),
      ...(reason === undefined ? [] : [reason]),
      ...judgements.flatMap(judgementLines),
    ],
  };
}

function head(ops: number, verdict: Verdict, seconds: number, readSeconds: number) {
  return { ops, verdict, seconds: thousandths(seconds), read_seconds: thousandths(readSeconds) };
}

function brief({ exercised, reason, verdict }: Judgement) {
  return withoutUndefined({ verdict, exercised, reason });
}

function judgementLines({ exercised, property, reason, verdict, violations }: Judgement): readonly string[] {
  return [
    `${property}  ${verdict}  exercised ${exercised}${reason === undefined ? "" : `  (${reason})`}`,
    ...violations.flatMap((lines) => lines.map((line) => `      ${line}`)),
  ];
}

function timesText(seconds: number, readSeconds: number): string {
  return `   judged in ${thousandths(seconds)} s, read in ${thousandths(readSeconds)} s`;
}

function thousandths(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
