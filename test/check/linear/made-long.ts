/** A long history with versions, from one object: about 12 calls in flight, 2 of 100 unanswered. */
import { type NodeJobInput, type NodeJobState, nodeJobs } from "../../../src/check/linear/node/node-jobs.ts";
import { replyOf, type Seen } from "./histories.ts";

const inFlight = 12;

export function madeLong(
  count: number,
  unanswered = 2,
): {
  readonly operations: readonly Seen[];
  readonly feed: readonly NodeJobInput[];
} {
  const below = numbers();
  const operations: Seen[] = [];
  const feed: NodeJobInput[] = [];
  let state: NodeJobState = nodeJobs.initial;
  for (let id = 1; id <= count; id += 1) {
    const input = inputOf(id === 1 ? 0 : below(100), below(16));
    const output = replyOf(state, input);
    const after = nodeJobs.next(state, input, output) ?? state;
    if (after !== state) feed.push(input);
    state = after;
    const call = id * 10 - below(10 * inFlight);
    const seen = { id, input, call };
    operations.push(
      below(100) < unanswered
        ? { ...seen, returned: Number.POSITIVE_INFINITY, outcome: "info", output: null, version: null }
        : { ...seen, returned: id * 10 + below(10 * inFlight), outcome: "ok", output, version: feed.length },
    );
  }
  return { operations, feed };
}

function inputOf(draw: number, job: number): NodeJobInput {
  if (draw < 1) return { kind: "register", job: 0, cap: 0 };
  if (draw < 45) return { kind: "reserve", job, cap: 8 };
  return draw < 75 ? { kind: "complete", job, cap: 0 } : { kind: "read", job: 0, cap: 0 };
}

/** The same ones every time. */
export function numbers(): (limit: number) => number {
  let state = 1;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
