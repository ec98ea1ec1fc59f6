/**
 * V3 without the store: once everything is at rest, instances in `normal` show the same of a node, and what its clients know of it. Nodes that one of them does
 * not show are not compared: a cache need not hold all.
 */
import type { Millis, NodeContent } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, PhaseBegun, Sampled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { ClientCalls } from "./client-calls.ts";
import { offerText, whyNotOnline } from "./shown/shown-content.ts";
import { clientCalls } from "./shown/shown-nodes.ts";

/** The content of a node that an instance shows, and since when without a change. */
interface Shown {
  readonly text: string;
  readonly since: Millis;
}

export function judgeAgreement(theCase: Case): Judge {
  return new Agreement(theCase);
}

class Agreement implements Judge {
  readonly property = "V3";
  readonly hears = ["phase", "sample"] as const;
  readonly #case: Case;
  readonly #clients: ClientCalls;
  readonly #findings = new Findings("V3");
  readonly #phases = new Map<PhaseBegun["name"], Millis>();
  /** By instance and node. */
  readonly #shown: readonly Map<string, Shown>[];
  readonly #lastAt: Millis[];
  /** Pairs of instances, and instances, that were found to be wrong about a node. */
  readonly #wrong = new Set<string>();
  #compared = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#clients = theCase.scene.part(clientCalls, theCase);
    this.#shown = Array.from({ length: theCase.instances }, () => new Map<string, Shown>());
    this.#lastAt = Array.from({ length: theCase.instances }, () => Number.NaN);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "phase") this.#phases.set(event.name, event.at);
    else if (event.kind === "sample" && event.at > this.#restingSince) this.#look(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: Math.max(this.#compared, this.#findings.count) });
  }

  /** Infinity: not yet. */
  get #restingSince(): Millis {
    const [healed, quiet] = [this.#phases.get("healed"), this.#phases.get("quiet")];
    return healed === undefined || quiet === undefined ? Number.POSITIVE_INFINITY : Math.max(healed, quiet);
  }

  #look({ at, instance, mode, nodes = [] }: Sampled): void {
    const shown = this.#shown[instance];
    if (shown === undefined) return;
    this.#lastAt[instance] = at;
    if (mode !== "normal") {
      shown.clear();
      return;
    }
    for (const content of nodes) {
      const text = textOf(content);
      if (shown.get(content.node)?.text !== text) shown.set(content.node, { text, since: at });
      this.#compareWithClients(instance, at, content);
      this.#compareWithOthers(instance, at, content);
    }
  }

  #compareWithClients(instance: number, at: Millis, content: NodeContent): void {
    const known = this.#clients.known(content.node)?.node;
    const since = at - this.#allowed(instance, at);
    if (known === undefined || since < this.#restingSince) return;
    const { incarnation, node, status } = content;
    const allowed = whyNotOnline(known, content, since, at);
    if (allowed !== null)
      this.#found(`${instance} ${node}`, [
        `instance ${instance} shows node ${node} as ${status} long after the load, allowed ${allowed}`,
      ]);
    if (known.last === null || known.last === incarnation || !known.isQuietSince(since)) return;
    this.#found(`${instance} ${node}`, [
      `instance ${instance} shows incarnation ${incarnation} of node ${node} long after the load, allowed ${known.last}, which was registered last`,
    ]);
  }

  #compareWithOthers(instance: number, at: Millis, content: NodeContent): void {
    const { node } = content;
    const own = this.#shown[instance]?.get(node);
    for (const [other, shown] of this.#shown.entries()) {
      const theirs = shown.get(node);
      if (other === instance || own === undefined || theirs === undefined) continue;
      if (own.text === theirs.text) {
        if (this.#isKnown(content, at)) this.#compared += 1;
        continue;
      }
      const both = Math.min(at, this.#lastAt[other] ?? at) - Math.max(own.since, theirs.since);
      if (both <= this.#allowed(instance, at) || both <= this.#allowed(other, at)) continue;
      this.#found(`${Math.min(instance, other)} ${Math.max(instance, other)} ${node}`, [
        `instances ${instance} and ${other} went on showing node ${node} differently for ${inMs(both)} after healing and the end of the load, allowed ${inMs(this.#case.bounds.convergence)}`,
        `${own.text} and ${theirs.text}`,
      ]);
    }
  }

  /** Whether it is what clients know: of two that show the same, both may be wrong. */
  #isKnown(content: NodeContent, at: Millis): boolean {
    const known = this.#clients.known(content.node);
    if (known === undefined || known.node.offer === null) return false;
    const { jobs, node } = known;
    const since = at - this.#case.bounds.convergence;
    const isCertain = node.goneSince !== null || node.onlineSince(at) !== null;
    const [least, most] = [jobs.heldBetween(since, at), this.#clients.mostSince(known, since, at)];
    const isCounted = content.current_jobs >= least && content.current_jobs <= most;
    return isCertain && isCounted && whyNotOnline(node, content, at, at) === null;
  }

  /** The bound, and what the machine took from the instance. */
  #allowed(instance: number, at: Millis): Millis {
    const { bounds, timing } = this.#case;
    return bounds.convergence + timing.kept(instance, at - 2 * bounds.convergence, at);
  }

  #found(which: string, words: readonly string[]): void {
    if (this.#wrong.has(which)) return;
    this.#wrong.add(which);
    this.#findings.violate(() => words);
  }
}

function textOf(content: NodeContent): string {
  const { current_jobs, incarnation, status } = content;
  return `${status} ${incarnation} with ${current_jobs} jobs, ${offerText(content)}`;
}
