/**
 * L1: operations on a node, as clients saw them, are linearizable. Every node is an object of its own; versions say where each answer belongs,
 * and the feed which unanswered writes happened. docs/histories.md says what each reply claims.
 */
import { type Call, type HistoryEvent, ofKind } from "./history.ts";
import { conclude, type Finding, fewFindings, type Judgement, type Trial } from "./judgement.ts";
import type { JudgedCall } from "./linear/node-calls.ts";
import { Courses } from "./linear/node-course.ts";
import { firstTold, NodeHistories } from "./linear/node-history.ts";
import { wantOf } from "./linear/node-reply.ts";
import { blamedFor, callText, impossibleStory, misplacedStory, unaskedStory } from "./linear/node-stories.ts";
import { findMisplaced } from "./linear/order.ts";
import { properties } from "./properties.ts";

export function judgeLinearizability(trial: Trial): Judgement {
  const { history, observations } = trial;
  const courses = new Courses(observations, wasReplaced(history));
  const histories = new NodeHistories(trial, courses);
  const told = firstTold(history, courses);
  const violations: Finding[] = courses.impossible.map((one) => ({ story: impossibleStory(one), calls: [] }));
  const count = { answered: 0, unanswered: 0, unjudged: 0, overlapping: 0 };
  for (const node of histories.nodes) {
    const calls = histories.of(node);
    const answered = calls.filter(({ to }) => to !== Number.POSITIVE_INFINITY);
    count.answered += answered.length;
    count.unanswered += calls.length - answered.length;
    count.unjudged += answered.filter(({ isKnown }) => !isKnown).length;
    count.overlapping += overlapping(calls);
    violations.push(...nodeFindings(node, calls, courses, told));
  }
  if (courses.hasSeveralEras) violations.push(...wentBack(ofKind(history, "call"), courses));
  return conclude({
    property: "L1",
    premise: properties.L1.premise,
    exercised: count.overlapping,
    judged: count.answered,
    unjudged: count.unjudged,
    ...fewFindings(violations),
    open: "nobody saw what the node was at their versions",
    measures: [
      { name: "calls_judged", value: count.answered },
      { name: "calls_unanswered", value: count.unanswered },
    ],
  });
}

/** Faults that let two servers answer at a time. */
const replacing: readonly string[] = ["redis_failover", "redis_split_brain"];

function wasReplaced(history: readonly HistoryEvent[]): boolean {
  return ofKind(history, "fault").some(({ name, step }) => step === "inject" && replacing.includes(name));
}

/** Each server by itself: what another one took over may lack what the first had acknowledged, which is D4's to name. */
function nodeFindings(
  node: string,
  calls: readonly JudgedCall[],
  courses: Courses,
  told: ReadonlyMap<number, number>,
): readonly Finding[] {
  const steps = courses.stepsOf(node).flatMap(({ entry, from }, index, all) => {
    const epoch = entry === null ? null : courses.epochOf(entry);
    if (entry === null || epoch === null) return [];
    const isAskedFor = entry.at >= 0 && from > (told.get(epoch.partition) ?? Number.POSITIVE_INFINITY);
    const before = all[index - 1]?.moment ?? "absent";
    return [
      {
        entry,
        position: from,
        era: epoch.era,
        wanted: isAskedFor ? wantOf(entry.change, before) : null,
        seenAt: entry.at,
      },
    ];
  });
  const eras = new Set([...steps.map(({ era }) => era), ...calls.map(({ era }) => era)].filter((era) => era !== null));
  if (eras.size === 0) eras.add(0);
  return [...eras].flatMap((era) => {
    const own = calls.filter((one) => isOf(one, era, eras.size));
    const changes = steps.filter((step) => step.era === era);
    const misplaced = findMisplaced(own, changes);
    if (misplaced === null) return [];
    const seen = changes.map(({ entry }) => entry);
    const story =
      misplaced.kind === "change"
        ? unaskedStory(seen[misplaced.change], own)
        : misplacedStory(node, misplaced, own, seen, courses);
    return [{ story, calls: blamedFor(misplaced, own) }];
  });
}

/** A read that may have been answered by either of two servers is held against what the node ever was, not against an order. */
function isOf({ era, seen, to }: JudgedCall, wanted: number, eras: number): boolean {
  if (era !== null) return era === wanted;
  return eras === 1 || to === Number.POSITIVE_INFINITY || seen.length === 0;
}

/** How many calls were under way with another of the same node. */
function overlapping(calls: readonly JudgedCall[]): number {
  const sorted = [...calls].sort((a, b) => a.call.from - b.call.from);
  let count = 0;
  let until = Number.NEGATIVE_INFINITY;
  let isAlone = true;
  for (const { call } of sorted) {
    const overlaps = call.from <= until;
    if (overlaps) count += isAlone ? 2 : 1;
    isAlone = !overlaps;
    until = Math.max(until, call.to ?? Number.POSITIVE_INFINITY);
  }
  return count;
}

/** Two servers may answer at a time, but nobody goes back to the one that was replaced. */
function wentBack(calls: readonly Call[], courses: Courses): readonly Finding[] {
  const answered = calls.flatMap((call) => {
    const epoch = call.version === undefined || call.outcome !== "ok" ? null : courses.epochOf(call.version);
    return epoch === null ? [] : [{ call, era: epoch.era, partition: epoch.partition }];
  });
  const findings: Finding[] = [];
  for (const own of Map.groupBy(answered, ({ call, partition }) => `${call.instance} ${partition}`).values()) {
    const ended = [...own].sort((a, b) => (a.call.to ?? 0) - (b.call.to ?? 0));
    let next = 0;
    let furthest: (typeof own)[number] | null = null;
    for (const one of [...own].sort((a, b) => a.call.from - b.call.from)) {
      for (let done = ended[next]; done !== undefined && (done.call.to ?? 0) < one.call.from; done = ended[next]) {
        next += 1;
        if (furthest === null || done.era > furthest.era) furthest = done;
      }
      if (furthest === null || one.era >= furthest.era) continue;
      const story = [
        `${callText(one.call)}, allowed only the epoch that this instance had gone on to, or a later one`,
        `before it: ${callText(furthest.call)}`,
      ];
      findings.push({ story, calls: [furthest.call.id, one.call.id] });
    }
  }
  return findings;
}
