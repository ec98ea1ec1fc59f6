/**
 * Compares the traces of a simulated run and its lockstep run. Where every reply and every key agreed and the traces differ, no property is broken: the
 * simulation departs from production between the store and the scheduler. That is a defect of the simulator, and what it says of the scheduler cannot be
 * believed: the run is broken.
 */

export interface TraceDivergence {
  readonly where: "trace";
  /** The first event that differs, and those before it. */
  readonly story: readonly [string, ...string[]];
}

/** Events shown before the first that differs. */
const eventsBefore = 10;

/** @param commands how many commands both sides answered alike */
export function traceDivergence(
  simulated: readonly string[],
  driven: readonly string[],
  commands: number,
): TraceDivergence | null {
  const index = simulated.findIndex((line, at) => line !== driven[at]);
  if (index < 0 && simulated.length === driven.length) return null;
  const at = index < 0 ? simulated.length : index;
  return {
    where: "trace",
    story: [
      `event ${at + 1} of the run is another with real servers: found ${driven[at] ?? "nothing"}, allowed ${simulated[at] ?? "nothing"}`,
      `  replies and keys agreed in all ${commands} commands: the two stores are alike, and the scheduler received something else of them`,
      ...simulated.slice(Math.max(0, at - eventsBefore), at).map((line) => `  ${line}`),
    ],
  };
}
