/** The object `node-jobs`: one node that holds jobs, written from the README of the peer porcupine (../shared/peers/porcupine). */
import type { SequentialObject } from "../search/operation.ts";

export const nodeJobKinds = ["reserve", "complete", "register", "expire", "read"] as const;
export type NodeJobKind = (typeof nodeJobKinds)[number];

export interface NodeJobInput {
  readonly kind: NodeJobKind;
  /** 0 to 63; 0 where the kind has none. */
  readonly job: number;
  /** 0 to 64, of a reserve. */
  readonly cap: number;
}

export const nodeJobStatuses = ["ok", "dup", "full", "dead", "noop"] as const;
export type NodeJobStatus = (typeof nodeJobStatuses)[number];

export interface NodeJobOutput {
  readonly status: NodeJobStatus;
  /** The incarnation that register and read return, else 0. */
  readonly incarnation: number;
  /** How many, of read, else 0. */
  readonly jobs: number;
}

export interface NodeJobState {
  readonly alive: boolean;
  readonly incarnation: number;
  /** Jobs 0 to 31, one bit each. */
  readonly low: number;
  /** Jobs 32 to 63. */
  readonly high: number;
}

const unregistered: NodeJobState = { alive: false, incarnation: 0, low: 0, high: 0 };

export const nodeJobs = {
  initial: unregistered,

  next(state, input, output) {
    switch (input.kind) {
      case "reserve":
        return reserve(state, input, output);
      case "complete":
        return complete(state, input.job, output);
      case "register":
        if (output !== null && !isOk(output, state.incarnation + 1, 0)) return null;
        return { alive: true, incarnation: state.incarnation + 1, low: 0, high: 0 };
      case "expire":
        if (output !== null && !isOk(output, 0, 0)) return null;
        return state.alive ? { ...state, alive: false } : state;
      case "read":
        if (output !== null && !isOk(output, state.incarnation, countOf(state))) return null;
        return state;
    }
  },

  isRead({ kind }, { status }) {
    if (kind === "reserve" || kind === "complete") return status !== "ok";
    return kind === "read";
  },

  covers(a, b) {
    return a.low === b.low && a.high === b.high && a.incarnation === b.incarnation && a.alive === b.alive;
  },

  hash({ alive, high, incarnation, low }) {
    let hash = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d) ^ Math.imul(high + 0x7f4a7c15, 0x297a2d39);
    hash ^= Math.imul((incarnation << 1) | (alive ? 1 : 0), 0x9e3779b1);
    return hash ^ (hash >>> 13);
  },

  describe(state) {
    const jobs = Array.from({ length: 64 }, (_, job) => job).filter((job) => holds(state, job));
    const life = state.incarnation === 0 ? "never registered" : `incarnation ${state.incarnation}`;
    return `${life}, ${state.alive ? "alive" : "not alive"}, jobs {${jobs.join(", ")}}`;
  },

  say({ call, id, input, output, returned }) {
    const args = input.kind === "reserve" ? `(job ${input.job}, cap ${input.cap})` : argsOf(input);
    const when = Number.isFinite(returned) ? `from ${call} to ${returned}` : `from ${call}, no reply`;
    return `#${id} ${input.kind}${args}${replyText(input.kind, output)}, ${when}`;
  },
} satisfies SequentialObject<NodeJobState, NodeJobInput, NodeJobOutput>;

function argsOf({ kind, job }: NodeJobInput): string {
  return kind === "complete" ? `(job ${job})` : "";
}

function replyText(kind: NodeJobKind, output: NodeJobOutput | null): string {
  if (output === null) return "";
  const life = kind === "register" || kind === "read" ? `, incarnation ${output.incarnation}` : "";
  return ` -> ${output.status}${life}${kind === "read" ? `, ${output.jobs} jobs` : ""}`;
}

function reserve(state: NodeJobState, { job, cap }: NodeJobInput, output: NodeJobOutput | null): NodeJobState | null {
  const status = !state.alive ? "dead" : holds(state, job) ? "dup" : countOf(state) >= cap ? "full" : "ok";
  if (output !== null && !isReply(output, status)) return null;
  return status === "ok" ? toggled(state, job) : state;
}

function complete(state: NodeJobState, job: number, output: NodeJobOutput | null): NodeJobState | null {
  const status = holds(state, job) ? "ok" : "noop";
  if (output !== null && !isReply(output, status)) return null;
  return status === "ok" ? toggled(state, job) : state;
}

function isReply({ incarnation, jobs, status }: NodeJobOutput, expected: NodeJobStatus): boolean {
  return status === expected && incarnation === 0 && jobs === 0;
}

function isOk({ incarnation, jobs, status }: NodeJobOutput, life: number, count: number): boolean {
  return status === "ok" && incarnation === life && jobs === count;
}

function holds({ low, high }: NodeJobState, job: number): boolean {
  return (((job < 32 ? low : high) >>> (job & 31)) & 1) === 1;
}

function toggled({ alive, high, incarnation, low }: NodeJobState, job: number): NodeJobState {
  const bit = 1 << (job & 31);
  return job < 32 ? { alive, incarnation, low: low ^ bit, high } : { alive, incarnation, low, high: high ^ bit };
}

function countOf({ low, high }: NodeJobState): number {
  return bitsIn(low) + bitsIn(high);
}

/** How many bits of a word are set. */
function bitsIn(word: number): number {
  let value = word - ((word >>> 1) & 0x55555555);
  value = (value & 0x33333333) + ((value >>> 2) & 0x33333333);
  return Math.imul((value + (value >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
