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
      find: `    const incarnation = checkId("incarnation", request.incarnation, 64);
`,
      replace: `    const given = checkId("incarnation", request.incarnation, 64);
    const incarnation = this.#ports.followerOf(node).view.get(node)?.incarnation ?? given;
`,
    },
  ],
} satisfies SchedulerMutant;
