/**
 * Dual writes: the side that leads for a node is written first and its answer is the caller's; the other side follows, in the order in
 * which the leader acknowledged. Whatever keeps the two from being equal puts the node into the backlog, which `reconcile` works off.
 */

import type { Millis } from "../../protocol/time.ts";
import type { NodeOffer } from "../input.ts";
import type { Clock } from "../ports.ts";
import { Backlog, type JobState, type Mark } from "./backlog.ts";
import { Lanes, type Scope } from "./lanes.ts";
import { inRange } from "./ranges.ts";
import { type ReconcileReport, Reconciler } from "./reconciler.ts";
import {
  type Beat,
  type Ended,
  type HeartbeatResult,
  type OfflineResult,
  otherSide,
  type Registered,
  type Registries,
  type Registry,
  type RegistryFailure,
  type Reserved,
  type Side,
} from "./registry.ts";

export interface DualSettings {
  /** Writes that wait for the other side, all nodes together; beyond it reconciliation makes them. */
  readonly maxWaiting: number;
  readonly maxBacklog: number;
  readonly maxJobsPerNode: number;
  /** How long after a write that was given up it may still take effect. */
  readonly settleAfter: Millis;
}

const dualSettings: DualSettings = {
  maxWaiting: 1_000,
  maxBacklog: 100_000,
  maxJobsPerNode: 1_000,
  settleAfter: 1_000,
};

export interface DualPorts {
  readonly registries: Registries;
  readonly leadOf: (node: string) => Side;
  readonly clock: Clock;
}

export interface DualCounts {
  /** Passed on to the other side and accepted there. */
  readonly followed: number;
  /** The other side failed, or disagreed. */
  readonly failed: number;
  /** Not passed on: too much was waiting. */
  readonly dropped: number;
  /** The leader's own answer was lost. */
  readonly ambiguous: number;
  /** Overlapped at the leader, so that their order is not known. */
  readonly overlapped: number;
  /** Writes in flight to the other side, or waiting for it. */
  readonly waiting: number;
  /** Nodes on which both sides may differ. */
  readonly backlog: number;
  /** Marks that found no room in the backlog; an audit that fits clears them. */
  readonly overflowed: number;
}

export interface Audit {
  readonly marked: number;
  /** Sides that did not answer, or cannot list their nodes: what only they know of was not audited. */
  readonly unheard: readonly Side[];
}

/** One write, in the words that both sides share. */
interface Write<Answer extends { readonly kind: string }> {
  readonly node: string;
  readonly scope: Scope;
  send(registry: Registry): Promise<Answer | RegistryFailure>;
  /** The state of the job after the leader's answer; null: nothing was changed. */
  outcome(answer: Answer): Outcome | null;
  /** Whether the other side's answer is as good as the leader's. */
  suits(answer: Answer): boolean;
  /** Also where both sides accepted it. */
  readonly alwaysChecked?: boolean;
}

type Outcome = "life" | JobState;
type Counter = "followed" | "failed" | "dropped" | "ambiguous" | "overlapped";

export class DualWrites {
  readonly #ports: DualPorts;
  readonly #backlog: Backlog;
  readonly #lanes: Lanes;
  readonly #reconciler: Reconciler;
  #order = 0;
  readonly #tally: Record<Counter, number> = { followed: 0, failed: 0, dropped: 0, ambiguous: 0, overlapped: 0 };

  /** @throws SettingsError */
  constructor(ports: DualPorts, settings: Partial<DualSettings> = {}) {
    const { maxBacklog, maxJobsPerNode, maxWaiting, settleAfter } = checked({ ...dualSettings, ...settings });
    this.#ports = ports;
    this.#backlog = new Backlog({ maxNodes: maxBacklog, maxJobs: maxJobsPerNode });
    this.#lanes = new Lanes(maxWaiting);
    this.#reconciler = new Reconciler({ ...ports, backlog: this.#backlog, lanes: this.#lanes, settleAfter });
  }

