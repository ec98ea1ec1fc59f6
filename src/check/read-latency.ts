/** D1: every read returns within the budget, whatever Redis does. */
import { Absences } from "./absences.ts";
import { faultWindows, isExercisedBy } from "./fault-window.ts";
import { type Call, type Millis, ofKind, phaseAt, readOps } from "./history.ts";
import { conclude, type Finding, fewFindings, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { distributionOf } from "./timing/distribution.ts";
import { pipeMeasures } from "./timing/pipe.ts";
import { Stalls } from "./timing/stall.ts";
import { standstillMeasures } from "./timing/standstill.ts";

export function readsOf(trial: Trial): readonly Call[] {
  return ofKind(trial.history, "call").filter(({ op }) => readOps.some((read) => read === op));
}

/** How long the caller waited; for a read that never came back, until the end of the run. */
export function tookOf(call: Call, trial: Trial): Millis {
  return (call.to ?? phaseAt(trial.history, "end")) - call.from;
}

/** What cannot run cannot answer: that is not Redis's doing. */
function judgedReads(trial: Trial): readonly Call[] {
  const absences = new Absences(trial.history, trial.instances);
  return readsOf(trial).filter(
    ({ from, instance, to }) => !absences.touch(instance, from, to ?? Number.POSITIVE_INFINITY),
  );
}

/** Of the side with the faults, those that a fault met; of a control, all. */
export function readsMet(trial: Trial): readonly Call[] {
  const reads = judgedReads(trial);
  if (trial.side === "control") return reads;
  const windows = faultWindows(trial.history, trial.instances);
  return reads.filter(({ from, instance, to }) => isExercisedBy(windows, instance, [from, to ?? from]));
}

export function judgeReadLatency(trial: Trial): Judgement {
  const { budget } = trial.bounds;
  const reads = judgedReads(trial);
  const stalls = new Stalls(trial.history);
  const violations: Finding[] = [];
  let unjudged = 0;
  let unclear = 0;
  let isSlight = true;
  for (const read of reads) {
    const took = tookOf(read, trial);
    if (read.outcome === "fail") {
      violations.push({ story: refusedStory(read), calls: [read.id] });
      isSlight = false;
    }
    if (took < budget) continue;
    const place = [read.from, read.from + took, read.instance] as const;
    const blame = read.to === null ? "instance" : stalls.blameForCall(took - budget, { ...read, to: read.to });
    if (blame === "machine") unjudged += 1;
    else if (blame === "unclear") unclear += 1;
    else {
      violations.push({ story: storyOf(read, took, stalls.within(...place), trial), calls: [read.id] });
      isSlight &&= read.to !== null && stalls.isSlight(took - budget, ...place);
    }
  }
  const latency = distributionOf(reads.map((read) => tookOf(read, trial)));
  return conclude({
    property: "D1",
    premise: properties.D1.premise,
    exercised: readsMet(trial).length,
    judged: reads.length,
    unjudged,
    unclear,
    ...fewFindings(violations),
    isSlight,
    cause: "machine_load",
    open: `late by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures:
      latency === null
        ? []
        : [
            { name: "read_latency_ms_p50", value: latency.p50 },
            { name: "read_latency_ms_p95", value: latency.p95 },
            // What the machine's own stalls made late was not judged, so it is told without the threshold.
            {
              name: "read_latency_ms_p99",
              value: latency.p99,
              ...(unjudged + unclear === 0 || latency.p99 < budget ? { threshold: budget } : {}),
            },
            {
              name: "read_latency_ms_max",
              value: latency.max,
              ...(unjudged + unclear === 0 ? { threshold: budget } : {}),
            },
            { name: "read_margin_ms_min", value: budget - latency.max, direction: "at_least" },
            ...standstillMeasures(trial),
            ...pipeMeasures(trial),
          ],
  });
}

/** A read always has an answer, if only that nothing is known. */
function refusedStory({ op, node, instance, from, reply }: Call): readonly string[] {
  return [
    `${op} ${node ?? ""} on instance ${instance} gave no answer, allowed is any answer`,
    `asked at ${inMs(from)}; ${reply}`,
  ];
}

function storyOf(read: Call, took: Millis, stalled: Millis, { bounds }: Trial): readonly string[] {
  const waited = read.to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
  return [
    `${read.op} ${read.node ?? ""} on instance ${read.instance} ${waited}, allowed less than ${inMs(bounds.budget)}`,
    `asked at ${inMs(read.from)}; the process stood still for ${inMs(stalled)} of that time`,
    ...(read.read ? [`it answered from ${read.read.source}, stale: ${read.read.stale}, mode ${read.read.mode}`] : []),
  ];
}
