/** Wrong schedulers that keep or send more than they may, or that clients keep from following. */
import type { SchedulerMutant } from "../mutant.ts";

function mutant(id: string, origin: string, ...edits: SchedulerMutant["edits"]): SchedulerMutant {
  return { id, origin, simulated: "overload", property: "K5", edits };
}

export const limitMutants: readonly SchedulerMutant[] = [
  mutant(
    "following-counts-as-load",
    "one bound for all calls in flight: those of clients keep the follower from asking",
    {
      file: "calls/calls.ts",
      find: `    if (origin === "client" && this.#ofClients >= this.#settings.maxCalls)`,
      replace: "    if (this.#inFlight.size >= this.#settings.maxCalls)",
    },
  ),
  mutant("calls-unbounded", "the bound on calls in flight is checked against the wrong number", {
    file: "calls/calls.ts",
    find: "this.#ofClients >= this.#settings.maxCalls",
    replace: "this.#ofClients >= this.#settings.maxCalls * 4",
  }),
  mutant("calls-never-leave", "a call that failed is not taken off the count, so that after a while all are refused", {
    file: "calls/calls.ts",
    find: "      this.#leave(own);\n      if (!given) give(answer);",
    replace: "      if (isFailure(answer)) late.met();\n      else this.#leave(own);\n      if (!given) give(answer);",
  }),
  mutant(
    "aborted-calls-not-counted",
    "a call that its client aborted is taken off the count, though it is on its way still",
    {
      file: "calls/calls.ts",
      find: "    const abort = (): void => give(",
      replace: "    const abort = (): void => (this.#leave(own), give)(",
    },
  ),
  mutant("entries-unbounded", "the bound was raised to save requests, without a look at what it bounds", {
    file: "reading/bounded.ts",
    find: "if (this.#entries.size <= this.#limit) break;",
    replace: "if (this.#entries.size <= this.#limit * 8) break;",
  }),
];
