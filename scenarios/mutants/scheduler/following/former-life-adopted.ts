import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "former-life-adopted",
  origin: "a heartbeat is forwarded for the incarnation that this instance knows, whatever incarnation sent it",
  scenario: "node-churn",
  simulated: "random-nemesis",
  property: "N1",
  edits: [
    {
      file: "writing/writes.ts",
      find: `    if (given !== undefined) return checkId("incarnation", given, 64);
    return this.#incarnations`,
      replace: `    if (given !== undefined) checkId("incarnation", given, 64);
    return this.#incarnations`,
    },
  ],
} satisfies SchedulerMutant;
