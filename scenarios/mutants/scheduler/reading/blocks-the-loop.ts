import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "blocks-the-loop",
  origin: "some changes rebuild something large synchronously: nothing else runs in the process for 80 ms",
  scenario: "redis-slow",
  simulated: null,
  unseen: "it blocks by the machine's clock, which no simulated run uses: see rounds-in-reads",
  property: "K3",
  edits: [
    {
      file: "following/follower.ts",
      find: "      const applied = this.#view.apply(entry);\n",
      replace: `      const applied = this.#view.apply(entry);
      if (entry.sequence % 25 === 0) for (const until = performance.now() + 80; performance.now() < until; );
`,
    },
  ],
} satisfies SchedulerMutant;
