/** Whether a small history of `scheduler` is possible, by means that its reader does not share: parsed lines, and the oracle that tries every order. */
import { type NodeInput, type NodeOutput, outcomesOf } from "../../../src/check/linear/scheduler/calls.ts";
import type { NodeTerms } from "../../../src/check/linear/scheduler/terms.ts";
import { factsFor } from "../../check/linear/scheduler/made-histories.ts";
import { isExplained, type NodeCall } from "../../check/linear/scheduler/oracle.ts";

interface Line {
  readonly call_ns: number;
  readonly return_ns: number | null;
  readonly request: {
    readonly op: Exclude<NodeInput["op"], "get_node">;
    readonly node: string;
    readonly job: string;
    readonly max_jobs: number;
    readonly incarnation?: string;
    readonly seq: number;
    readonly running: readonly string[];
  };
  readonly reply: {
    readonly outcome?: NodeOutput["outcome"];
    readonly incarnation?: string;
    readonly error?: { readonly code: string; readonly definite: boolean };
  } | null;
}

const minute = 60_000_000_000;
/** The documented defaults. */
const terms: NodeTerms = {
  ttl: 0.2 * minute,
  lease: minute,
  doneFor: 10 * minute,
  doneMax: 1_000,
  retention: 60 * minute,
};

/** Without its first line, and for lines as those of `schedulerFile`. */
export function isExplainedScheduler(lines: readonly unknown[]): boolean {
  const nodes = Map.groupBy(lines.slice(1) as readonly Line[], ({ request }) => request.node);
  return [...nodes.values()].every((own) => {
    const jobs = new Map<string, number>();
    const numberOf = (job: string): number => {
      const number = jobs.get(job) ?? jobs.size;
      jobs.set(job, number);
      return number;
    };
    const history = own.map((line, id) => callOf(line, id, numberOf));
    return isExplained(factsFor(history, { terms, losses: [], isOpen: false, jobs: [...jobs.keys()] }), history);
  });
}

function callOf(
  { call_ns: call, reply, request, return_ns: returned }: Line,
  id: number,
  numberOf: (job: string) => number,
): NodeCall {
  const input = inputOf(request, call, numberOf);
  const base = { id, input, call, returned: Number.POSITIVE_INFINITY, output: null };
  if (returned === null || reply === null) return { ...base, outcome: "info" };
  const { error, incarnation } = reply;
  if (error !== undefined) return { ...base, outcome: error.definite && error.code === "denied" ? "fail" : "info" };
  const outcome = reply.outcome ?? outcomesOf[request.op][0];
  return {
    ...base,
    returned,
    outcome: "ok",
    output: { outcome, ...(incarnation === undefined ? {} : { incarnation }) },
  };
}

function inputOf(request: Line["request"], at: number, numberOf: (job: string) => number): NodeInput {
  const { op } = request;
  switch (op) {
    case "register_node":
      return { op, at, token: null, capacity: request.max_jobs };
    case "heartbeat":
      return {
        op,
        at,
        incarnation: request.incarnation ?? "",
        seq: request.seq,
        running: request.running.map(numberOf),
      };
    case "offline_node":
      return { op, at, incarnation: request.incarnation ?? null };
    case "reserve_job":
      return { op, at, job: numberOf(request.job), lease: null };
    default:
      return { op, at, job: numberOf(request.job) };
  }
}
