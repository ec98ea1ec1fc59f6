/**
 * Short sequences of moves that chance would seldom or never draw: texts that an argument must not have, values at its limits, keys that another program
 * has changed, epochs by the dozen. The plans of a batch carry them in turn, so that a hundred runs meet each one.
 */
import { type ScriptName, scriptNames } from "../../redis/scripts/contract.ts";
import { type CallMove, type Move, type Plan, planSchema } from "./plan.ts";
import { firstPlainJob } from "./world.ts";
import { wrongTexts } from "./wrong-texts.ts";

type MoveOf<Do extends Move["do"]> = Extract<Move, { do: Do }>;

const day = 86_400_000;
const delivery = "delivered";
const ofNode = { delivery, node: 0 } as const;
const register: MoveOf<"register_node"> = {
  ...{ do: "register_node", ...ofNode, token: "new", expected: "right", maxJobs: 2 },
  ...{ pools: [0], languages: [0], ttl: 15_000 },
};
const beat: MoveOf<"heartbeat"> = {
  ...{ do: "heartbeat", ...ofNode, life: "current", seq: "next", chunk: 0, health: 500, metrics: "plain" },
  ...{ running: [], ttl: 15_000, lease: 15_000 },
};
const leave: MoveOf<"offline_node"> = { do: "offline_node", ...ofNode, life: "current", retention: 15_000 };
const reserve = (job: number): MoveOf<"reserve_job"> => ({
  ...{ do: "reserve_job", ...ofNode, job, lease: 1_000, seen: "all" },
});
const complete = (job: number, doneFor = day, doneMax = 100): MoveOf<"complete_job"> => ({
  ...{ do: "complete_job", ...ofNode, job, doneFor, doneMax },
});
const release = (job: number): MoveOf<"release_job"> => ({ do: "release_job", ...ofNode, job });
const group = (...items: MoveOf<"group">["items"]): MoveOf<"group"> => ({ do: "group", delivery, items });
const sweep: MoveOf<"sweep"> = {
  ...{ do: "sweep", delivery, partition: 0, candidates: "all", retention: 15_000, limit: 100, jobLimit: 1_000 },
  ...{ offset: 0, gap: day, grace: 0 },
};
const follow: MoveOf<"changes_since"> = { do: "changes_since", delivery, partition: 0, since: "start", limit: 100 };
const page: MoveOf<"snapshot"> = { do: "snapshot", delivery, partition: 0, records: [0, 1], after: null, limit: 100 };
const readOrphans: MoveOf<"read_orphans"> = { do: "read_orphans", delivery, partition: 0, after: "start", limit: 100 };
const ackOrphans: MoveOf<"ack_orphans"> = { do: "ack_orphans", delivery, partition: 0, losses: "all" };
const putConfig: MoveOf<"put_config"> = { do: "put_config", delivery, expected: "right", content: 0 };

/** A call of each script that the protocol allows. */
const allowed: Readonly<Record<ScriptName, CallMove>> = {
  ...{ register_node: register, heartbeat: beat, offline_node: leave, reserve_job: reserve(0) },
  ...{
    complete_job: complete(0),
    release_job: release(0),
    group: group({ do: "release_job", node: 0, job: 0 }),
    sweep,
    changes_since: follow,
    snapshot: { ...page, records: [] },
  },
  ...{ read_orphans: readOrphans, ack_orphans: ackOrphans, put_config: putConfig },
};

const refused = scriptNames.flatMap((script) =>
  wrongTexts(script).map((instead): readonly Move[] => [{ ...allowed[script], instead }]),
);

/** Values at the limits of their arguments. */
const atLimits: readonly (readonly Move[])[] = [
  [{ ...register, maxJobs: 100_000, ttl: day }],
  [{ ...register, ttl: 1, maxJobs: 0 }],
  [{ ...beat, chunk: 199, health: 1_000, ttl: day, lease: day }],
  [{ ...reserve(4), lease: day }, { ...complete(4, day, 100_000) }],
  [{ ...leave, retention: day }],
  [{ ...sweep, retention: day, grace: day, gap: 1 }],
  [{ ...sweep, candidates: "none", offset: 999_999_999_999_999 }],
  [{ ...follow, limit: 10_000, maxBytes: 1_048_576 }],
  [{ ...page, limit: 1_000, after: 2, maxBytes: 1_048_576 }],
  [{ ...readOrphans, limit: 1_000 }],
  [{ ...putConfig, content: 2 }],
  [{ ...follow, partitions: 4_096 }],
];

const crowd: number[] = Array.from({ length: 105 }, (_, index) => firstPlainJob + index);
const gone: Move = { do: "flush_all" };
const wait = (by: number): Move => ({ do: "wait", by });
const meddle = (what: MoveOf<"meddle">["what"]): Move => ({ do: "meddle", what });
const on = <Made extends CallMove>(node: number, move: Made): Made => ({ ...move, node });
const both = [register, on(1, register)] as const;

