/** The calls of a history of `scheduler`, each node by itself, as they are judged. */
import type { NodeInput, NodeOutput } from "../../check/linear/scheduler/calls.ts";
import type { Loss, NodeFacts } from "../../check/linear/scheduler/terms.ts";
import { perMilli, type SchedulerHead } from "./head.ts";
import type { Reply, Request, Version } from "./line.ts";

/** A call that may have had an effect. Times are distances from the first one in the file. */
export interface StoredCall {
  /** The line in the file, counted from 1. */
  readonly id: number;
  /** When it was called; of a reply that is some time old, so much earlier. */
  readonly call: number;
  /** Infinity: it was not answered. */
  readonly returned: number;
  readonly input: NodeInput;
  /** null: it was not answered. */
  readonly output: NodeOutput | null;
  readonly version: Version | null;
}

interface Times {
  readonly call: number;
  readonly returned: number;
}

export class NodeCalls {
  readonly node: string;
  readonly calls: StoredCall[] = [];
  readonly losses: Loss[] = [];
  readonly #jobs = new Map<string, number>();
  readonly #given = new Map<string, number>();
  #hasUnnamed = false;

  constructor(node: string) {
    this.node = node;
  }

  /** @returns whether it claims anything */
  add(id: number, request: Request, reply: Exclude<Reply, { outcome: "fail" }>, { call, returned }: Times): boolean {
    const isAnswered = reply.outcome === "ok";
    if (request.op === "get_node" && (!isAnswered || reply.age === null)) return false;
    if (request.op === "register_node") this.#noteIncarnation(isAnswered ? reply.output : null);
    const from = isAnswered ? call - Math.ceil((reply.age ?? 0) * perMilli) : call;
    const output = isAnswered ? reply.output : null;
    const version = isAnswered ? reply.version : null;
    const input = this.#inputOf(request, from);
    this.calls.push({
      id,
      call: from,
      returned: isAnswered ? returned : Number.POSITIVE_INFINITY,
      input,
      output,
      version,
    });
    return isAnswered;
  }

  factsOf({ isOpen, terms }: SchedulerHead, began: Pick<NodeFacts, "beginsAt" | "answersFrom">): NodeFacts {
    const jobs = [...this.#jobs.keys()];
    const hasUnnamed = this.#hasUnnamed || isOpen;
    return { terms, losses: this.losses, isOpen, ...began, given: this.#given, hasUnnamed, jobs };
  }

  #noteIncarnation(output: NodeOutput | null): void {
    if (output === null) this.#hasUnnamed = true;
    else if (output.outcome === "registered" && typeof output.incarnation === "string") {
      this.#given.set(output.incarnation, (this.#given.get(output.incarnation) ?? 0) + 1);
    }
  }

  #inputOf(request: Request, at: number): NodeInput {
    const {
      expected,
      incarnation = null,
      job = "",
      lease_ms,
      max_jobs,
      op,
      registration,
      running = [],
      seq = 0,
    } = request;
    switch (op) {
      case "register_node": {
        const asked = { op, at, token: registration ?? null, capacity: max_jobs ?? 0 };
        return expected === undefined ? asked : { ...asked, expected };
      }
      case "heartbeat":
        return { op, at, incarnation: incarnation ?? "", seq, running: running.map((one) => this.#numberOf(one)) };
      case "offline_node":
        return { op, at, incarnation };
      case "reserve_job": {
        const lease = lease_ms === undefined ? null : Math.floor(lease_ms * perMilli);
        return { op, at, job: this.#numberOf(job), lease };
      }
      case "get_node":
        return { op, at };
      default:
        return { op, at, job: this.#numberOf(job) };
    }
  }

  #numberOf(job: string): number {
    const known = this.#jobs.get(job);
    if (known !== undefined) return known;
    this.#jobs.set(job, this.#jobs.size);
    return this.#jobs.size - 1;
  }
}
