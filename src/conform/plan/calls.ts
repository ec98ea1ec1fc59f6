/** Calls, biased to the corners: full nodes, times just due, the same job twice, former incarnations, impossible metrics. */
import fc from "fast-check";
import { type JobAt, mostRunning } from "./plan.ts";
import { wrongContents } from "./world.ts";

const often = <T>(plain: T, rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(plain), weight: 12 }, { arbitrary: fc.constantFrom(...rare), weight: 1 });
export const oneOf = fc.constantFrom;

/** 0 and 1 share a partition, 2 lives in the other; 3 and 4 stand for ids that are not allowed. */
const node = fc.oneof({ arbitrary: oneOf(0, 0, 0, 1, 1, 2), weight: 60 }, { arbitrary: oneOf(3, 4), weight: 1 });
const job = fc.oneof(
  { arbitrary: oneOf<JobAt>(0, 0, 1, 1, 2, 3, 4), weight: 40 },
  { arbitrary: oneOf<JobAt>("live", "finished"), weight: 20 },
  { arbitrary: oneOf<JobAt>(5, 6, 7, 8, 9), weight: 1 },
);
/** Mostly a job that exists. */
const endedJob = fc.oneof({ arbitrary: fc.constant<JobAt>("live"), weight: 1 }, { arbitrary: job, weight: 1 });
/** The same jobs again and again: what counts is how many are named. */
const manyRunning = (count: number): JobAt[] => Array.from({ length: count }, (_, index) => (index % 5) as JobAt);
const life = oneOf("current", "current", "current", "current", "former", "bogus");
const ttl = fc.oneof(
  { arbitrary: oneOf(1, 20, 1_000, 15_000, 15_000, 15_000), weight: 40 },
  { arbitrary: oneOf(0, -1, 86_400_000, 86_400_001), weight: 1 },
);
/** Durations of leases and records: mostly shorter than the TTL of nodes, so that leases lapse before their node expires, and offline nodes are removed. */
const shorter = fc.oneof(
  { arbitrary: oneOf(1, 20, 500, 1_000, 5_000, 15_000), weight: 40 },
  { arbitrary: oneOf(0, -1, 86_400_000, 86_400_001), weight: 1 },
);
const limit = fc.oneof({ arbitrary: oneOf(1, 2, 100), weight: 20 }, { arbitrary: oneOf(0, 20_000), weight: 2 });
/** Mostly less than what there is. */
const maxBytes = fc.oneof(
  { arbitrary: oneOf(1, 40, 120, 250, 400, 700, 65_536), weight: 20 },
  { arbitrary: oneOf(0, 1_048_576, 1_048_577), weight: 1 },
);
const since = oneOf("start", "one_behind", "three_behind", "current", "ahead", "former_epoch");
const seen = fc.oneof(
  { arbitrary: oneOf("all", "all", "all", "all_but_one", "none", "more"), weight: 40 },
  { arbitrary: fc.constant("negative"), weight: 1 },
);
const partition = oneOf(0, 0, 1);
const call = {
  delivery: fc.oneof(
    { arbitrary: fc.constant("delivered"), weight: 39 },
    { arbitrary: fc.constant("request_lost"), weight: 4 },
    { arbitrary: fc.constant("reply_lost"), weight: 7 },
  ),
} as const;