/** The next call finds a `meta` that is not whole, so that an epoch begins, the first of its line. */
const torn = (
  [
    ...(["epoch_gone", "sequence_gone", "server_gone", "layout_gone", "partitions_gone"] as const),
    ...(["sequence_no_number", "layout_no_number", "partitions_no_number"] as const),
  ] as const
).map((what): readonly Move[] => [gone, register, meddle(what), { ...reserve(0), lease: 0 }, release(0)]);

const meetings: readonly (readonly Move[])[] = [
  ...torn,
  [gone, register, meddle("older_layout"), reserve(0), { ...follow, partitions: 3 }, { do: "promote" }, reserve(0)],
  [gone, register, meddle("newer_layout"), reserve(0)],
  // Nothing is written for a caller that does not fit, an epoch included.
  [gone, register, { do: "promote" }, { ...follow, partitions: 3 }, { ...follow, partitions: 1 }, follow],
  [gone, ...Array.from({ length: 19 }, (): readonly Move[] => [{ do: "promote" }, release(0)]).flat(), page],
  // A reader that knows nothing, as each does at first.
  [gone, { ...follow, since: "none" }, ...both, { ...follow, since: "none" }, { ...follow, since: "none", limit: 0 }],
  // An id that a reader cannot name, between two that it can.
  [gone, ...both, meddle("foreign_id"), page, { ...page, after: 0, limit: 1 }, { ...page, limit: 2 }],
  // A record that is gone: its leases do not lapse, and it is removed when its time is up.
  [gone, register, reserve(0), meddle("record_gone"), page, wait(2_000), sweep, wait(15_000), sweep],
  [gone, register, reserve(0), meddle("record_gone"), register],
  [gone, register, reserve(0), reserve(1), meddle("record_gone"), complete(0), release(1), page],
  // The number of jobs follows from the jobs.
  [
    gone,
    register,
    meddle("miscounted"),
    reserve(0),
    meddle("miscounted"),
    reserve(1),
    meddle("miscounted"),
    release(0),
  ],
  [gone, register, reserve(0), reserve(1), meddle("miscounted"), complete(0), meddle("miscounted"), wait(2_000), sweep],
  // Names that have to be escaped.
  [gone, { ...register, maxJobs: 5 }, ...[0, 1, 2, 3, 4].map(reserve), leave],
  // Contents of one length, and with braces in a text.
  [gone, ...[0, 19, 7, 7, 0].map((content): Move => ({ ...putConfig, content }))],
  // More digits than a number of Lua is written with.
  [gone, register, { ...beat, metrics: "tiny" }],
  // A reply ends with what reaches its size exactly: 63 bytes of a reservation, an id of 2.
  [
    ...[gone, ...both, reserve(0), release(0), reserve(0)],
    ...[62, 63, 64].map((maxBytes): Move => ({ ...follow, since: "three_behind", maxBytes })),
    ...[1, 2, 3, 7].map((maxBytes): Move => ({ ...page, records: [], maxBytes })),
  ],
  // An order that no loss has, with the version of one.
  [gone, register, reserve(0), leave, { ...ackOrphans, losses: "misplaced" }, readOrphans],
  // Which of two refusals comes first.
  [
    gone,
    register,
    ...[0, 1].flatMap((job) => [reserve(job), complete(job, day, 1)]),
    leave,
    { ...reserve(0), seen: "none" },
  ],
  [
    ...[gone, { ...register, maxJobs: 1 }, reserve(0), complete(0, day, 1), reserve(1), complete(1, day, 1)],
    ...[reserve(2), { ...reserve(0), seen: "none" }, { ...reserve(2), seen: "none" }],
  ] as readonly Move[],
  [gone, { ...register, maxJobs: 0 }, leave, reserve(0)],
  // A new life keeps none of these.
  [gone, register, { ...beat, chunk: 2, health: 900 }, register, { ...beat, chunk: 1 }],
  // Finished jobs are forgotten by age at the very instant, and by the clock.
  [gone, register, reserve(0), complete(0), wait(20), reserve(1), complete(1, 20)],
  [gone, register, reserve(0), reserve(1), complete(0), complete(1, 1)],
  // The bounds of the gap between two sweeps, and of the time that they are held.
  [gone, register, ...[0, 50, 1_000, 1_001].flatMap((by) => [wait(by), { ...sweep, gap: 1_000, grace: 50 }])],
  [gone, { ...register, ttl: 1 }, { ...sweep, grace: 50 }, wait(49), sweep, wait(1), sweep, wait(-5_000), sweep],
  // Some is left for the next sweep.
  [gone, ...both, reserve(0), reserve(1), on(1, reserve(0)), wait(15_000), { ...sweep, jobLimit: 1 }],
  [gone, ...both, reserve(0), on(1, { ...leave, retention: 1 }), wait(15_000), { ...sweep, jobLimit: 1 }, sweep],
  [
    ...[gone, ...both, reserve(0), on(1, reserve(0)), wait(15_000)],
    ...[0, 1, 2, 3].map((offset): Move => ({ ...sweep, candidates: "none", offset, limit: offset === 0 ? 3 : 2 })),
  ],
  // Nodes that are due for expiry come before those with leases that are.
  [
    ...[gone, register, on(1, { ...register, ttl: day }), on(1, reserve(0)), wait(15_000)],
    ...[
      { ...sweep, candidates: "none", limit: 1 } as const,
      { ...sweep, candidates: "none", limit: 1, offset: 1 } as const,
    ],
  ],
  // More jobs than a script may handle at once without care.
  [
    ...[gone, { ...register, maxJobs: crowd.length, ttl: day }, ...crowd.map(reserve)],
    ...[{ ...beat, running: crowd, ttl: day }, wait(15_000), { ...sweep, jobLimit: crowd.length - 2 }, leave],
  ],
];

