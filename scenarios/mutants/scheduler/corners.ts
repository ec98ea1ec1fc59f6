/** Mutants that show only where a limit is reached: small pages, several failovers, callers that give up. */
import type { SchedulerMutant } from "./mutant.ts";

export const edgeMutants: readonly SchedulerMutant[] = [
  {
    id: "shrunk-page-leaves-out",
    property: "S2",
    origin:
      "a page brings fewer nodes than were asked for, since they are long or the link is slow, and the others are not asked for again",
    simulated: "slow-pages",
    edits: [
      {
        file: "following/resync.ts",
        find: "pending = [...pending.slice(page.nodes.length), ...page.next];",
        replace: "pending = [...pending.slice(this.#ports.settings.snapshotPage), ...page.next];",
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
        find: "if (this.#current !== beforeAll.epoch) this.#abandon(this.#current);",
        replace: "this.#abandoned.clear();\n    if (this.#current !== beforeAll.epoch) this.#abandon(this.#current);",
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
