/**
 * Reconciliation: a node in the backlog is read on the side that leads, the other side is repaired, and only a later look that finds both
 * agreed settles it. Repairs may be repeated; one that is overtaken by a live write is left where it stands and begun again.
 */

import type { Millis } from "../../protocol/time.ts";
import type { Clock } from "../ports.ts";
import type { Backlog, JobState, Owed } from "./backlog.ts";
import type { Lanes } from "./lanes.ts";
import { type Lookup, otherSide, type Registries, type Registry, type RegistryFailure } from "./registry.ts";
import { planRepair, type Step } from "./repair.ts";

type ProblemCause =
  | "offer_unknown" // the leader does not say all that a registration needs
  | "jobs_not_named" // the counts of jobs differ, and the leader does not say which jobs they are
  | "differs_still" // repaired again and again without lasting effect: another program writes there
  | "job_finished" // held by one side, finished for ever on the other
  | "node_full"; // one side has no room for a job that the other holds

/** Problems that reconciliation cannot solve. The node stays in the backlog: it may still settle, when the job ends. */
interface Problem {
  readonly node: string;
  readonly because: ProblemCause;
  readonly job: string | null;
}

export interface ReconcileReport {
  readonly settled: readonly string[];
  /** Repaired, to be confirmed by a later pass. */
  readonly repaired: number;
  /** Busy, unanswered, or known only from before the last write. */
  readonly waiting: number;
  readonly problems: readonly Problem[];
}

export interface ReconcilerPorts {
  readonly registries: Registries;
  readonly clock: Clock;
  readonly backlog: Backlog;
  readonly lanes: Lanes;
  /** How long after a write that was given up it may still take effect. */
  readonly settleAfter: Millis;
}

type Pass = "settled" | "repaired" | "waiting" | Problem;
type Stepped = "done" | "waiting" | "not_online" | { readonly because: ProblemCause; readonly job: string };

export class Reconciler {
  readonly #ports: ReconcilerPorts;

  constructor(ports: ReconcilerPorts) {
    this.#ports = ports;
  }

  /** One pass over at most `limit` nodes, those first that have waited longest; one after the other. */
  async pass(limit: number): Promise<ReconcileReport> {
    const { backlog } = this.#ports;
    const settled: string[] = [];
    const problems: Problem[] = [];
    let repaired = 0;
    let waiting = 0;
    for (const owed of backlog.first(limit)) {
      const passed = await this.#visit(owed);
      if (passed === "settled") settled.push(owed.node);
      else if (passed === "repaired") repaired++;
      else if (passed === "waiting") waiting++;
      else problems.push(passed);
    }
    return { settled, repaired, waiting, problems };
  }

