/**
 * The scheduler heard the same words from both stores, so it has to have done the same. Where it has not, every reply and every key agreed, and no
 * property of the store is broken: then the simulation departs from production between the store and the scheduler.
 *
 * No property is about that. V3 stands for it, the one claim that two who have heard the same agree: of one content of the store the same
 * instance has made two different things.
 */
import type { Parting } from "./mirror.ts";

/** Before the first that differs. */
const eventsTold = 10;

/** @param commands that both worlds answered alike */
export function traceParting(
  simulated: readonly string[],
  driven: readonly string[],
  commands: number,
): Parting | null {
  const index = simulated.findIndex((line, at) => line !== driven[at]);
  if (index < 0 && simulated.length === driven.length) return null;
  const at = index < 0 ? simulated.length : index;
  return {
    property: "V3",
    where: "trace",
    story: [
      `event ${at + 1} of the run is another with real servers: found ${driven[at] ?? "nothing"}, allowed ${simulated[at] ?? "nothing"}`,
      `  replies and keys agreed in all ${commands} commands: the two stores are alike, and the scheduler was not told the same of them`,
      ...simulated.slice(Math.max(0, at - eventsTold), at).map((line) => `  ${line}`),
    ],
  };
}
