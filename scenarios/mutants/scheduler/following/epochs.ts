/** Wrong schedulers that follow a former primary in an epoch that they were never in. */
import type { SchedulerMutant } from "../mutant.ts";

const ledBack = { simulated: "led-back", property: "V1" } as const;

export const epochMutants: readonly SchedulerMutant[] = [
  {
    ...ledBack,
    id: "past-not-abandoned",
    origin: "an instance has abandoned the epochs that it was in, and no others",
    edits: [
      {
        file: "view/epochs.ts",
        find: "    for (const past of succession?.past ?? []) if (past !== epoch) this.#abandon(past);\n",
        replace: "",
      },
      {
        file: "view/epochs.ts",
        find: `if (judged !== "unknown" || succession === undefined || this.#succession === null) return judged;`,
        replace: `if (judged !== "unknown" || succession === undefined || succession.past.length === 0 || this.#succession === null) return judged;`,
      },
    ],
  },
];
