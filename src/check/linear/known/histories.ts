/** Small histories with a known verdict, each for one mistake that a judge may make. Right judges and mutants are compared with them. */
import type { NodeJobInput, NodeJobOutput, NodeJobStatus } from "../node/node-jobs.ts";
import type { Ruling } from "../search/operation.ts";
import type { VersionedOperation } from "../search/versioned.ts";

type Known = VersionedOperation<NodeJobInput, NodeJobOutput>;

export interface KnownHistory {
  readonly name: string;
  readonly verdict: Ruling["verdict"];
  readonly operations: readonly Known[];
  /** The changes of the object, in order. */
  readonly feed: readonly NodeJobInput[];
}

const register: NodeJobInput = { kind: "register", job: 0, cap: 0 };
const expire: NodeJobInput = { kind: "expire", job: 0, cap: 0 };
const read: NodeJobInput = { kind: "read", job: 0, cap: 0 };
const reserve = (job: number, cap = 8): NodeJobInput => ({ kind: "reserve", job, cap });
const complete = (job: number): NodeJobInput => ({ kind: "complete", job, cap: 0 });

const said = (status: NodeJobStatus, incarnation = 0, jobs = 0): NodeJobOutput => ({ status, incarnation, jobs });

/** Answered with `output` when there had been `version` changes. */
function ok(
  [call, returned]: readonly [number, number],
  input: NodeJobInput,
  output: NodeJobOutput,
  version: number,
): Known {
  return { id: call, call, returned, input, outcome: "ok", output, version };
}

function open(outcome: "info" | "fail", call: number, input: NodeJobInput): Known {
  return { id: call, call, returned: Number.POSITIVE_INFINITY, input, outcome, output: null, version: null };
}

const start = ok([0, 2], register, said("ok", 1), 1);

export const knownHistories: readonly KnownHistory[] = [
  {
    name: "one after the other",
    verdict: "held",
    operations: [start, ok([3, 4], reserve(1), said("ok"), 2), ok([5, 6], read, said("ok", 1, 1), 2)],
    feed: [register, reserve(1)],
  },
  {
    name: "a read of what was, after what is had been answered",
    verdict: "violated",
    operations: [start, ok([3, 4], register, said("ok", 2), 2), ok([5, 6], read, said("ok", 1, 0), 1)],
    feed: [register, register],
  },
  {
    name: "a read of what was, while what is was on its way",
    verdict: "held",
    operations: [start, ok([3, 9], register, said("ok", 2), 2), ok([5, 6], read, said("ok", 1, 0), 1)],
    feed: [register, register],
  },
  {
    name: "calls that touch overlap",
    verdict: "held",
    operations: [ok([0, 5], register, said("ok", 1), 1), ok([5, 9], read, said("ok", 0, 0), 0)],
    feed: [register],
  },
  {
    name: "a place given up before it was taken",
    verdict: "violated",
    operations: [start, ok([3, 5], complete(1), said("ok"), 3), ok([10, 12], reserve(1), said("ok"), 2)],
    feed: [register, reserve(1), complete(1)],
  },
  {
    name: "an unanswered reserve that a later read shows",
    verdict: "held",
    operations: [start, open("info", 3, reserve(1)), ok([5, 6], read, said("ok", 1, 1), 2)],
    feed: [register, reserve(1)],
  },
  {
    name: "an unanswered reserve that took effect long after",
    verdict: "held",
    operations: [
      ...[start, open("info", 3, reserve(1)), ok([5, 6], read, said("ok", 1, 0), 1)],
      ...[ok([7, 8], read, said("ok", 1, 0), 1), ok([20, 21], read, said("ok", 1, 1), 2)],
    ],
    feed: [register, reserve(1)],
  },
  {
    name: "an unanswered reserve that never took effect",
    verdict: "held",
    operations: [start, open("info", 3, reserve(1)), ok([5, 6], reserve(1), said("ok"), 2)],
    feed: [register, reserve(1)],
  },
  {
    name: "an unanswered reserve that took effect twice",
    verdict: "violated",
    operations: [
      ...[start, open("info", 3, reserve(1)), ok([5, 6], complete(1), said("ok"), 3)],
      ...[ok([7, 8], complete(1), said("ok"), 5), ok([9, 10], read, said("ok", 1, 0), 5)],
    ],
    feed: [register, reserve(1), complete(1), reserve(1), complete(1)],
  },
  {
    name: "an unanswered reserve that a read shows before it was called",
    verdict: "violated",
    operations: [start, ok([5, 6], read, said("ok", 1, 1), 2), open("info", 8, reserve(1))],
    feed: [register, reserve(1)],
  },
  {
    name: "a failed reserve that a read shows",
    verdict: "violated",
    operations: [start, open("fail", 3, reserve(1)), ok([5, 6], read, said("ok", 1, 1), 2)],
    feed: [register, reserve(1)],
  },
  {
    name: "a failed reserve that no read shows",
    verdict: "held",
    operations: [start, open("fail", 3, reserve(1)), ok([5, 6], read, said("ok", 1, 0), 1)],
    feed: [register],
  },
  {
    name: "a place too many",
    verdict: "violated",
    operations: [start, ok([3, 7], reserve(1, 1), said("ok"), 2), ok([4, 8], reserve(2, 1), said("ok"), 3)],
    feed: [register, reserve(1, 1), reserve(2, 1)],
  },
  {
    name: "one place for two",
    verdict: "held",
    operations: [start, ok([3, 7], reserve(1, 1), said("full"), 2), ok([4, 8], reserve(2, 1), said("ok"), 2)],
    feed: [register, reserve(2, 1)],
  },
  {
    name: "an expiry that two asked for, and a reserve in between",
    verdict: "held",
    operations: [
      ...[start, ok([3, 9], expire, said("ok"), 2), ok([4, 10], expire, said("ok"), 2)],
      ok([5, 8], reserve(1), said("dead"), 2),
    ],
    feed: [register, expire],
  },
];
