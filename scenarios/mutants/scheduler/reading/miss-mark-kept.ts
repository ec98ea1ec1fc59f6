import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "miss-mark-kept",
  origin: "a miss mark lasts until its TTL: the usual negative cache, which is not invalidated when the key is created",
  scenario: "node-churn",
  simulated: "random-nemesis",
  property: "N3",
  edits: [{ file: "reading/caches.ts", find: "    if (node !== null) this.#misses.delete(id);\n", replace: "" }],
} satisfies SchedulerMutant;
