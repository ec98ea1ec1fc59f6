import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "no-jitter",
  origin: "a TTL is a constant of the settings, so entries that were written together expire together",
  scenario: "avalanche",
  simulated: "avalanche",
  property: "C1",
  edits: [
    {
      file: "jitter.ts",
      find: "  return base * (1 + spread * (2 * unit(random) - 1));",
      replace: "  return base * (1 + 0 * spread * unit(random));",
    },
  ],
} satisfies SchedulerMutant;
