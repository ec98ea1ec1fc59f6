/**
 * Mutants that need more than 50 seeds in the median, since several rare things have to come together. The gate does not run them: they measure whether
 * guided simulation finds what random seeds seldom do (docs/benchmarks.md, "Guided simulation").
 */
import type { SchedulerMutant } from "./mutant.ts";

export interface RareMutant extends SchedulerMutant {
  readonly simulated: string;
}

export const rareMutants: readonly RareMutant[] = [
  {
    id: "third-abandoned-epoch",
    property: "V1",
    origin: "the list of abandoned epochs is bounded, and what does not fit is dropped",
    simulated: "close-quarters",
    edits: [
      {
        file: "view/epochs.ts",
        find: "if (this.#current !== beforeAll.epoch) this.#abandoned.add(this.#current);",
        replace:
          "if (this.#current !== beforeAll.epoch && this.#abandoned.size < 3) this.#abandoned.add(this.#current);",
      },
    ],
  },
  {
    id: "epoch-checked-on-early-pages",
    property: "V2",
    origin: "whether a page is of the epoch of the first is checked for the first pages only",
    simulated: "close-quarters",
    edits: [
      {
        file: "following/resync.ts",
        find: "if (page.version.epoch !== first.epoch || page.version.sequence < first.sequence)",
        replace: "if (count < 4 && (page.version.epoch !== first.epoch || page.version.sequence < first.sequence))",
      },
    ],
  },
  {
    id: "offline-acknowledged-in-the-past",
    property: "D4",
    origin: "the answer to one kind of write is not held against the abandoned epochs",
    simulated: "close-quarters",
    edits: [
      {
        file: "following/follower.ts",
        find: 'this.#ports.emit({ kind: "dropped_reply", operation, partition: this.partition, version });\n      return false;',
        replace:
          'this.#ports.emit({ kind: "dropped_reply", operation, partition: this.partition, version });\n      return operation === "offline_node";',
      },
    ],
  },
  {
    id: "third-lapsed-job",
    property: "O1",
    origin: "of jobs that lapse at once, only the first two are reported",
    simulated: "random-nemesis",
    edits: [
      {
        file: "following/orphans.ts",
        find: 'return { partition, node, jobs: change.jobs, because: "lapsed" };',
        replace: 'return { partition, node, jobs: change.jobs.slice(0, 2), because: "lapsed" };',
      },
    ],
  },
];