  /** In the node's lane, so that live writes to the other side come before or after it, never between. */
  async #visit(owed: Owed): Promise<Pass> {
    const { backlog, lanes } = this.#ports;
    let passed = "waiting" as Pass;
    if (lanes.isBusy(owed.node)) return passed;
    await lanes.enter(owed.node, async () => {
      passed = await this.#settle(owed);
    });
    if (backlog.get(owed.node) !== owed) return passed;
    if (passed === "settled") backlog.settle(owed);
    else backlog.postpone(owed);
    return passed;
  }

  async #settle(owed: Owed): Promise<Pass> {
    const { clock, registries } = this.#ports;
    const { lead, marks, node } = owed;
    const debts = debtsOf(owed);
    if (debts.length > 0) return this.#payDebts(owed, debts);
    const askedAt = clock.now();
    const [truth, held] = await Promise.all([
      registries[lead].getNode(node),
      registries[otherSide(lead)].getNode(node),
    ]);
    if (truth.kind === "failed" || held.kind === "failed" || owed.marks !== marks) return "waiting";
    const knownSince = askedAt - Math.max(truth.age_ms, held.age_ms);
    if (knownSince < owed.since + this.#ports.settleAfter) return "waiting";
    return this.#repair(owed, marks, truth, held);
  }

  async #repair(
    owed: Owed,
    marks: number,
    truth: Exclude<Lookup, RegistryFailure>,
    held: Exclude<Lookup, RegistryFailure>,
  ): Promise<Pass> {
    const { clock, registries } = this.#ports;
    owed.passes++;
    const repair = planRepair(owed, truth, held);
    if (repair.kind === "agreed") return "settled";
    if (repair.kind === "impossible") return { node: owed.node, because: repair.because, job: null };
    const registry = registries[otherSide(owed.lead)];
    let stepped: Stepped = "done";
    for (const step of repair.steps) {
      stepped = owed.marks === marks ? await take(registry, owed.node, step) : "waiting";
      if (stepped !== "done") break;
    }
    owed.since = clock.now();
    if (owed.marks !== marks || stepped === "waiting" || stepped === "not_online") return "waiting";
    owed.repaired = stepped === "done" ? repair.target : null;
    return stepped === "done" ? "repaired" : { node: owed.node, ...stepped };
  }

  /** A job that the former leader has acknowledged and the current leader does not know. */
  async #payDebts(owed: Owed, debts: readonly (Step & { kind: "job" })[]): Promise<Pass> {
    const { clock, registries } = this.#ports;
    const { lead, marks, node } = owed;
    for (const step of debts) {
      const stepped = await take(registries[lead], node, step);
      if (owed.marks !== marks || stepped === "waiting") return "waiting";
      if (stepped === "not_online") return this.#cancel(owed, step.job);
      if (stepped !== "done") return { node, ...stepped };
      const { order } = owed.jobs.get(step.job) ?? { order: 0 };
      owed.jobs.set(step.job, { state: step.state, by: lead, order });
    }
    owed.since = clock.now();
    return "repaired";
  }

  /**
   * The leading side says that the node is gone. Where the side that acknowledged the job still has the node, that side is newer and leads from now
   * on; else the job went with its node.
   */
  async #cancel(owed: Owed, job: string): Promise<Pass> {
    const { clock, registries } = this.#ports;
    const { marks, node } = owed;
    const creditor = otherSide(owed.lead);
    const there = await registries[creditor].getNode(node);
    if (there.kind === "failed" || owed.marks !== marks) return "waiting";
    if (isOnline(there)) owed.lead = creditor;
    else owed.jobs.delete(job);
    owed.since = clock.now();
    return "repaired";
  }
}

function isOnline(lookup: Lookup): boolean {
  return lookup.kind === "found" && lookup.facts.online;
}

function debtsOf({ jobs, lead }: Owed): readonly (Step & { kind: "job" })[] {
  return [...jobs].flatMap(([job, { by, state }]) =>
    by === lead || state === "unknown" ? [] : [{ kind: "job" as const, job, state }],
  );
}

async function take(registry: Registry, node: string, step: Step): Promise<Stepped> {
  switch (step.kind) {
    case "offline":
      return (await registry.offlineNode(node)).kind === "failed" ? "waiting" : "done";
    case "register":
      return (await registry.registerNode(step.offer)).kind === "failed" ? "waiting" : "done";
    case "job":
      return bring(registry, node, step.job, step.state);
  }
}

async function bring(
  registry: Registry,
  node: string,
  job: string,
  state: Exclude<JobState, "unknown">,
): Promise<Stepped> {
  if (state !== "held") {
    const ended = await (state === "completed" ? registry.completeJob(node, job) : registry.releaseJob(node, job));
    return ended.kind === "failed" ? "waiting" : "done";
  }
  const { kind } = await registry.reserveJob(node, job);
  if (kind === "reserved" || kind === "already") return "done";
  if (kind === "finished" || kind === "finished_unknown") return { because: "job_finished", job };
  if (kind === "full") return { because: "node_full", job };
  return kind === "not_online" ? kind : "waiting";
}
