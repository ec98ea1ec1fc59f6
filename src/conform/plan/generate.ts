/** Plans from a seed. */
import fc from "fast-check";
import { among, type Choice, meetingCalls, oneOf, otherCalls, register, themes } from "./calls.ts";
import { withEdges } from "./edges.ts";
import { interleaved, trafficEvents } from "./interleave.ts";
import { type CallMove, type Move, type Plan, planSchema, type StoreEvent } from "./plan.ts";

/** Events of the store and its clock. */
const storeEvents: readonly Choice[] = [
  [60, fc.record({ do: fc.constant("wait"), by: oneOf(1, 10, 49, 1_000, 15_000, 120_000, -1, -5_000) })],
  [80, fc.record({ do: fc.constant("wait_until_due"), what: oneOf("expiry", "lease"), off: oneOf(-1, 0, 0, 1) })],
  [6, fc.record({ do: fc.constant("script_flush") })],
  [8, fc.record({ do: fc.constant("flush_all") })],
  [10, fc.record({ do: fc.constant("promote") })],
  [1, fc.record({ do: fc.constant("restart"), keepData: fc.boolean() })],
];

/** With calls in flight a restart is worth its time. */
const moreStoreEvents: readonly Choice[] = [
  ...storeEvents,
  [6, fc.record({ do: fc.constant("restart"), keepData: fc.boolean() })],
];

/** Rarely the caller has another idea of how many partitions there are. */
const move = fc
  .tuple(
    among([[80, register], ...otherCalls, ...storeEvents]),
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 150 }, { arbitrary: oneOf(0, 3, 5_000), weight: 1 }),
  )
  .map(([made, partitions]) => {
    const plain = made as Move;
    return "delivery" in plain && partitions !== undefined ? { ...plain, partitions } : plain;
  });

/** Most plans begin with nodes that exist, so that fewer moves are wasted on none. */
const prelude = fc.array(register, { maxLength: 3, size: "max" });

type MoveOf<Do extends Move["do"]> = Extract<Move, { do: Do }>;

/** The node that most calls are about. With a long life it is still there when its leases lapse. */
const home = (ttl: number): MoveOf<"register_node"> => ({
  do: "register_node",
  delivery: "delivered",
  node: 0,
  token: "new",
  expected: "right",
  maxJobs: 2,
  pools: [0],
  languages: [0],
  ttl,
});
const reserve = (job: number): MoveOf<"reserve_job"> => ({
  do: "reserve_job",
  delivery: "delivered",
  node: 0,
  job,
  lease: 1_000,
  seen: "all",
});
const finish: MoveOf<"complete_job"> = {
  ...{ do: "complete_job", delivery: "delivered", node: 0, job: 0 },
  ...{ doneFor: 86_400_000, doneMax: 100 },
};
/** Moves that finish the jobs; only the last finished one is remembered. */
const finishing = (jobs: readonly number[]): readonly Move[] =>
  jobs.flatMap((job) => [reserve(job), { ...finish, job, doneMax: 1 }]);
