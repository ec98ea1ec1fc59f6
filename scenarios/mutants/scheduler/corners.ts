/** Mutants that show only where a limit is reached: small pages, several failovers, callers that give up. */
import type { SchedulerMutant } from "./mutant.ts";

export const edgeMutants: readonly SchedulerMutant[] = [
  {
    id: "shrunk-page-leaves-out",
    property: "S2",
    origin:
      "a page that was too slow is asked for again, smaller, and the next one begins where the large one would have ended",
    simulated: "slow-pages",
    edits: [
      {
        file: "following/resync.ts",
        find: "        after = ids[this.#pageSize - 1] ?? after;\n",
        replace: "",
      },
    ],
  },
  {
    id: "one-abandoned-epoch",
    property: "V2",
    origin: "only the epoch before the current one is known to be past, so an instance goes back by two failovers",
    simulated: "two-failovers",
    edits: [
      {
        file: "view/epochs.ts",
        find: "if (this.#current !== beforeAll.epoch) this.#abandoned.add(this.#current);",
        replace:
          "this.#abandoned.clear();\n    if (this.#current !== beforeAll.epoch) this.#abandoned.add(this.#current);",
      },
    ],
  },
  {
    id: "aborted-means-not-done",
    property: "L1",
    origin: "a call that its caller has given up is taken for one that was not made, though it was sent",
    simulated: "random-nemesis",
    edits: [
      {
        file: "calls/calls.ts",
        find: `return { ...given, cause: "aborted", message: "aborted meanwhile" };`,
        replace: `return { ...given, applied: "no", cause: "aborted", message: "aborted meanwhile" };`,
      },
    ],
  },
];
