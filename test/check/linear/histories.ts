/** Small histories of one node: what an object did, as clients saw it who may not have seen all of it; some are spoilt. */
import fc from "fast-check";
import {
  type NodeJobInput,
  type NodeJobOutput,
  type NodeJobState,
  type NodeJobStatus,
  nodeJobKinds,
  nodeJobStatuses,
  nodeJobs,
} from "../../../src/check/linear/node/node-jobs.ts";
import type { VersionedOperation } from "../../../src/check/linear/search/versioned.ts";

export type Seen = VersionedOperation<NodeJobInput, NodeJobOutput>;

export interface MadeHistory {
  readonly operations: readonly Seen[];
  /** The changes of the object, in order. */
  readonly feed: readonly NodeJobInput[];
  readonly isSpoilt: boolean;
}

const planned = fc.record({
  kind: fc.constantFrom(...nodeJobKinds, "reserve" as const, "reserve" as const, "complete" as const),
  job: fc.nat(2),
  cap: fc.integer({ min: 1, max: 2 }),
  call: fc.nat(12),
  lasts: fc.nat(8),
  /** When it takes effect: so many hundredths of the time that it lasts, and twice as long when it is not answered. */
  effect: fc.nat(100),
  fate: fc.constantFrom("answered", "answered", "answered", "unanswered", "unanswered", "lost", "failed"),
});

type Planned = typeof planned extends fc.Arbitrary<infer Value> ? Value : never;

const damages = fc.record({
  how: fc.constantFrom("status", "incarnation", "jobs", "moved", "denied", "dropped"),
  which: fc.nat(7),
  by: fc.integer({ min: 1, max: 12 }),
});

type Damage = typeof damages extends fc.Arbitrary<infer Value> ? Value : never;

/** At most `most` operations; about half of them spoilt in one place, which does not always make them impossible. */
export function madeHistories(most: number): fc.Arbitrary<MadeHistory> {
  return fc
    .tuple(fc.array(planned, { minLength: 1, maxLength: most - 1 }), fc.option(damages), fc.nat(3))
    .map(([plan, damage, start]) => spoil(perform(start === 0 ? plan : [registration, ...plan]), damage));
}

/** A node that has never registered answers `dead` to everything, which is dull. */
const registration: Planned = { kind: "register", job: 0, cap: 0, call: 0, lasts: 2, effect: 0, fate: "answered" };

interface Performed extends Seen {
  readonly plan: Planned;
}

function perform(plan: readonly Planned[]): {
  readonly operations: readonly Performed[];
  readonly feed: NodeJobInput[];
} {
  const feed: NodeJobInput[] = [];
  let state: NodeJobState = nodeJobs.initial;
  const seen = new Map<number, Seen>();
  for (const [index, one] of inOrderOfEffect(plan)) {
    const input = inputOf(one);
    const base = { id: index + 1, input, call: one.call, returned: Number.POSITIVE_INFINITY };
    if (one.fate === "failed" || one.fate === "lost") {
      const outcome = one.fate === "failed" ? "fail" : "info";
      seen.set(index, { ...base, outcome, output: null, version: null });
      continue;
    }
    const output = replyOf(state, input);
    const after = nodeJobs.next(state, input, output) ?? state;
    if (after !== state) feed.push(input);
    state = after;
    seen.set(
      index,
      one.fate === "unanswered"
        ? { ...base, outcome: "info", output: null, version: null }
        : { ...base, returned: one.call + one.lasts, outcome: "ok", output, version: feed.length },
    );
  }
  return { operations: plan.map((one, index) => ({ ...(seen.get(index) as Seen), plan: one })), feed };
}

function inOrderOfEffect(plan: readonly Planned[]): readonly (readonly [number, Planned])[] {
  const at = ({ call, effect, fate, lasts }: Planned) =>
    call + (lasts * effect * (fate === "unanswered" ? 2 : 1)) / 100;
  return [...plan.entries()].sort(([, a], [, b]) => at(a) - at(b));
}

function inputOf({ cap, job, kind }: Planned): NodeJobInput {
  return { kind, job: kind === "reserve" || kind === "complete" ? job : 0, cap: kind === "reserve" ? cap : 0 };
}

/** The only one that fits. */
export function replyOf(state: NodeJobState, input: NodeJobInput): NodeJobOutput {
  const jobs = Array.from({ length: 17 }, (_, count) => count);
  const lives = [0, state.incarnation, state.incarnation + 1];
  for (const status of nodeJobStatuses) {
    for (const incarnation of lives) {
      for (const count of jobs) {
        const output = { status, incarnation, jobs: count };
        if (nodeJobs.next(state, input, output) !== null) return output;
      }
    }
  }
  throw new Error(`no reply fits ${JSON.stringify(input)} in ${nodeJobs.describe(state)}`);
}

function spoil({ operations, feed }: ReturnType<typeof perform>, damage: Damage | null): MadeHistory {
  const bare = operations.map(({ plan: _, ...operation }) => operation);
  const at = damage === null ? -1 : damage.which % bare.length;
  const one = bare[at];
  if (damage === null || one === undefined) return { operations: bare, feed, isSpoilt: false };
  const replaced = spoiled(one, damage);
  return {
    operations: bare.flatMap((operation) => (operation === one ? replaced : [operation])),
    feed,
    isSpoilt: true,
  };
}

function spoiled(one: Seen, { by, how }: Damage): readonly Seen[] {
  const { output } = one;
  switch (how) {
    case "dropped":
      return [];
    case "denied":
      return [{ ...one, returned: Number.POSITIVE_INFINITY, outcome: "fail", output: null, version: null }];
    case "moved":
      return [{ ...one, call: one.call + by, returned: one.returned + by }];
    case "incarnation":
      return [output === null ? one : { ...one, output: { ...output, incarnation: Math.abs(output.incarnation - 1) } }];
    case "jobs":
      return [output === null ? one : { ...one, output: { ...output, jobs: (output.jobs + by) % 4 } }];
    case "status": {
      const status = nodeJobStatuses[by % nodeJobStatuses.length] as NodeJobStatus;
      return [output === null ? one : { ...one, output: { ...output, status } }];
    }
  }
}
