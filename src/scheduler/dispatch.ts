/**
 * dispatch: a place for a job. Select, reserve, and go on to the next candidate on `full` or `not_online`.
 *
 * A reserve that may have happened is settled before another node is tried, by repeating it on the same node; where that is not
 * possible, the caller is told so and the node is remembered: a later dispatch of the job asks there first. So one instance never has a
 * job in two places that it knows of. What nobody can settle ends with its lease.
 */
import { BoundedMap } from "./bounded.ts";
import { isFailure } from "./calls.ts";
import { Coalescer } from "./coalesce.ts";
import type { Emit } from "./events.ts";
import { checkId } from "./input.ts";
import type { Answer, Failure, ReserveReply, Version } from "./ports.ts";
import type { Selection, Wanted } from "./select.ts";
import type { Settings } from "./settings.ts";
import { isAmbiguous, type Writes } from "./writes.ts";

export interface DispatchRequest extends Omit<Wanted, "count"> {
  /** Unique, the same on every retry. */
  readonly job: string;
}

export type Dispatched =
  | {
      readonly kind: "dispatched";
      readonly node: string;
      readonly version: Version;
      readonly outcome: "reserved" | "already";
    }
  /** The job ended there before. */
  | { readonly kind: "finished"; readonly node: string }
  /** Nothing suits, or all that suit are full; `tried` were asked. */
  | { readonly kind: "no_node"; readonly tried: readonly string[] }
  /** `applied: "unknown"`: the job may hold a place on `node`; dispatch it again under the same id, or let the lease end it. */
  | (Failure & { readonly node: string });

export interface DispatchPorts {
  readonly settings: Settings;
  readonly writes: Writes;
  readonly emit: Emit;
  readonly select: (wanted: Wanted) => Selection;
}

interface Placement {
  readonly node: string;
  readonly certain: boolean;
}

export class Dispatcher {
  readonly #ports: DispatchPorts;
  /** Never too old to ask: a job that is not there any longer takes a place there again, or gets another. */
  readonly #placements: BoundedMap<string, Placement>;
  readonly #underWay = new Coalescer<string, Dispatched>();

  constructor(ports: DispatchPorts) {
    this.#ports = ports;
    this.#placements = new BoundedMap(ports.settings.maxEntries);
  }

  /** Takes at most two writes for each of `dispatchCandidates` nodes, each within its deadline. @throws InvalidInputError */
  async dispatch(request: DispatchRequest): Promise<Dispatched> {
    checkId("job", request.job);
    return this.#underWay.join(request.job, () => this.#dispatch(request));
  }

  async #dispatch(request: DispatchRequest): Promise<Dispatched> {
    const { select, settings } = this.#ports;
    const tried: string[] = [];
    const former = this.#placements.get(request.job);
    if (former !== undefined) {
      const placed = await this.#placeOn(former.node, request.job, former);
      if (placed !== null) return placed;
      tried.push(former.node);
    }
    const { nodes } = select({ ...request, count: Math.min(1_000, settings.dispatchCandidates + tried.length) });
    for (const { node } of nodes) {
      if (tried.includes(node)) continue;
      const placed = await this.#placeOn(node, request.job, null);
      if (placed !== null) return placed;
      tried.push(node);
    }
    return { kind: "no_node", tried };
  }

  /** The job has ended: it is nowhere any longer. */
  forget(job: string): void {
    this.#placements.delete(job);
  }

  /** @returns null when the node has no place for it, for certain */
  async #placeOn(node: string, job: string, former: Placement | null): Promise<Dispatched | null> {
    const unsettled = former !== null && !former.certain;
    this.#remember(job, node, former?.certain ?? false);
    const answer = await this.#reserve(node, job, unsettled);
    if (isFailure(answer)) {
      const mayBeThere = unsettled || answer.applied === "unknown";
      if (!mayBeThere && former === null) this.forget(job);
      return { ...answer, applied: mayBeThere ? "unknown" : "no", node };
    }
    if (answer.kind === "full" || answer.kind === "not_online" || answer.kind === "finished") {
      this.forget(job);
      return answer.kind === "finished" ? { kind: "finished", node } : null;
    }
    this.#remember(job, node, true);
    return { kind: "dispatched", node, version: answer.version, outcome: answer.kind };
  }

  async #reserve(node: string, job: string, urgent: boolean): Promise<Answer<ReserveReply>> {
    const { emit, settings, writes } = this.#ports;
    const first = await writes.reserveJob(node, job, urgent);
    if (!isAmbiguous(first) || settings.retryAmbiguous === "none") return first;
    const again = await writes.reserveJob(node, job, true);
    if (isFailure(again)) return { ...again, applied: "unknown" };
    emit({ kind: "ambiguity_resolved", job, node, outcome: again.kind });
    return again;
  }

  #remember(job: string, node: string, certain: boolean): void {
    this.#placements.set(job, { node, certain });
  }
}
