import type { SchedulerMutant } from "../mutant.ts";

/** 45 ms at the 60 ns that a round is charged. */
const rounds = 750_000;

export default {
  id: "rounds-in-reads",
  origin: "one read in 50 computes something large synchronously, 45 ms on the thread, and answers correctly",
  simulated: "redis-slow",
  isCharged: true,
  property: "D1",
  edits: [
    {
      file: "reading/reads.ts",
      find: "  readonly #asked = new Coalescer<string, Finding | null>();\n",
      replace: "  readonly #asked = new Coalescer<string, Finding | null>();\n  #reads = 0;\n",
    },
    {
      file: "reading/reads.ts",
      find: `    checkId("node", node);\n    const startedAt`,
      replace: `    checkId("node", node);
    this.#reads += 1;
    if (this.#reads % 50 === 0)
      for (let round = 0, sum = 1; round < ${rounds}; round += 1) sum = (sum * 48_271) % 2_147_483_647;
    const startedAt`,
    },
  ],
} satisfies SchedulerMutant;
