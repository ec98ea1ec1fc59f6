/** D1: every read returns within the budget, whatever Redis does. */
import { distributionOf } from "./distribution.ts";
import { faultWindows, overlaps } from "./fault-window.ts";
import { type Call, type Millis, ofKind, phaseAt, readOps } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { Stalls } from "./stall.ts";

export function readsOf(trial: Trial): readonly Call[] {
  return ofKind(trial.history, "call").filter(({ op }) => readOps.some((read) => read === op));
}

/** How long the caller waited; for a read that never came back, until the end of the run. */
export function tookOf(call: Call, trial: Trial): Millis {
  return (call.to ?? phaseAt(trial.history, "end")) - call.from;
}

export function judgeReadLatency(trial: Trial): Judgement {
  const { budget } = trial.bounds;
  const reads = readsOf(trial);
  const stalls = new Stalls(trial.history);
  const windows = faultWindows(trial.history, trial.instances);
  const violations: (readonly string[])[] = [];
  let unjudged = 0;
  for (const read of reads) {
    const took = tookOf(read, trial);
    if (read.outcome === "fail") violations.push(refusedStory(read));
    if (took < budget) continue;
    const stalled = stalls.within(read.from, read.from + took);
    if (read.to !== null && stalled >= took - budget && stalled > 0) unjudged += 1;
    else violations.push(storyOf(read, took, stalled, trial));
  }
  const during = reads.filter((read) =>
    windows.some((window) => window.instance === read.instance && overlaps(window, read.from, read.to ?? read.from)),
  );
  const latency = distributionOf(reads.map((read) => tookOf(read, trial)));
  return conclude({
    property: "D1",
    premise: properties.D1.premise,
    exercised: trial.side === "fault" ? during.length : reads.length,
    judged: reads.length,
    unjudged,
    violations: fewStories(violations),
    open: `late by no more than the process stood still (longest ${inMs(stalls.longest)})`,
    measures:
      latency === null
        ? []
        : [
            { name: "read_latency_ms_p50", value: latency.p50 },
            { name: "read_latency_ms_p95", value: latency.p95 },
            { name: "read_latency_ms_p99", value: latency.p99, threshold: budget },
            // What the machine's own stalls made late was not judged, so it is told without the threshold.
            { name: "read_latency_ms_max", value: latency.max, ...(unjudged === 0 ? { threshold: budget } : {}) },
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
