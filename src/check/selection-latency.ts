/** B2 under faults: the P99 of selections stays within the budget, on both sides of a pair. What the bench measures is the same when healthy. */
import { distributionOf } from "./distribution.ts";
import { faultWindows, overlaps } from "./fault-window.ts";
import { ofKind } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { tookOf } from "./read-latency.ts";
import { Stalls } from "./stall.ts";

export function judgeSelectionLatency(trial: Trial): Judgement {
  const { budget } = trial.bounds;
  const stalls = new Stalls(trial.history);
  const selections = ofKind(trial.history, "call").filter(({ op }) => op === "select_nodes");
  const late = selections.filter((call) => tookOf(call, trial) >= budget);
  const excused = late.filter((call) => {
    const took = tookOf(call, trial);
    const stalled = stalls.within(call.from, call.from + took);
    return call.to !== null && stalled > 0 && stalled >= took - budget;
  });
  const latency = distributionOf(selections.map((call) => tookOf(call, trial)));
  // P99 is the smallest that 99 % do not exceed: more than 1 % late, and it is late.
  const isLate = late.length - excused.length > selections.length * 0.01;
  const windows = faultWindows(trial.history, trial.instances);
  const during = selections.filter((call) =>
    windows.some((window) => window.instance === call.instance && overlaps(window, call.from, call.to ?? call.from)),
  );
  return conclude({
    property: "B2",
    premise: properties.B2.premise,
    exercised: trial.side === "fault" ? during.length : selections.length,
    judged: selections.length,
    unjudged: excused.length,
    violations: isLate
      ? [
          [
            `${late.length} of ${selections.length} selections took ${inMs(budget)} or more, allowed 1 in 100`,
            `the slowest took ${inMs(latency?.max ?? 0)}; ${excused.length} of them while the process stood still`,
          ],
        ]
      : [],
    open: `late by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures:
      latency === null
        ? []
        : [
            { name: "selection_ms_p50", value: latency.p50 },
            { name: "selection_ms_p99", value: latency.p99, ...(excused.length === 0 ? { threshold: budget } : {}) },
          ],
  });
}
