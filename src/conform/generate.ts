/** Plans from a seed, biased to the corners: full nodes, times just due, the same job twice, former lives, impossible metrics. */
import fc from "fast-check";
import type { JobAt, Move, Plan } from "./plan.ts";

const often = <T>(plain: T, rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(plain), weight: 12 }, { arbitrary: fc.constantFrom(...rare), weight: 1 });
const oneOf = fc.constantFrom;

/** 0 and 1 share a partition, 2 lives in the other; 3 stands for an id that is not allowed. */
const node = fc.oneof({ arbitrary: oneOf(0, 0, 0, 1, 1, 2), weight: 60 }, { arbitrary: fc.constant(3), weight: 1 });
const job = fc.oneof(
  { arbitrary: oneOf<JobAt>(0, 0, 1, 1, 2, 3, 4), weight: 40 },
  { arbitrary: oneOf<JobAt>("live", "finished"), weight: 20 },
  { arbitrary: fc.constant<JobAt>(5), weight: 1 },
);
const life = oneOf("current", "current", "current", "current", "former", "bogus");
const ttl = fc.oneof(
  { arbitrary: oneOf(1, 20, 1_000, 15_000, 15_000, 15_000), weight: 40 },
  { arbitrary: oneOf(0, -1, 86_400_000, 86_400_001), weight: 1 },
);
const limit = fc.oneof({ arbitrary: oneOf(1, 2, 100), weight: 20 }, { arbitrary: oneOf(0, 20_000), weight: 2 });
const since = oneOf("start", "one_behind", "three_behind", "current", "ahead", "former_epoch");
const declared = oneOf("right", "right", "right", "nothing");
const partition = oneOf(0, 0, 1);
const call = {
  delivery: fc.oneof(
    { arbitrary: fc.constant("delivered"), weight: 39 },
    { arbitrary: fc.constant("request_lost"), weight: 4 },
    { arbitrary: fc.constant("reply_lost"), weight: 7 },
  ),
} as const;

const register = fc.record({
  do: fc.constant("register_node"),
  ...call,
  node,
  token: oneOf("new", "new", "new", "new", "same", "former"),
  maxJobs: fc.oneof(
    { arbitrary: oneOf(1, 1, 1, 2, 3), weight: 12 },
    { arbitrary: oneOf(0, 100_000, 100_001, -1), weight: 1 },
  ),
  pools: fc.uniqueArray(oneOf(0, 1, 2), { maxLength: 3 }),
  languages: fc.uniqueArray(oneOf(0, 1, 2), { maxLength: 2 }),
  ttl,
  leave: declared,
});
const heartbeat = fc.record({
  do: fc.constant("heartbeat"),
  ...call,
  node,
  life,
  seq: oneOf("next", "next", "next", "same", "older", "older", "jump"),
  health: fc.oneof(
    { arbitrary: oneOf(500, 520, 549, 550, 450, 451, 900, 0, 1_000), weight: 20 },
    { arbitrary: oneOf(-1, 1_001), weight: 1 },
  ),
  metrics: often("plain", ["nan", "negative", "huge", "too_huge", "infinite", "tiny"]),
  running: fc.array(job, { maxLength: 3 }),
  ttl,
  lease: ttl,
});

type Choice = readonly [weight: number, move: fc.Arbitrary<unknown>];

const registrations: Choice = [80, register];
const otherCalls: readonly Choice[] = [
  [140, heartbeat],
  [30, fc.record({ do: fc.constant("offline_node"), ...call, node, life, declared, retention: ttl })],
  [220, fc.record({ do: fc.constant("reserve_job"), ...call, node, job, lease: ttl })],
  [
    130,
    fc.record({
      do: fc.constant("complete_job"),
      ...call,
      node,
      job,
      doneFor: often(60_000, [1, 20, 0]),
      doneMax: often(100, [1, 2, 0]),
    }),
  ],
  [50, fc.record({ do: fc.constant("release_job"), ...call, node, job })],
  [
    110,
    fc.record({
      do: fc.constant("sweep"),
      ...call,
      partition,
      candidates: oneOf("none", "due", "due", "all"),
      declared,
      retention: ttl,
      limit,
    }),
  ],
  [70, fc.record({ do: fc.constant("changes_since"), ...call, partition, since, limit })],
  [
    25,
    fc.record({
      do: fc.constant("snapshot"),
      ...call,
      partition,
      records: fc.uniqueArray(oneOf(0, 1, 2), { maxLength: 3 }),
      after: oneOf(null, null, 0, 1),
      limit,
    }),
  ],
  [
    30,
    fc.record({
      do: fc.constant("put_config"),
      ...call,
      expected: oneOf("right", "none", "older"),
      content: oneOf(0, 1, 2, 3),
    }),
  ],
  [8, fc.record({ do: fc.constant("read_config"), ...call })],
  [8, fc.record({ do: fc.constant("config_changes"), ...call, since, limit })],
];

