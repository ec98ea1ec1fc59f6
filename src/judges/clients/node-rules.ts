/** The rules for answers about a node: each is an interval rule that no correct system can break. */
import { inMs } from "../../check/judgement.ts";
import { whyRefused } from "../writes/refused-heartbeats.ts";
import type { Contradictions } from "./contradictions.ts";
import type { KnownJobs } from "./known-jobs.ts";
import type { Answered, KnownNode, LastIncarnation } from "./known-node.ts";
import type { Sweeps } from "./sweeps.ts";

export interface Known {
  readonly node: KnownNode;
  readonly jobs: KnownJobs;
}

export class NodeRules {
  readonly sweeps: Sweeps;
  readonly #contradictions: Contradictions;

  constructor(contradictions: Contradictions, sweeps: Sweeps) {
    this.#contradictions = contradictions;
    this.sweeps = sweeps;
  }

  /**
   * N1: neither a heartbeat of a former incarnation nor one that is older than an acknowledged one is taken. Of two that were in flight together either may
   * have come first, whichever answer came first.
   */
  renewed(node: KnownNode, call: Answered): void {
    const { from, id, incarnation = "", node: name, seq = -1 } = call;
    const own = node.incarnations.get(incarnation);
    if (own === undefined) return;
    this.there(node, call);
    if (node.isOverdue(call.to)) this.#contradictions.compared("N4");
    const newest = own.acknowledged.findLast(({ to }) => to < from);
    if (newest !== undefined) this.#contradictions.compared("N1");
    if (newest !== undefined && seq >= 0 && newest.seq >= seq) {
      const words = `heartbeat ${seq} of node ${name} was renewed after number ${newest.seq} had been acknowledged, allowed already or stale`;
      this.#contradictions.found("N1", [words], [id]);
    }
    for (const [other, { from: since, to }] of node.incarnations) {
      if (other === incarnation || since <= Math.max(own.to, node.forgottenAt) || to >= from) continue;
      const words = `a heartbeat of incarnation ${incarnation} of node ${name} was renewed after ${other} had been registered, allowed superseded`;
      this.#contradictions.found("N1", [words], [id]);
      return;
    }
  }

  /** N1: no heartbeat is of a former incarnation unless another was registered. */
  turnedAway(node: KnownNode, call: Answered): void {
    const { from, id, incarnation = "", reply } = call;
    if (reply === "superseded" && node.isLast(incarnation, from))
      this.#contradictions.found("N1", [whyRefused(call, "no other had been registered since")], [id]);
  }

  /** N1: a registration or a goodbye ends the incarnation that it names, and no other. Of one that is gone nothing may be kept. */
  ended(node: KnownNode, call: Answered, { incarnation, until }: LastIncarnation): void {
    const { expected, from, id, node: name, op, reply, to } = call;
    if (incarnation === null || until <= to || node.forgottenAt >= from) return;
    const isGoodbye = op === "offline_node";
    const named = isGoodbye ? call.incarnation : expected;
    if (named === undefined || named === incarnation) return;
    this.#contradictions.compared("N1");
    if (reply !== (isGoodbye ? "offline" : "registered")) return;
    const asked = `${isGoodbye ? "a goodbye" : "a registration"} of node ${name} that was to ${isGoodbye ? "end" : "replace"} ${named ?? "none"}`;
    const words = `${asked} was answered ${reply} while ${incarnation} was there, allowed ${isGoodbye ? "superseded" : "conflict"}`;
    this.#contradictions.found("N1", [words], [id]);
  }

  /**
   * D4: a goodbye that was acknowledged is not forgotten: until its next registration the node has no place to give and nothing to renew. N4: nor is it there
   * long after its time.
   */
  there(node: KnownNode, { from, id, node: name, op, reply }: Answered): void {
    const { goneSince, overdueAt } = node;
    const words = `${op} was answered ${reply} for node ${name}, allowed not_online:`;
    if (goneSince !== null && goneSince < from)
      this.#contradictions.found("D4", [`${words} its goodbye was acknowledged at ${inMs(goneSince)}`], [id]);
    if (overdueAt === null || overdueAt >= from) return;
    if (this.sweeps.doneBy(overdueAt, from) < from)
      this.#contradictions.found("N4", [`${words} its time was over at ${inMs(overdueAt)}`], [id], true);
    this.sweeps.late("node", overdueAt, from);
  }

  /** It was answered to have gone: where no client has ended it, the system has. */
  gone(node: KnownNode, call: Answered): void {
    if (node.goneSince !== null && node.goneSince < call.from) this.#contradictions.compared("D4");
    if (node.offer !== null && node.isQuietSince(call.from)) this.sweeps.ended("node");
    this.#presence(node, call);
    this.#outlived(node, call);
  }

  /** N4: after an outage nothing is due for a TTL, so that a node that has gone on sending heartbeats is there. */
  #outlived(node: KnownNode, { id, node: name, op, reply, to }: Answered): void {
    const { outage } = this.sweeps;
    if (outage === null || to >= outage.to + node.leastTtl || !node.isOverdueBy(outage)) return;
    const words = `${op} was answered ${reply} for node ${name}, allowed online: it went on sending heartbeats while Redis was away`;
    this.#contradictions.found("N4", [words, `from ${inMs(outage.from)} to ${inMs(outage.to)}`], [id]);
  }

  /** N4: a node that is online by acknowledged calls is not answered to be gone. */
  #presence(node: KnownNode, { from, id, node: name, op, reply, to }: Answered): void {
    const since = node.onlineSince(to);
    if (since === null || since >= from || !node.isQuietSince(from)) return;
    this.#contradictions.found(
      "N4",
      [
        `${op} was answered ${reply} for node ${name}, allowed online until ${inMs(node.onlineUntil)} by its acknowledged calls`,
        `answered at ${inMs(to)}`,
      ],
      [id],
    );
  }

  capacity({ jobs, node }: Known, { id, node: name, to }: Answered): void {
    const held = jobs.heldAt(to);
    const most = node.mostCapacity;
    if (held.length === 0 || !Number.isFinite(most)) return;
    if (held.length >= most) this.#contradictions.compared("J2");
    if (held.length <= most) return;
    this.#contradictions.found(
      "J2",
      [
        `node ${name} certainly had ${held.length} jobs, allowed ${most}`,
        `at ${inMs(to)}: ${held.slice(0, 20).join(", ")}`,
      ],
      [id],
    );
  }

  /** J2: a node is full only with as many jobs as it can run; J4: so no place of an ended job is left. @param most jobs that it may have had */
  full({ jobs, node }: Known, { from, id, job, node: name, to }: Answered, most: number): void {
    const contradictions = this.#contradictions;
    const least = node.leastCapacity;
    if (!Number.isFinite(least) || !node.isQuietSince(from)) return;
    contradictions.compared("J4");
    if (jobs.lapsed > 0) contradictions.compared("J5");
    if (jobs.heldAt(to).length >= node.mostCapacity) contradictions.compared("J2");
    if (most >= least) return;
    const words = [
      `node ${name} was answered to be full for job ${job} with at most ${most} jobs, allowed from ${least} jobs on`,
      `from ${inMs(from)} to ${inMs(to)}`,
    ];
    const isByEnd = most + jobs.lapsed >= least;
    for (const property of isByEnd ? (["J4", "J5"] as const) : (["J4"] as const))
      contradictions.found(property, words, [id], isByEnd);
  }
}
