/** Whether the machine kept the harness from its work: then a load that came late shows nothing of the scheduler. */
import { type Millis, ofKind } from "../history.ts";
import type { Trial } from "../judgement.ts";

/** Below this share of the time of its thread's stalls, the harness was late by work of its own. */
const mostly = 0.5;

/** Most of the time for which the harness's thread paused it waited for a processor, or the machine itself paused. */
export function isCrowded({ history }: Trial): boolean {
  const stalls = ofKind(history, "stall").filter(({ instance }) => instance === undefined);
  const stood = sum(stalls.map(({ lasted }) => lasted));
  const waited = sum(stalls.map(({ lasted, waited: inLine = lasted }) => Math.min(lasted, inLine)));
  // A frozen machine is seen by a thread of its own, so it is added to the time for which this one waited.
  const frozen = sum(ofKind(history, "frozen").map(({ lasted }) => lasted));
  return stood > 0 && Math.min(stood, waited + frozen) >= stood * mostly;
}

function sum(times: readonly Millis[]): Millis {
  return times.reduce((total, time) => total + time, 0);
}
