import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "finished-not-followed",
  origin: "a completed job frees its place, and what was added later for late reserves is left as it was",
  simulated: "random-nemesis",
  property: "V2",
  edits: [
    {
      file: "view/view.ts",
      find: "current_jobs: change.current_jobs, finished: change.finished };",
      replace: "current_jobs: change.current_jobs };",
    },
  ],
} satisfies SchedulerMutant;
