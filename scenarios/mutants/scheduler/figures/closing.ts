/** Wrong schedulers that leave something when they are closed, or go on answering as if they were not. */
import type { SchedulerMutant } from "../mutant.ts";

function mutant(id: string, origin: string, ...edits: SchedulerMutant["edits"]): SchedulerMutant {
  return { id, origin, simulated: "rolling-update", property: "K6", edits };
}

export const closingMutants: readonly SchedulerMutant[] = [
  mutant("timer-left", "the sweepers have a signal of their own, which close forgets", {
    file: "scheduler.ts",
    find: "() => this.#sweep(follower, signal));",
    replace: "() => (void this.#sweep(follower, new AbortController().signal), Promise.resolve()));",
  }),
  mutant("sends-after-close", "calls that drain are awaited, and new ones are taken meanwhile", {
    file: "calls/calls.ts",
    find: "    this.#isDraining = true;\n",
    replace: "",
  }),
  mutant(
    "selects-fresh-after-close",
    "a selection asks the mode alone whether it is current, and close does not change the mode",
    {
      file: "selection/select.ts",
      find: "  if (!isOpen() || !mode.isNormal) return false;",
      replace: "  if (!mode.isNormal) return false;",
    },
  ),
  mutant("answers-from-l1-after-close", "what is in L1 is answered before anything else is looked at", {
    file: "reading/reads.ts",
    find: "    if (!isOpen()) return null;\n",
    replace: "",
  }),
  mutant("close-does-not-drain", "close ends what is in flight, to be quick", {
    file: "scheduler.ts",
    find: "    await this.#calls.drained();\n",
    replace: "",
  }),
  mutant("connections-left", "the store is closed, and the feed is forgotten", {
    file: "scheduler.ts",
    find: "    await this.#ports.feed.close();\n",
    replace: "",
  }),
];