type Item = MoveOf<"group">["items"][number];
const itemOf = <Made extends { readonly delivery: unknown }>({ delivery: _, ...item }: Made) => item as unknown as Item;
const [beats, takes, ends, givesBack] = [itemOf(beat), itemOf(reserve(0)), itemOf(complete(0)), itemOf(release(0))];
const many = (count: number, item: Item): readonly Item[] => Array.from({ length: count }, () => item);
const names = (count: number): Item => ({ ...beats, running: Array.from({ length: count }, () => 0) }) as Item;
const spoil = (key: "feed" | "jobs" | "leases", of = 0): Move => ({
  ...{ do: "spoil", partition: 0, key, of, type: "string" },
});

/** Groups: what their items have together, and what each has for itself. */
const groups: readonly (readonly Move[])[] = [
  [gone, register, group(takes, ends, takes, beats)],
  [gone, register, group(takes, givesBack, takes), group(takes, itemOf(reserve(1)), itemOf(reserve(2)), ends)],
  [gone, register, group(itemOf({ ...reserve(0), lease: 0 }), takes, itemOf(release(5)), itemOf(reserve(1)))],
  [gone, group(takes, beats), register, { do: "promote" }, group(takes, itemOf(reserve(1)))],
  [gone, register, { ...group(takes), partitions: 3 }, meddle("older_layout"), group(takes, beats)],
  [gone, ...both, spoil("jobs"), group(itemOf(on(1, reserve(0))), takes, itemOf(on(1, reserve(1)))), { do: "mend" }],
  [gone, ...both, reserve(0), spoil("leases"), group(ends, beats, itemOf({ ...beat, health: 900 })), { do: "mend" }],
  [gone, register, reserve(0), spoil("feed"), group(itemOf(reserve(1)), beats, ends), { do: "mend" }],
  [gone, register, group(...many(32, takes)), group(...many(33, takes)), group()],
  [gone, register, reserve(0), group(names(200), names(56)), group(names(200), names(57)), group(names(256))],
  [gone, register, { ...group(takes, itemOf(reserve(1))), delivery: "reply_lost" }, follow],
  [gone, register, { ...group(takes, ends), clock: "server" }, { ...group(beats, takes), clock: "server" }],
  [gone, register, meddle("miscounted"), group(takes, itemOf(reserve(1))), meddle("miscounted"), group(ends)],
  [gone, register, group(takes, itemOf({ ...beat, health: 550 }), itemOf({ ...beat, health: 501, seq: "jump" }))],
  // Two refusals in a row, each of its own; and what an earlier item has finished is known to a later one.
  [
    gone,
    register,
    group(itemOf({ ...reserve(0), lease: 0 }), itemOf(complete(0, 0)), takes, itemOf(on(3, release(0)))),
  ],
  [gone, register, reserve(0), reserve(1), group(itemOf(complete(1)), ends)],
  [
    ...[gone, register],
    group(
      ...[reserve(0), complete(0, day, 1), reserve(1), complete(1, day, 1)].map(itemOf),
      itemOf({ ...reserve(0), seen: "none" }),
    ),
  ],
];

/** A hundred plans have each of them. */
const edges = [...refused, ...atLimits, ...meetings, ...groups].map((moves) => planSchema.shape.moves.parse(moves));
const perPlan = Math.ceil(edges.length / 100);

/** @param index of the plan in its batch, from 0 */
export function withEdges(plan: Plan, index: number): Plan {
  const first = (index * perPlan) % edges.length;
  const chosen = [...edges, ...edges].slice(first, first + perPlan).flat();
  // Refused calls leave the content to be compared by the next move.
  return { ...plan, moves: [...plan.moves, ...chosen, wait(0)] };
}
