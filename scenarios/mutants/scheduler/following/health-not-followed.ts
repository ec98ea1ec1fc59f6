import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "health-not-followed",
  origin: "one kind of change moves the version and nothing else: forgotten when it was added",
  scenario: "subscriber-deaf",
  simulated: "random-nemesis",
  property: "F1",
  edits: [
    {
      file: "view/view.ts",
      find: "      return { ...before, version, health_milli: change.health_milli };",
      replace: "      return { ...before, version };",
    },
  ],
} satisfies SchedulerMutant;
