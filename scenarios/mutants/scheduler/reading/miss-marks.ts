/** Mutants of how long a missing node is not asked for again. */
import type { SchedulerMutant } from "../mutant.ts";

export const missMarkMutants: readonly SchedulerMutant[] = [
  {
    id: "miss-marked-from-its-answer",
    origin:
      "a mark lasts from when its answer came, so a slow answer hides a node that registered meanwhile for longer: our own mistake",
    simulated: "penetration",
    property: "C2",
    edits: [
      {
        file: "reading/reads.ts",
        find: "caches.mark(partition, node, sentAt);",
        replace: "caches.mark(partition, node, sentAt, this.#ports.clock.now());",
      },
      {
        file: "reading/caches.ts",
        find: "mark(partition: number, node: string, confirmedAt: Instant): void {",
        replace: "mark(partition: number, node: string, confirmedAt: Instant, from: Instant): void {",
      },
      {
        file: "reading/caches.ts",
        find: "confirmedAt + this.#settings.missTtl;",
        replace: "from + this.#settings.missTtl;",
      },
    ],
  },
];
