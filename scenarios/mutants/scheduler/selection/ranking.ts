/** Wrong orders of candidates: every answer has only nodes that suit, and the wrong ones come first. */
import type { SchedulerMutant } from "../mutant.ts";

type Edit = SchedulerMutant["edits"][number];

const inBucket = (find: string, replace: string): Edit => ({ file: "view/candidate-bucket.ts", find, replace });
const draw = "const other = at + Math.floor((random.nextUint32() / 0x1_0000_0000) * (seats.length - at));";
const compare = "return worth(one, jobsOf(one)) * other.max_jobs > worth(other, jobsOf(other)) * one.max_jobs;";
const notCompared = inBucket(compare, "return worth(one, jobsOf(one)) * other.max_jobs < 0 && one === other;");

interface Ordered {
  readonly id: string;
  readonly origin: string;
  /** Source text of a number for the state `node`: the highest comes first, equals at random. */
  readonly by: string;
  readonly simulated?: string;
  /** On real servers. */
  readonly scenario?: string;
}

/** All candidates are compared, not two. */
function ordered({ by, simulated = "steady", ...named }: Ordered): SchedulerMutant {
  const highest = `const numberOf = ({ entry: { node } }: Seat): number => ${by};
  const most = Math.max(...seats.slice(at).map(numberOf));
  const equals = seats.flatMap((seat, index) => (index >= at && numberOf(seat) === most ? [index] : []));
  const other = equals[Math.floor((random.nextUint32() / 0x1_0000_0000) * equals.length)] ?? at;`;
  return { ...named, simulated, property: "S3", edits: [inBucket(draw, highest), notCompared] };
}

function oneEdit(id: string, origin: string, edit: Edit, simulated = "random-nemesis"): SchedulerMutant {
  return { id, origin, simulated, property: "S3", edits: [edit] };
}

export const rankingMutants: readonly SchedulerMutant[] = [
  ordered({
    id: "health-in-bands",
    origin:
      "the order before load counted: the best band of health first, so that one node slightly better takes all jobs",
    by: "Math.min(19, Math.floor(node.health_milli / 50))",
  }),
  ordered({
    id: "best-of-all",
    origin: "the best by health and load is chosen, the same one by every instance with the same view",
    by: "node.health_milli - (1_000 * node.current_jobs) / node.max_jobs",
    scenario: "even-load",
  }),
  ordered({
    id: "sorted-by-id",
    origin: "candidates are sorted by id, for an order that can be tested",
    by: "-[...node.node].reduce((sum, unit) => (sum * 31 + unit.charCodeAt(0)) % 1_000_003, 7)",
  }),
  ordered({ id: "sorted-by-health", origin: "candidates are sorted by exact health", by: "node.health_milli" }),
  ordered({ id: "sorted-by-jobs", origin: "the least loaded comes first", by: "-node.current_jobs" }),
  oneEdit(
    "best-of-one",
    "one candidate is drawn, and taken",
    inBucket("const other = contender(1);", "const other = seats.length < 0 ? contender(1) : undefined;"),
  ),
  oneEdit(
    "worse-of-two",
    "health is taken for load, so the worse of two is chosen",
    inBucket(compare, compare.replace(">", "<")),
  ),
  {
    ...{ id: "best-of-three", origin: "three are drawn", simulated: "even-load", property: "S3" },
    edits: [
      inBucket("const contender = (after: 0 | 1)", "const contender = (after: 0 | 1 | 2)"),
      inBucket("if (after === 1) swap(seats, from, from + 1);", "if (after > 0) swap(seats, from, from + after);"),
      inBucket(
        "      if (isOther) swap(seats, from, from + 1);\n",
        `      if (isOther) swap(seats, from, from + 1);
      const third = contender(2);
      const held = isOther ? other : one;
      if (third !== undefined && isBetter(third, held, jobsOf)) {
        swap(seats, from, from + 2);
        chosen.push(third);
        continue;
      }
`,
      ),
    ],
  },
  oneEdit(
    "half-of-the-seats",
    "the two are drawn from the first half of the seats, so that the other nodes are left out",
    inBucket(draw, draw.replace("(seats.length - at))", "Math.ceil((seats.length - at) / 2))")),
    "even-load",
  ),
  oneEdit(
    "health-ignored",
    "the less loaded of two is chosen, whatever their health",
    inBucket("return health_milli * max_jobs - 1_000 * jobs;", "return 0 * health_milli * max_jobs - 1_000 * jobs;"),
  ),
  oneEdit(
    "load-ignored",
    "the healthier of two is chosen, whatever its load",
    inBucket("return health_milli * max_jobs - 1_000 * jobs;", "return health_milli * max_jobs - 0 * jobs;"),
  ),
  oneEdit(
    "own-places-ignored",
    "the load is that of the view, so that a burst goes to the node that was best before it",
    inBucket(
      compare,
      "return worth(one, one.current_jobs) * other.max_jobs > worth(other, other.current_jobs) * one.max_jobs || jobsOf(one) < 0;",
    ),
    "even-load",
  ),
  oneEdit("fallback-in-listed-order", "the other pools are searched in the order in which they are configured", {
    file: "selection/phase3.ts",
    find: "    ranked.sort((a, b) => Number(b.doesFit) - Number(a.doesFit) || b.weight - a.weight);\n",
    replace: "",
  }),
];
