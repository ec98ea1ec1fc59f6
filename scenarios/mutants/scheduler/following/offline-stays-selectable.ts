import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "offline-stays-selectable",
  origin: "the index compares where a node stands, and forgets that one which is not online stands nowhere",
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
