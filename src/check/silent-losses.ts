/**
 * Of D4: an instance that goes on in an epoch whose writes are lost has said nothing of the loss. One that is degraded when the run is over may only
 * not have been told; the machine is to blame for that as far as it kept the instance from the store since there was something to be told.
 */
import { type Millis, ofKind, phaseAt } from "./history.ts";
import type { Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { Noise } from "./timing/noise.ts";
import { type Blame, mildest } from "./timing/stall.ts";
import { Views } from "./views.ts";

/** An epoch that has ended. */
interface Ended {
  readonly epoch: string;
  readonly partition: number;
  readonly next: string | null;
}

interface SilentLosses {
  readonly violations: readonly (readonly string[])[];
  /** How many losses, of an instance each, nobody can hold against it. */
  readonly unjudged: number;
  readonly unclear: number;
}

/** @param lost the epoch of each acknowledged write that is lost */
export function judgeSilentLosses(lost: readonly Ended[], trial: Trial): SilentLosses {
  const { history, instances, observations } = trial;
  const views = new Views(history, observations);
  const silent = [...Map.groupBy(lost, ({ epoch }) => epoch)].flatMap(([epoch, [ended, ...more]]) => {
    if (ended === undefined) return [];
    return Array.from({ length: instances }, (_, instance) => instance)
      .filter((instance) => views.of(instance, ended.partition).at(-1)?.view.epoch === epoch)
      .map((instance) => ({ instance, ended, count: 1 + more.length, blame: blameFor(instance, ended, trial) }));
  });
  const blamedOn = (wanted: Blame) => silent.filter(({ blame }) => blame === wanted);
  return {
    violations: blamedOn("instance").map(({ count, ended: { epoch, partition }, instance }) => [
      `instance ${instance} never left epoch ${epoch} of partition ${partition}, of which ${count} acknowledged writes are lost, allowed is to name the loss`,
    ]),
    unjudged: blamedOn("machine").length,
    unclear: blamedOn("unclear").length,
  };
}

/** Whose doing it is that the instance was not told, within the time that views have for it. */
function blameFor(instance: number, ended: Ended, { bounds, history, observations }: Trial): Blame {
  const end = phaseAt(history, "end");
  if (Number.isNaN(end) || new Modes(history).at(instance, end) === "normal") return "instance";
  const begun = observations.find((one) => (one.kind === "entry" ? one.epoch : one.version?.epoch) === ended.next);
  const from: Millis = Math.max(phaseAt(history, "healed"), begun?.at ?? end);
  const late = end - from - bounds.convergence;
  const noise = new Noise(history);
  const failed = ofKind(history, "store_call").filter(
    (call) => call.instance === instance && call.outcome !== "answered" && call.to > from && call.to <= end,
  );
  return mildest([late > 0 ? noise.blameForLate(late, from, end, instance) : "instance", noise.blameForAll(failed)]);
}