const leave: Move = {
  do: "offline_node",
  delivery: "delivered",
  node: 0,
  life: "current",
  retention: 1,
};
const beat: Move = {
  do: "heartbeat",
  delivery: "delivered",
  node: 0,
  life: "current",
  seq: "jump",
  chunk: 0,
  health: 500,
  metrics: "plain",
  running: [],
  ttl: 15_000,
  lease: 15_000,
};
const sweepAll: Move = {
  ...{ do: "sweep", delivery: "delivered", partition: 0, candidates: "due" },
  ...{ retention: 1, limit: 100, jobLimit: 1_000, offset: 0, gap: 86_400_000, grace: 0 },
};
const leaving = [home(15_000), reserve(0), finish, leave, { do: "wait_until_due", what: "expiry", off: 0 }] as const;
const takeBack: Move = { do: "release_job", delivery: "delivered", node: 0, job: 0 };
const turns = Array.from({ length: 12 }, () => [reserve(0), takeBack]).flat();
const readAll: Move = { do: "changes_since", delivery: "delivered", partition: 0, since: "start", limit: 100 };
/** Now and then a plan begins where chance alone seldom comes. */
const openings = {
  /** A later incarnation than the first. */
  old: [home(15_000), home(15_000), home(15_000)],
  alive: [home(15_000), beat],
  busy: [home(86_400_000), reserve(0), reserve(1)],
  /** Both jobs outlive their first leases. */
  renewed: [home(86_400_000), reserve(0), reserve(1), { ...beat, running: [0, 1] }],
  /** One job is finished and remembered, one goes on. */
  halfway: [home(86_400_000), reserve(0), finish, reserve(1)],
  /** A caller that lags asks for the first job again. */
  oneForgotten: [home(86_400_000), ...finishing([0, 1]), { ...reserve(0), seen: "none" }],
  twoForgotten: [home(86_400_000), ...finishing([0, 1, 2]), { ...reserve(0), seen: "none" }],
  /** A node that has finished a job is about to be removed, or was. */
  leaving,
  removed: [...leaving, sweepAll],
  /** More changes than a script reads of the feed at once. */
  long: [home(86_400_000), ...turns, readAll],
} as const satisfies Readonly<Record<string, readonly Move[]>>;
const { long, ...others } = openings;
const beginning = (usual: readonly (readonly Move[])[]): fc.Arbitrary<readonly Move[]> =>
  fc.oneof(
    { arbitrary: oneOf(...usual), weight: 5 },
    { arbitrary: oneOf<readonly Move[]>(...Object.values(others), long, long), weight: 2 },
  );

/** The themes of a concurrent plan: only a few, so that its calls interact often (swarm testing). */
const { grouping, renewing, leaving: departing, jobs, sweeping, following, configuring, losing } = themes;
const meetings: readonly (readonly (readonly Choice[])[])[] = [
  [jobs, sweeping],
  [grouping],
  [grouping, jobs, sweeping],
  [jobs, renewing],
  [jobs, renewing, departing, sweeping],
  [jobs, following],
  [jobs, departing, losing],
  [renewing],
  [renewing, departing],
  [departing],
  [departing, following],
  [sweeping],
  [configuring],
];

/** Calls of several clients in flight at once; many plans are about one node only. */
const concurrentMoves = fc
  .tuple(oneOf(...meetings), oneOf("one_node", "one_node", "all_nodes"))
  .chain(([chosen, on]) => {
    // Each registration ends what the others were about: so there are fewer of them.
    const call = among([[1, register], ...chosen.map((theme): Choice => [2, among(theme)])]).map((made) => {
      const sent = { ...(made as CallMove), delivery: "delivered" as const };
      return on === "one_node" && "node" in sent ? { ...sent, node: 0 } : sent;
    });
    return fc
      .array(trafficEvents(call, among(moreStoreEvents) as fc.Arbitrary<StoreEvent>), {
        minLength: 16,
        maxLength: 70,
        size: "max",
      })
      .map(interleaved);
  });

const feedMax = oneOf(2, 3, 8, 1_000);

const nowAndThen = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ arbitrary: fc.constant(null), weight: 4 }, { arbitrary, weight: 1 });

/** A node with jobs, then a key of a wrong type, then calls that it may meet: each of them comes as often as another. */
const spoiltBlock = fc.record({
  spoil: fc.record({
    do: fc.constant("spoil" as const),
    partition: oneOf<("cfg" | 0 | 1)[]>(0, 0, 0, 0, 1, "cfg"),
    key: oneOf(
      ...(["meta", "feed", "feed", "nodes", "expiry", "expiry", "leases", "leases", "orphans", "node"] as const),
      ...(["jobs", "jobs", "done", "done", "phase3"] as const),
    ),
    of: oneOf(0, 0, 0, 0, 1, 2),
    type: oneOf("string", "list", "hash", "set", "zset", "stream"),
  }),
  calls: fc.array(meetingCalls, { minLength: 2, maxLength: 3 }),
});
const spoiltBlocks = fc.array(spoiltBlock, { minLength: 4, maxLength: 8, size: "max" });
type SpoiltBlocks = typeof spoiltBlocks extends fc.Arbitrary<infer Value> ? Value : never;