const offer = fc.record({
  do: fc.constant("register_node"),
  ...call,
  node,
  token: oneOf("new", "new", "new", "new", "same", "former"),
  expected: fc.oneof(
    { arbitrary: fc.constant("right"), weight: 9 },
    { arbitrary: oneOf("none", "former", "former", "bogus"), weight: 1 },
  ),
  maxJobs: fc.oneof(
    { arbitrary: oneOf(1, 1, 1, 2, 3), weight: 12 },
    { arbitrary: oneOf(0, 100_000, 100_001, -1), weight: 1 },
  ),
  pools: fc.oneof(
    { arbitrary: fc.uniqueArray(oneOf(0, 1, 2), { maxLength: 3 }), weight: 40 },
    { arbitrary: fc.constant([3]), weight: 1 },
  ),
  languages: fc.uniqueArray(oneOf(0, 1, 2), { maxLength: 2 }),
  ttl,
});
const illFormed = offer.map((made) => ({ ...made, services: "ill_formed" as const }));
export const register = fc.oneof({ arbitrary: offer, weight: 80 }, { arbitrary: illFormed, weight: 1 });
const heartbeat = fc.record({
  do: fc.constant("heartbeat"),
  ...call,
  node,
  life,
  seq: fc.oneof(
    { arbitrary: oneOf("next", "next", "next", "same", "same", "older", "older", "older", "jump"), weight: 20 },
    { arbitrary: oneOf("negative"), weight: 1 },
  ),
  chunk: fc.oneof({ arbitrary: oneOf(0, 0, 1, 2), weight: 20 }, { arbitrary: oneOf(-1, 199, 200), weight: 1 }),
  health: fc.oneof(
    { arbitrary: oneOf(500, 520, 549, 550, 450, 451, 900, 0, 1_000), weight: 20 },
    { arbitrary: oneOf(-1, 1_001), weight: 1 },
  ),
  metrics: often("plain", ["nan", "negative", "huge", "too_huge", "infinite", "tiny", "some", "some", "none"]),
  running: fc.oneof(
    { arbitrary: fc.array(job, { maxLength: 3 }), weight: 60 },
    { arbitrary: fc.array(job, { minLength: 4, maxLength: 8, size: "max" }), weight: 20 },
    // Two jobs that a node often has at once.
    { arbitrary: oneOf<JobAt[]>([0, 1], [1, 0]), weight: 30 },
    { arbitrary: oneOf(manyRunning(mostRunning), manyRunning(mostRunning + 1)), weight: 1 },
  ),
  ttl,
  lease: shorter,
});

const reserve = fc.record({ do: fc.constant("reserve_job"), ...call, node, job, lease: shorter, seen });
const complete = fc.record({
  do: fc.constant("complete_job"),
  ...call,
  node,
  job: endedJob,
  doneFor: often(60_000, [1, 20, 0]),
  doneMax: fc.oneof({ arbitrary: oneOf(1, 1, 2, 100), weight: 20 }, { arbitrary: fc.constant(0), weight: 1 }),
});
const release = fc.record({ do: fc.constant("release_job"), ...call, node, job: endedJob });

const item = fc.oneof(heartbeat, reserve, reserve, complete, release).map(({ delivery: _, ...own }) => own);
const items = fc.oneof(
  { arbitrary: fc.array(item, { minLength: 1, maxLength: 6, size: "max" }), weight: 12 },
  // One item twice, as callers repeat it.
  { arbitrary: fc.tuple(item, item).map(([one, other]) => [one, other, one]), weight: 4 },
  {
    arbitrary: fc.tuple(item, oneOf(0, 32, 33)).map(([one, count]) => Array.from({ length: count }, () => one)),
    weight: 1,
  },
);

export type Choice = readonly [weight: number, move: fc.Arbitrary<unknown>];

