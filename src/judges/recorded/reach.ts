/** When an instance of a recorded run could learn nothing of what had changed: no wake-up could reach it, or it was answered by a server that had been replaced. */
import { type Call, type HistoryEvent, type Millis, ofKind } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import type { JudgeEvent } from "../event.ts";
import type { RecordedTruth } from "./truth.ts";

interface Interval {
  readonly from: Millis;
  readonly to: Millis;
}

/** An observer's look and a wake-up on its way: a change seen this soon after the feed was cut may still have been announced. */
const edge: Millis = 50;
const silencing: ReadonlySet<string> = new Set([
  "redis_blackhole",
  "redis_refused",
  "redis_restart",
  "redis_half_open",
]);

export function* reachEvents({ history, instances }: Trial, truth: RecordedTruth): Generator<JudgeEvent> {
  const answered = Map.groupBy(ofKind(history, "call"), (call) => call.instance);
  for (let instance = 0; instance < instances; instance += 1) {
    for (const { from, to } of joined(deafnessOf(history, instance))) {
      yield { kind: "feed_link", at: from, instance, isUp: false };
      yield { kind: "feed_link", at: to, instance, isUp: true };
    }
    for (const partition of truth.partitions) {
      for (const { from, to } of joined(elsewhere(answered.get(instance) ?? [], partition, truth))) {
        yield { kind: "reach", at: from, instance, partition, isReached: false };
        yield { kind: "reach", at: to, instance, partition, isReached: true };
      }
    }
  }
}

/** When no wake-up can have reached the instance. */
function deafnessOf(history: readonly HistoryEvent[], instance: number): readonly Interval[] {
  const steps = ofKind(history, "fault").filter(
    (step) => step.link !== "commands" && silencing.has(step.name) && (step.instance ?? instance) === instance,
  );
  return steps.flatMap((begun) => {
    if (begun.step !== "inject") return [];
    const healed = steps.find((step) => step.step === "heal" && step.fault === begun.fault);
    return [{ from: begun.done + edge, to: healed?.asked ?? Number.POSITIVE_INFINITY }];
  });
}

/** While it was answered in an epoch though a later one had begun, the server that it reached was another one, which cannot tell it of that. */
function elsewhere(calls: readonly Call[], partition: number, truth: RecordedTruth): readonly Interval[] {
  return truth.of(partition).flatMap((line): readonly Interval[] => {
    const others = calls.flatMap(({ from, to, version }) => {
      const other = version === undefined || to === null ? undefined : truth.line(version.epoch);
      const isEarlier = other?.partition === partition && other.order < line.order;
      return isEarlier && to !== null && from >= line.begunAt ? [to] : [];
    });
    return others.length === 0 ? [] : [{ from: line.begunAt, to: Math.max(...others) }];
  });
}

/** Without overlaps, in order. */
function joined(intervals: readonly Interval[]): readonly Interval[] {
  const done: Interval[] = [];
  for (const one of intervals.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = done.at(-1);
    if (last === undefined || one.from > last.to) done.push(one);
    else done[done.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
  }
  return done;
}
