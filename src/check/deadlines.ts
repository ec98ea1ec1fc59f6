/** K3: every Redis operation ends by its deadline. */
import { faultWindows, isExercisedBy } from "./fault-window.ts";
import { type Overdue, ofKind, type StoreCall } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { Stalls, timerGrain } from "./timing/stall.ts";
import { standstillMeasures } from "./timing/standstill.ts";

export function judgeDeadlines(trial: Trial): Judgement {
  const stalls = new Stalls(trial.history);
  // Before the load begins nobody watches whether the process stands still.
  const calls = ofKind(trial.history, "store_call").filter(({ from }) => from >= 0);
  const windows = faultWindows(trial.history, trial.instances);
  const violations: (readonly string[])[] = [];
  let unjudged = 0;
  let unclear = 0;
  let worst = 0;
  let isSlight = true;
  for (const call of calls) {
    const over = call.to - call.from - call.deadline - timerGrain;
    worst = Math.max(worst, call.to - call.from - call.deadline);
    if (over <= 0) continue;
    const blame = stalls.blame(over, call.from, call.to, call.instance);
    if (blame === "machine") unjudged += 1;
    else if (blame === "unclear") unclear += 1;
    else {
      violations.push(storyOf(call, stalls.within(call.from, call.to, call.instance)));
      isSlight &&= stalls.isSlight(over, call.from, call.to, call.instance);
    }
  }
  // Those that had not ended; where one did after all, it is among the others too.
  for (const call of ofKind(trial.history, "overdue").filter(({ from }) => from >= 0)) {
    const blame = stalls.blame(call.at - call.from - call.deadline - timerGrain, call.from, call.at, call.instance);
    if (blame === "machine") unjudged += 1;
    else if (blame === "unclear") unclear += 1;
    else {
      violations.push(openStory(call, stalls.within(call.from, call.at, call.instance)));
      isSlight = false;
    }
  }
  const during = calls.filter(({ from, instance, to }) => isExercisedBy(windows, instance, [from, to]));
  return conclude({
    property: "K3",
    premise: properties.K3.premise,
    exercised: trial.side === "fault" ? during.length : calls.length,
    judged: calls.length,
    unjudged,
    unclear,
    violations: fewStories(violations),
    isSlight,
    cause: "machine_load",
    open: `past the deadline by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures: calls.length === 0 ? [] : [{ name: "past_deadline_ms_max", value: worst }, ...standstillMeasures(trial)],
  });
}

function openStory({ at, deadline, from, instance, operation }: Overdue, stalled: number): readonly string[] {
  return [
    `${operation} of instance ${instance} had not ended after ${inMs(at - from)}, allowed ${inMs(deadline)}`,
    `begun at ${inMs(from)}; the process stood still for ${inMs(stalled)} of that time`,
  ];
}

function storyOf({ script, instance, from, to, deadline, outcome }: StoreCall, stalled: number): readonly string[] {
  return [
    `${script} of instance ${instance} ended after ${inMs(to - from)}, allowed ${inMs(deadline)}`,
    `begun at ${inMs(from)}, ended as ${outcome}; the process stood still for ${inMs(stalled)} of that time`,
  ];
}