/** What happens to the store and its clock. */
const accidents: readonly Choice[] = [
  [60, fc.record({ do: fc.constant("wait"), by: oneOf(1, 10, 49, 1_000, 15_000, 120_000, -1, -5_000) })],
  [80, fc.record({ do: fc.constant("wait_until_due"), what: oneOf("expiry", "lease"), off: oneOf(-1, 0, 0, 1) })],
  [6, fc.record({ do: fc.constant("script_flush") })],
  [8, fc.record({ do: fc.constant("flush_all") })],
  [10, fc.record({ do: fc.constant("promote") })],
  [1, fc.record({ do: fc.constant("restart"), keepData: fc.boolean() })],
];

const among = (choices: readonly Choice[]): fc.Arbitrary<unknown> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Rarely the caller has another idea of how many partitions there are. */
const move = fc
  .tuple(
    among([registrations, ...otherCalls, ...accidents]),
    fc.oneof({ arbitrary: fc.constant(undefined), weight: 150 }, { arbitrary: oneOf(0, 3, 5_000), weight: 1 }),
  )
  .map(([made, partitions]) => {
    const plain = made as Move;
    return "delivery" in plain && partitions !== undefined ? { ...plain, partitions } : plain;
  });

/** Most plans begin with nodes that exist, so that fewer moves are wasted on none. */
const prelude = fc.array(register, { maxLength: 3, size: "max" });

/**
 * Several clients' calls on their way at once: made, delivered in another order, twice, late, or never. Each plan uses a few kinds of
 * calls only, so that those meet each other often (swarm testing).
 */
const concurrentMoves = fc.shuffledSubarray([...otherCalls], { minLength: 1, maxLength: 4 }).chain((kinds) => {
  const name = fc.nat(5);
  const call = among([registrations, ...kinds]).map(deliveredOnce);
  const move = fc.oneof(
    { arbitrary: fc.record({ do: fc.constant("send"), name, call }), weight: 44 },
    { arbitrary: fc.record({ do: fc.constant("deliver"), name, again: oneOf(false, false, false, true) }), weight: 50 },
    { arbitrary: fc.record({ do: fc.constant("drop"), name }), weight: 2 },
    { arbitrary: among(accidents), weight: 12 },
  );
  return fc.array(move as fc.Arbitrary<Move>, { minLength: 8, maxLength: 80, size: "max" });
});

/** Whether a call arrives is said by other moves. */
function deliveredOnce(call: unknown): unknown {
  return { ...(call as Move), delivery: "delivered" };
}

const planOf = (moves: fc.Arbitrary<readonly Move[]>): fc.Arbitrary<Plan> =>
  fc
    .record({
      feedMax: oneOf(2, 3, 8, 1_000),
      prelude,
      moves,
    })
    .map(({ feedMax, prelude: first, moves: rest }) => ({ feedMax, moves: [...(first as Move[]), ...rest] }));

export type PlanStyle = "sequential" | "concurrent";

const styles: Readonly<Record<PlanStyle, fc.Arbitrary<Plan>>> = {
  sequential: planOf(fc.array(move, { minLength: 8, maxLength: 40, size: "max" })),
  concurrent: planOf(concurrentMoves),
};

/** The first `runs` plans of a seed: always the same ones, however many are asked for. */
export function generatePlans(seed: number, runs: number, style: PlanStyle = "sequential"): readonly Plan[] {
  return fc.sample(styles[style], { seed, numRuns: runs });
}
