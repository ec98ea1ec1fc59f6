import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "no-read-deadline",
  origin: "reads wait for Redis as long as it takes: the client's default, and the first thing to be forgotten",
  scenario: "redis-slow",
  simulated: "redis-slow",
  property: "D1",
  edits: [
    {
      file: "settings.ts",
      find: "return parsed.data;",
      replace: "return { ...parsed.data, readDeadline: 10_000 };",
    },
  ],
} satisfies SchedulerMutant;
