/** K3: every Redis operation ends by its deadline. */
import { faultWindows, overlaps } from "./fault-window.ts";
import { ofKind, type StoreCall } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { Stalls, timerGrain } from "./stall.ts";

export function judgeDeadlines(trial: Trial): Judgement {
  const stalls = new Stalls(trial.history);
  const calls = ofKind(trial.history, "store_call");
  const windows = faultWindows(trial.history, trial.instances);
  const violations: (readonly string[])[] = [];
  let unjudged = 0;
  let worst = 0;
  for (const call of calls) {
    const over = call.to - call.from - call.deadline - timerGrain;
    worst = Math.max(worst, call.to - call.from - call.deadline);
    if (over <= 0) continue;
    const stalled = stalls.within(call.from, call.to);
    if (stalled >= over) unjudged += 1;
    else violations.push(storyOf(call, stalled));
  }
  const during = calls.filter((call) =>
    windows.some((window) => window.instance === call.instance && overlaps(window, call.from, call.to)),
  );
  return conclude({
    property: "K3",
    premise: properties.K3.premise,
    exercised: trial.side === "fault" ? during.length : calls.length,
    judged: calls.length,
    unjudged,
    violations: fewStories(violations),
    open: `past the deadline by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures: calls.length === 0 ? [] : [{ name: "past_deadline_ms_max", value: worst }],
  });
}

function storyOf({ script, instance, from, to, deadline, outcome }: StoreCall, stalled: number): readonly string[] {
  return [
    `${script} of instance ${instance} ended after ${inMs(to - from)}, allowed ${inMs(deadline)}`,
    `begun at ${inMs(from)}, ended as ${outcome}; the process stood still for ${inMs(stalled)} of that time`,
  ];
}
