/** D2: degradation is in force within the budget of the fault. */

import { type FaultWindow, faultWindows } from "./fault-window.ts";
import type { Millis } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { properties } from "./properties.ts";
import { distributionOf } from "./timing/distribution.ts";
import { Stalls } from "./timing/stall.ts";
import { standstillMeasures } from "./timing/standstill.ts";

export function judgeDegradation(trial: Trial): Judgement {
  const { budget } = trial.bounds;
  const stalls = new Stalls(trial.history);
  const modes = new Modes(trial.history);
  const violations: (readonly string[])[] = [];
  const times: Millis[] = [];
  let exercised = 0;
  let unjudged = 0;
  let unclear = 0;
  let isSlight = true;
  for (const window of faultWindows(trial.history, trial.instances)) {
    if (!isPremise(window, modes, budget)) continue;
    const degraded = modes.firstDegraded(window.instance, window.asked);
    const took = Math.max(0, Math.min(degraded, window.to) - window.from);
    times.push(took);
    if (window.lack === null) exercised += 1;
    if (took <= budget) continue;
    const place = [window.from, window.from + took, window.instance] as const;
    const blame = degraded <= window.to ? stalls.blame(took - budget, ...place) : "instance";
    if (blame === "machine") unjudged += 1;
    else if (blame === "unclear") unclear += 1;
    else {
      violations.push(storyOf(window, degraded, took, stalls.within(...place), budget));
      isSlight &&= degraded <= window.to && stalls.isSlight(took - budget, ...place);
    }
  }
  const distribution = distributionOf(times);
  return conclude({
    property: "D2",
    premise: properties.D2.premise,
    exercised,
    judged: times.length,
    unjudged,
    unclear,
    violations,
    isSlight,
    cause: "machine_load",
    open: `degraded later by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures:
      distribution === null
        ? []
        : [
            { name: "time_to_degradation_ms_p50", value: distribution.p50 },
            {
              name: "time_to_degradation_ms_max",
              value: distribution.max,
              ...(unjudged + unclear === 0 ? { threshold: budget } : {}),
            },
            ...standstillMeasures(trial),
          ],
  });
}

/** It cut the instance off for longer than the budget, and met it in `normal`. */
function isPremise(window: FaultWindow, modes: Modes, budget: Millis): boolean {
  return window.cutsOff && window.to - window.from > budget && modes.at(window.instance, window.asked) === "normal";
}

function storyOf(
  { name, instance, from, to }: FaultWindow,
  degraded: Millis,
  took: Millis,
  stalled: Millis,
  budget: Millis,
): readonly string[] {
  const found =
    degraded <= to ? `degraded ${inMs(took)} after the fault` : `was still normal after ${inMs(took)} of the fault`;
  return [
    `instance ${instance} ${found}, allowed ${inMs(budget)}`,
    `${name} in force from ${inMs(from)}; the process stood still for ${inMs(stalled)} of that time`,
  ];
}
