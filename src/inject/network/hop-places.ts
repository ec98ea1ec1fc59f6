/** On which links a run has hops, and what it records of their traffic. */
import type { Fault, FaultKind } from "../../../scenarios/declare/fault-kinds.ts";
import { refusalOf } from "../../check/marks.ts";
import { classify } from "../../redis/failure.ts";
import type { InstanceKind } from "../instances/as-processes.ts";
import type { Recorder } from "../observe/recorder.ts";
import type { HopEvents } from "./hop.ts";
import type { Hops, LinkName } from "./links.ts";

const onCalls: ReadonlySet<FaultKind> = new Set<FaultKind>([
  ...(["reply_lost", "command_delayed", "command_held", "command_repeated", "redis_half_open", "clock_jump"] as const),
]);
const onMessages: ReadonlySet<FaultKind> = new Set<FaultKind>(["wake_up_dropped", "redis_half_open"]);

/** Only where they are needed: a hop costs time. What a hosted instance reports itself is seen by a hop of the others. */
export function hopsFor(faults: readonly Pick<Fault, "kind">[], kind: InstanceKind): Hops {
  const isElsewhere = kind === "line_protocol";
  const some = (isIt: (fault: FaultKind) => boolean): boolean => faults.some((fault) => isIt(fault.kind));
  const closes = isElsewhere && some((fault) => fault === "redis_slow_close");
  const refuses = isElsewhere && some((fault) => refusalOf[fault] !== undefined);
  const drops = some((fault) => onMessages.has(fault));
  return {
    // A scheduler written elsewhere may subscribe on either of its connections.
    commands: some((fault) => onCalls.has(fault)) || closes || refuses || (isElsewhere && drops),
    feed: drops || closes,
  };
}

const refusals: ReadonlySet<string> = new Set(Object.values(refusalOf));

/** Records what an instance over the line protocol does not report. */
export function outsideEvents(recorder: Recorder): (instance: number, link: LinkName) => HopEvents {
  return (instance, link) => ({
    onError(text) {
      const { cause } = classify(new Error(text), 0, true);
      if (refusals.has(cause)) recorder.event({ kind: "refused", at: recorder.now(), instance, cause });
    },
    onClosed: () => recorder.event({ kind: "closed", at: recorder.now(), instance, link }),
  });
}
