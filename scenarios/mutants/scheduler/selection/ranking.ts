/** Wrong orders of candidates: every answer has only nodes that suit, and the wrong ones come first. */
import type { SchedulerMutant } from "../mutant.ts";

/** The candidates of a band come sorted. @param compare source text of a comparison of the states `a` and `b` */
function sorted(id: string, origin: string, compare: string): SchedulerMutant {
  return {
    id,
    origin,
    simulated: "steady",
    property: "S3",
    edits: [
      {
        file: "view/candidate-bucket.ts",
        find: "      const bucket = this.#buckets[band] ?? [];",
        replace: `      const inOrder = ({ entry: { node: a } }: Seat, { entry: { node: b } }: Seat) => ${compare};
      const bucket = [...(this.#buckets[band] ?? [])].sort(inOrder);`,
      },
      {
        file: "view/candidate-bucket.ts",
        find: "const node = drawn(bucket, at, random);",
        replace: "const node = random === undefined ? drawn(bucket, at, random) : bucket[at]?.entry.node;",
      },
    ],
  };
}

export const rankingMutants: readonly SchedulerMutant[] = [
  {
    id: "health-upside-down",
    origin: "health is taken for load, so the lowest comes first",
    simulated: "random-nemesis",
    property: "S3",
    edits: [
      {
        file: "view/candidate-bucket.ts",
        find: "for (let band = bandCount - 1; band >= 0 && chosen.length < count; band--) {",
        replace: "for (let band = 0; band < bandCount && chosen.length < count; band++) {",
      },
    ],
  },
  {
    id: "health-ignored",
    origin: "a node that has room is as good as any other",
    simulated: "random-nemesis",
    property: "S3",
    edits: [
      {
        file: "view/candidate-bucket.ts",
        find: "  return Math.min(bandCount - 1, Math.floor(health_milli / bandWidth));",
        replace: "  return health_milli < 0 ? full : 0 * bandWidth;",
      },
    ],
  },
  {
    id: "health-in-wide-bands",
    origin: "bands of a tenth instead of a twentieth: a node that is worse by 60 thousandths counts as equal",
    simulated: "random-nemesis",
    property: "S3",
    edits: [{ file: "view/candidate-bucket.ts", find: "const bandWidth = 50;", replace: "const bandWidth = 100;" }],
  },
  sorted("sorted-by-id", "candidates are sorted by id, for an order that can be tested", "(a.node < b.node ? -1 : 1)"),
  sorted("sorted-by-health", "candidates are sorted by exact health", "b.health_milli - a.health_milli"),
  sorted("sorted-by-jobs", "the least loaded of a band comes first", "a.current_jobs - b.current_jobs"),
  {
    id: "fallback-in-listed-order",
    origin: "the other pools are searched in the order in which they are configured",
    simulated: "random-nemesis",
    property: "S3",
    edits: [
      {
        file: "selection/phase3.ts",
        find: "    ranked.sort((a, b) => Number(b.doesFit) - Number(a.doesFit) || b.weight - a.weight);\n",
        replace: "",
      },
    ],
  },
];
