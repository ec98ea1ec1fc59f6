/** Reserves of which an instance does not know what became: the job may have a place on the node, until it is seen to have none. */

import type { Call } from "../../check/history.ts";
import type { Changed, JobRequestEnded, JobRequested, JudgeEvent } from "../event.ts";
import type { EpochLine } from "../truth.ts";

/** Changes of a node with which all of its jobs lose their places. */
export const endsAll: ReadonlySet<string> = new Set(["registered", "offline", "expired"]);

export class OpenReserves {
  static readonly hears = ["change", "job_requested", "job_request_ended", "instance"] as const;
  /** Reserves without an answer. */
  readonly #open = new Map<number, JobRequested>();
  /** Those of them whose job has had a place on the node and lost it since. */
  readonly #lost = new Set<number>();
  /** By instance: job -> the node on which it may have a place. */
  readonly #nodes: readonly Map<string, string>[];

  constructor(instances: number) {
    this.#nodes = Array.from({ length: instances }, () => new Map<string, string>());
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "change":
        this.#changed(event);
        break;
      case "job_requested":
        if (event.script === "reserve_job") this.#open.set(event.request, event);
        break;
      case "job_request_ended":
        this.#ended(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#nodes[event.instance]?.clear();
        break;
      default:
        break;
    }
  }

  /** The node on which the job may have a place, as far as the instance knows; undefined: none. */
  nodeOf(instance: number, job: string): string | undefined {
    return this.#nodes[instance]?.get(job);
  }

  /** Its client has given the call up, and the instance its requests. */
  aborted(instance: number, job: string): void {
    for (const [request, asked] of this.#open) {
      if (asked.instance !== instance || asked.job !== job) continue;
      this.#open.delete(request);
      if (!this.#lost.delete(request)) this.#nodes[instance]?.set(job, asked.node);
    }
  }

  /** A node that has answered that a job has ended there has no place for it. */
  returned({ instance, job = "", node, op, reply }: Call): void {
    const own = this.#nodes[instance];
    if (op === "complete_job" && reply === "completed" && own?.get(job) === node) own?.delete(job);
  }

  #ended({ instance, outcome, request }: JobRequestEnded): void {
    const asked = this.#open.get(request);
    const own = this.#nodes[instance];
    this.#open.delete(request);
    const isLost = this.#lost.delete(request);
    if (asked === undefined || own === undefined) return;
    const { job, node } = asked;
    if (outcome === "deadline" || outcome === "disconnected") {
      if (!isLost) own.set(job, node);
    } else if (outcome === "answered" && own.get(job) === node) own.delete(job);
  }

  /** A job that has lost its place on the node is not open there either. */
  #changed({ entry, line }: Changed): void {
    const { job, kind, lapsed, node, sequence } = entry;
    if (kind === "reserved" || kind === "health") return;
    if (job !== null) this.#settle(job, node);
    else if (endsAll.has(kind)) this.#settleAll(line, node, sequence - 1);
    else for (const each of lapsed) this.#settle(each, node);
  }

  /** Those of the node that had a place there. */
  #settleAll(line: EpochLine, node: string, before: number): void {
    for (const own of this.#nodes) {
      for (const [job, on] of own) if (on === node && line.holds(node, job, before) !== false) own.delete(job);
    }
    for (const [request, asked] of this.#open)
      if (asked.node === node && line.holds(node, asked.job, before) === true) this.#lost.add(request);
  }

  #settle(job: string, node: string): void {
    for (const own of this.#nodes) if (own.get(job) === node) own.delete(job);
    for (const [request, asked] of this.#open) if (asked.node === node && asked.job === job) this.#lost.add(request);
  }
}
