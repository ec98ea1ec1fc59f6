import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "offline-stays-selectable",
  origin: "the index compares a node's pools and languages, and forgets that an offline node has none",
  scenario: "node-churn",
  simulated: "random-nemesis",
  property: "S1",
  edits: [
    {
      file: "view/node-index.ts",
      find: "  return a.status === b.status && a.pools === b.pools",
      replace: "  return a.pools === b.pools",
    },
  ],
} satisfies SchedulerMutant;
