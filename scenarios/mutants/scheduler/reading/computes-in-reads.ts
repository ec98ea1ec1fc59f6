import type { SchedulerMutant } from "../mutant.ts";

export default {
  id: "computes-in-reads",
  origin:
    "one read in fifty computes something large first, such as sorting the whole view: 45 ms, less than a read may take",
  scenario: "redis-slow",
  simulated: null,
  unseen: "it blocks by the machine's clock, which no simulated run uses: see rounds-in-reads",
  property: "D1",
  edits: [
    {
      file: "reading/reads.ts",
      find: "  readonly #asked = new Coalescer<string, Finding | null>();\n",
      replace: "  readonly #asked = new Coalescer<string, Finding | null>();\n  #reads = 0;\n",
    },
    {
      file: "reading/reads.ts",
      find: "    const { clock, mode } = this.#ports;\n    checkId",
      // By processor time: a neighbour on the machine makes it longer, and no less.
      replace: `    const { clock, mode } = this.#ports;
    this.#reads += 1;
    if (this.#reads % 50 === 0) {
      const used = () => { const { system, user } = process.cpuUsage(); return (system + user) / 1_000; };
      for (const until = used() + 45; used() < until; );
    }
    checkId`,
    },
  ],
} satisfies SchedulerMutant;
