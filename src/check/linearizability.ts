/**
 * L1: operations on a node, as clients saw them, are linearizable. Every node is an object of its own; versions say where each answer belongs,
 * and the feed which unanswered writes happened. docs/histories.md says what each reply claims.
 */
import { type Call, ofKind } from "./history.ts";
import { conclude, type Finding, fewFindings, type Judgement, type Trial } from "./judgement.ts";
import { anyEra, type NodeCalls } from "./linear/node/calls.ts";
import { NodeChanges } from "./linear/node/changes.ts";
import { Courses } from "./linear/node/courses.ts";
import { blamedFor, callText, impossibleStory, misplacedStory, unaskedStory } from "./linear/node/stories.ts";
import { RunCalls } from "./linear/run/calls.ts";
import { findMisplaced, Room } from "./linear/search/order.ts";
import { properties } from "./properties.ts";

export function judgeLinearizability(trial: Trial): Judgement {
  const { history, observations } = trial;
  const run = new RunCalls(trial);
  const courses = new Courses(observations, run.wasReplaced);
  const { byNode, firstTold } = run.place(courses);
  const violations: Finding[] = courses.impossible.map((one) => ({ story: impossibleStory(one), calls: [] }));
  const count = { answered: 0, unanswered: 0, unjudged: 0, overlapping: 0 };
  const room = new Room();
  for (const [node, calls] of byNode) {
    count.answered += calls.answered;
    count.unanswered += calls.unanswered;
    count.unjudged += calls.unjudged;
    count.overlapping += calls.overlapping(room);
    violations.push(...nodeFindings(node, calls, courses, firstTold, room));
  }
  if (courses.hasSeveralEras) violations.push(...wentBack(ofKind(history, "call"), courses));
  return conclude({
    property: "L1",
    premise: properties.L1.premise,
    exercised: count.overlapping,
    judged: count.answered,
    unseen: count.unjudged,
    ...fewFindings(violations),
    measures: [
      { name: "calls_judged", value: count.answered },
      { name: "calls_unanswered", value: count.unanswered },
    ],
  });
}

/** Each server by itself: what another one took over may lack what the first had acknowledged, which is D4's to name. */
function nodeFindings(
  node: string,
  calls: NodeCalls,
  courses: Courses,
  told: ReadonlyMap<number, number>,
  room: Room,
): readonly Finding[] {
  const findings: Finding[] = [];
  const changes = new NodeChanges(courses, courses.of(node), told);
  for (const era of courses.hasSeveralEras ? erasOf(calls, changes) : [null]) {
    const chosen = era === null ? null : calls.of(era);
    const own = era === null ? changes : changes.of(era);
    const misplaced = findMisplaced(chosen === null ? calls.placed : calls.placed.pick(chosen), own, room);
    if (misplaced === null) continue;
    const judged = calls.judged(chosen);
    const story =
      misplaced.kind === "change"
        ? unaskedStory(own.entry(misplaced.change), judged)
        : misplacedStory(node, misplaced, judged, (change) => own.entry(change), courses);
    findings.push({ story, calls: blamedFor(misplaced, judged) });
  }
  return findings;
}

/** null: there is but one, and whatever has no server of its own is its doing. */
function erasOf(calls: NodeCalls, changes: NodeChanges): readonly (number | null)[] {
  const eras = new Set([...changes.eras, ...calls.eras]);
  eras.delete(anyEra);
  return eras.size > 1 ? [...eras] : [null];
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