  /** A registration may forget the node's jobs on one side and keep them on the other, so the node is always checked after it. */
  registerNode(offer: NodeOffer): Promise<Registered> {
    return this.#write<Exclude<Registered, RegistryFailure>>({
      node: offer.node,
      scope: { job: null },
      send: (registry) => registry.registerNode(offer),
      outcome: () => "life",
      suits: () => true,
      alwaysChecked: true,
    });
  }

  offlineNode(node: string): Promise<OfflineResult> {
    return this.#write<Exclude<OfflineResult, RegistryFailure>>({
      node,
      scope: { job: null },
      send: (registry) => registry.offlineNode(node),
      outcome: () => "life",
      suits: () => true,
    });
  }

  reserveJob(node: string, job: string): Promise<Reserved> {
    return this.#write<Exclude<Reserved, RegistryFailure>>({
      node,
      scope: { job },
      send: (registry) => registry.reserveJob(node, job),
      outcome: ({ kind }) => (kind === "reserved" || kind === "already" ? "held" : null),
      suits: ({ kind }) => kind === "reserved" || kind === "already",
    });
  }

  completeJob(node: string, job: string): Promise<Ended> {
    return this.#end(node, job, "completed", (registry) => registry.completeJob(node, job));
  }

  releaseJob(node: string, job: string): Promise<Ended> {
    return this.#end(node, job, "released", (registry) => registry.releaseJob(node, job));
  }

  /** The next one makes up for one that is lost, so only a side that does not know the node is worth a repair. */
  async heartbeat(beat: Beat): Promise<HeartbeatResult> {
    const { leadOf, registries } = this.#ports;
    const { node } = beat;
    const lead = leadOf(node);
    const answer = await registries[lead].heartbeat(beat);
    if (answer.kind !== "renewed") return answer;
    const lane = this.#lanes.enter(node, async () => {
      const followed = await safely(() => registries[otherSide(lead)].heartbeat(beat));
      this.#tally[followed.kind === "renewed" ? "followed" : "failed"]++;
      if (followed.kind === "not_online") this.#mark(node, lead, { kind: "look" });
    });
    if (lane === null) this.#tally.dropped++;
    return answer;
  }

  /** A side ended jobs by itself, or forgot the node: a lease lapsed, a node expired. */
  ended(side: Side, node: string, jobs: readonly string[]): void {
    const lead = this.#ports.leadOf(node);
    if (side !== lead || jobs.length === 0) this.#mark(node, lead, { kind: "look" });
    else for (const job of jobs) this.#mark(node, lead, { kind: "job", job, state: "released", order: this.#order++ });
  }

  /** Puts every node that a side knows of into the backlog: at the start of a move, and whenever something else has written. */
  async audit(): Promise<Audit> {
    const sides = ["legacy", "next"] as const;
    const lists = await Promise.all(sides.map((side) => this.#ports.registries[side].listNodes()));
    const before = this.#backlog.overflowed;
    const nodes = new Set(lists.flatMap((list) => (list.kind === "listed" ? list.nodes : [])));
    for (const node of nodes) {
      if (this.#backlog.get(node) === undefined) this.#mark(node, this.#ports.leadOf(node), { kind: "look" });
    }
    const unheard = sides.filter((_, index) => lists[index]?.kind !== "listed");
    if (unheard.length === 0 && this.#backlog.overflowed === before) this.#backlog.forgive();
    return { marked: nodes.size, unheard };
  }

  /** One pass over at most `limit` nodes of the backlog. Call it from time to time; it keeps no rhythm of its own. */
  reconcile(limit = 100): Promise<ReconcileReport> {
    return this.#reconciler.pass(limit);
  }

  get counts(): DualCounts {
    const { size, overflowed } = this.#backlog;
    return { ...this.#tally, waiting: this.#lanes.waiting, backlog: size, overflowed };
  }

  /** Resolves when nothing waits for the other side any longer. */
  drained(): Promise<void> {
    return this.#lanes.drained();
  }

  #end(
    node: string,
    job: string,
    state: "completed" | "released",
    send: (registry: Registry) => Promise<Ended>,
  ): Promise<Ended> {
    return this.#write<Exclude<Ended, RegistryFailure>>({
      node,
      scope: { job },
      send,
      outcome: () => state,
      suits: () => true,
    });
  }

  async #write<Answer extends { readonly kind: string }>(write: Write<Answer>): Promise<Answer | RegistryFailure> {
    const { leadOf, registries } = this.#ports;
    const { node, scope } = write;
    const lead = leadOf(node);
    const call = this.#lanes.begin(node, scope);
    this.#backlog.touch(node, this.#ports.clock.now());
    let answer: Answer | RegistryFailure;
    try {
      answer = await write.send(registries[lead]);
    } finally {
      this.#lanes.end(call);
      this.#backlog.touch(node, this.#ports.clock.now());
    }
    if (isFailed(answer)) {
      if (answer.applied === "unknown") this.#count("ambiguous", node, lead, this.#doubt(scope));
      return answer;
    }
    const outcome = write.outcome(answer);
    if (outcome === null) return answer;
    const mark = call.overlapped && outcome !== "life" ? this.#doubt(scope) : markOf(scope, outcome, this.#order++);
    if (write.alwaysChecked) this.#mark(node, lead, mark);
    if (call.overlapped) this.#count("overlapped", node, lead, mark);
    this.#follow(write, lead, mark);
    return answer;
  }

  #follow<Answer extends { readonly kind: string }>(write: Write<Answer>, lead: Side, mark: Mark): void {
    const { node } = write;
    const lane = this.#lanes.enter(node, async () => {
      const answer = await safely(() => write.send(this.#ports.registries[otherSide(lead)]));
      const isFollowed = !isFailed(answer) && write.suits(answer);
      if (!isFollowed) return this.#count("failed", node, lead, mark);
      this.#tally.followed++;
      this.#backlog.heard(node, lead, mark, this.#ports.clock.now());
    });
    if (lane === null) this.#count("dropped", node, lead, mark);
  }

  /** It may have happened, or in another order: what it was about is not known any longer. */
  #doubt({ job }: Scope): Mark {
    return job === null ? { kind: "life", order: -1 } : { kind: "job", job, state: "unknown", order: this.#order++ };
  }

  #count(counter: Counter, node: string, lead: Side, mark: Mark): void {
    this.#tally[counter]++;
    this.#mark(node, lead, mark);
  }

  #mark(node: string, lead: Side, mark: Mark): void {
    this.#backlog.mark(node, lead, mark, this.#ports.clock.now());
  }
}

function checked(settings: DualSettings): DualSettings {
  const many = 10_000_000;
  return inRange("dual", settings, {
    maxWaiting: [1, many],
    maxBacklog: [1, many],
    maxJobsPerNode: [1, many],
    settleAfter: [0, 86_400_000],
  });
}

function markOf({ job }: Scope, outcome: Outcome, order: number): Mark {
  return job === null || outcome === "life" ? { kind: "life", order } : { kind: "job", job, state: outcome, order };
}

function isFailed(answer: { readonly kind: string }): answer is RegistryFailure {
  return answer.kind === "failed";
}

/** A registry that throws breaks its contract; here the error would go unnoticed. */
async function safely<Answer>(call: () => Promise<Answer>): Promise<Answer | RegistryFailure> {
  try {
    return await call();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "failed", applied: "unknown", cause: "threw", message };
  }
}