/** Calls that meet each other, by what they are about. */
export const themes = {
  renewing: [[140, heartbeat]],
  leaving: [[30, fc.record({ do: fc.constant("offline_node"), ...call, node, life, retention: shorter })]],
  jobs: [
    [220, reserve],
    [130, complete],
    [50, release],
  ],
  grouping: [[120, fc.record({ do: fc.constant("group"), ...call, items })]],
  sweeping: [
    [
      110,
      fc.record({
        do: fc.constant("sweep"),
        ...call,
        partition,
        candidates: fc.oneof(
          { arbitrary: oneOf("none", "due", "due", "all"), weight: 10 },
          { arbitrary: oneOf("twice", "too_many"), weight: 1 },
        ),
        retention: shorter,
        limit: fc.oneof({ arbitrary: oneOf(1, 2, 100, 100), weight: 20 }, { arbitrary: oneOf(0, 101), weight: 1 }),
        jobLimit: fc.oneof({ arbitrary: oneOf(1, 2, 3, 1_000), weight: 20 }, { arbitrary: oneOf(0, 1_001), weight: 1 }),
        offset: fc.oneof({ arbitrary: oneOf(0, 0, 0, 1, 2, 3), weight: 20 }, { arbitrary: fc.constant(-1), weight: 1 }),
        gap: fc.oneof(
          { arbitrary: oneOf(60_000, 60_000, 60_000, 1, 100, 1_000), weight: 20 },
          { arbitrary: fc.constant(0), weight: 1 },
        ),
        grace: fc.oneof({ arbitrary: oneOf(0, 0, 0, 0, 1, 50), weight: 20 }, { arbitrary: fc.constant(-1), weight: 1 }),
      }),
    ],
  ],
  following: [
    [70, fc.record({ do: fc.constant("changes_since"), ...call, partition, since, limit, maxBytes })],
    [
      25,
      fc.record({
        do: fc.constant("snapshot"),
        ...call,
        partition,
        records: fc.uniqueArray(oneOf(0, 1, 2), { maxLength: 3 }),
        after: oneOf(null, null, 0, 1),
        limit,
        maxBytes,
      }),
    ],
  ],
  losing: [
    [
      25,
      fc.record({
        do: fc.constant("read_orphans"),
        ...call,
        partition,
        after: fc.oneof(
          { arbitrary: oneOf("start", "start", "first", "last"), weight: 40 },
          { arbitrary: fc.constant("negative"), weight: 1 },
        ),
        limit: fc.oneof({ arbitrary: oneOf(1, 2, 100), weight: 20 }, { arbitrary: oneOf(0, 2_000), weight: 1 }),
      }),
    ],
    [
      25,
      fc.record({
        do: fc.constant("ack_orphans"),
        ...call,
        partition,
        losses: fc.oneof(
          { arbitrary: oneOf("none", "first", "first", "last", "all", "mistaken"), weight: 40 },
          { arbitrary: fc.constant("impossible"), weight: 1 },
        ),
      }),
    ],
  ],
  configuring: [
    [
      30,
      fc.record({
        do: fc.constant("put_config"),
        ...call,
        expected: oneOf("right", "none", "older"),
        content: fc.oneof(
          { arbitrary: oneOf(0, 0, 0, 7, 8, 9, 7, 8, 9, 1, 2, 4, 5, 6, 10), weight: 2 },
          { arbitrary: oneOf(...wrongContents), weight: 1 },
        ),
      }),
    ],
    [8, fc.record({ do: fc.constant("read_config"), ...call })],
    [8, fc.record({ do: fc.constant("config_changes"), ...call, since, limit, maxBytes })],
  ],
} satisfies Readonly<Record<string, readonly Choice[]>>;
export const otherCalls: readonly Choice[] = Object.values(themes).flat();

export const among = (choices: readonly Choice[]): fc.Arbitrary<unknown> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** About the first node, and so that most of them do something where it is online with jobs that are live. */
const ofFirst = (choices: readonly Choice[], said: object): fc.Arbitrary<readonly unknown[]> =>
  among(choices).map((made) => [{ ...(made as object), ...said }]);
const { configuring, following, grouping, jobs, leaving, losing, renewing, sweeping } = themes;
const due = fc.record({ do: fc.constant("wait_until_due"), what: oneOf("expiry", "lease", "lease"), off: oneOf(0, 1) });
const first = { node: 0, life: "current" };

/** One call of each kind, each as likely as another. */
export const meetingCalls: fc.Arbitrary<readonly unknown[]> = fc.oneof(
  ofFirst([[1, register]], { node: 0, expected: "right" }),
  ofFirst(renewing, { ...first, seq: "next" }),
  ofFirst(leaving, first),
  ofFirst(jobs.slice(0, 1), { node: 0 }),
  ofFirst(jobs.slice(1, 2), { node: 0, job: "live" }),
  ofFirst(jobs.slice(2), { node: 0, job: "live" }),
  ofFirst(grouping, {}),
  fc
    .tuple(due, among(sweeping))
    .map(([wait, made]) => [wait, { ...(made as object), partition: 0, candidates: "all" }]),
  ofFirst(following.slice(0, 1), { partition: 0, since: "one_behind" }),
  ofFirst(following.slice(1), { partition: 0 }),
  ofFirst(losing, { partition: 0 }),
  ...configuring.map((choice) => ofFirst([choice], {})),
);
