import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "hopeful-mode",
  origin: "a circuit breaker that closes after a time, without an answer, and opens at the next call",
  scenario: "redis-slow",
  simulated: "random-nemesis",
  property: "D3",
  edits: [
    {
      file: "mode/mode.ts",
      find: `      return at - state.lastAnswerAt >= settings.localOnlyAfter ? localOnly(state, at, "silence") : state;`,
      replace: `      return at - state.since >= settings.dwell ? { mode: "normal", since: at, relapses: 0 } : state;`,
    },
  ],
} satisfies SchedulerMutant;