/** Another node of the partition, whose lease is over with those of the first. */
const neighbour: readonly Move[] = [
  { ...home(86_400_000), node: 1 },
  { ...reserve(0), node: 1 },
];

/** Every follower asks so while the key is there. */
const follow: Move = { do: "changes_since", delivery: "delivered", partition: 0, since: "one_behind", limit: 100 };

/** The last key of a wrong type stays until the end. */
function withSpoilt(moves: readonly Move[], blocks: SpoiltBlocks): readonly Move[] {
  const mend: Move = { do: "mend" };
  const begun = blocks.flatMap(({ calls, spoil }) => [
    ...[mend, home(86_400_000), reserve(0), reserve(1), ...neighbour],
    ...[spoil, follow, ...(calls.flat() as Move[])],
  ]);
  return [...begun, ...moves, mend];
}

/** Calls by turns with the server's clock and with one that is passed in: a clock that goes back and forth. */
const serverClocks = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 });

function withServerClock(move: Move, isServers: boolean | undefined): Move {
  if (isServers !== true) return move;
  if (move.do === "send") return { ...move, call: { ...move.call, clock: "server" } };
  return "delivery" in move ? { ...move, clock: "server" } : move;
}

const planOf = (usual: readonly (readonly Move[])[], moves: fc.Arbitrary<readonly Move[]>): fc.Arbitrary<Plan> =>
  fc
    .tuple(feedMax, beginning(usual), prelude, moves, nowAndThen(spoiltBlocks), nowAndThen(serverClocks))
    .map(([most, first, more, then, spoilt, clocks]) => {
      const plain = [...first, ...(more as Move[]), ...then];
      const timed =
        clocks === null ? plain : plain.map((move, at) => withServerClock(move, clocks[at % clocks.length]));
      // As a token gives it back: with the fields in that order, since a story shows them in it.
      return planSchema.parse({ feedMax: most, moves: spoilt === null ? timed : withSpoilt(timed, spoilt) });
    });

export type PlanStyle = "sequential" | "concurrent";

const styles: Readonly<Record<PlanStyle, fc.Arbitrary<Plan>>> = {
  sequential: planOf([[]], fc.array(move, { minLength: 8, maxLength: 40, size: "max" })),
  concurrent: planOf([[home(15_000)], [home(86_400_000)]], concurrentMoves),
};

/** The first `runs` plans of a seed: always the same ones, however many are asked for. */
export function generatePlans(seed: number, runs: number, style: PlanStyle = "sequential"): readonly Plan[] {
  return fc.sample(styles[style], { seed, numRuns: runs }).map((plan, index) => completed(plan, index, style));
}

/** Calls in flight add nothing to what the edges show. */
function completed(plan: Plan, index: number, style: PlanStyle): Plan {
  return style === "sequential" ? withEdges(plan, index) : plan;
}

export interface PlanChoice {
  readonly seed: number;
  readonly runs: number;
  readonly style: PlanStyle;
}

/** The longest time of a timer, in ms. */
const longest = 2 ** 31 - 1;

/**
 * Visits the plans of `generatePlans` in their order, one at a time: each is made when the visit of the one before it has ended.
 * So a million plans take no more memory than one, and a signal is served between two of them.
 * @param visit answers whether there shall be another
 * @throws whatever `visit` throws
 */
export async function visitPlans({ seed, runs, style }: PlanChoice, visit: PlanVisitor): Promise<void> {
  let index = 0;
  let failure: { readonly thrown: unknown } | undefined;
  const property = fc.asyncProperty(styles[style], async (plan) => {
    try {
      return await visit(completed(plan, index, style), index);
    } catch (thrown) {
      failure = { thrown };
      return false;
    } finally {
      index += 1;
    }
  });
  // A time limit of the process that calls would end a batch early, which then would count as whole.
  await fc.check(property, { seed, numRuns: runs, endOnFailure: true, interruptAfterTimeLimit: longest });
  if (failure !== undefined) throw failure.thrown;
}

/** @param index of the plan, from 0 */
export type PlanVisitor = (plan: Plan, index: number) => Promise<boolean>;
