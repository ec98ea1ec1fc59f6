/**
 * Compares nodes, as answers show them, with the calls of their clients: V2, that the content was offered once; V1,
 * that one version is one content; S1, that a selected node suits; N2, that none is selected long after its goodbye;
 * N3, that a registered one is found. The store is not observed for it.
 */

import { firstDifference, whyNonsense } from "../../check/content.ts";
import type { Call, Millis, NodeContent, NodeOffer, Wish } from "../../check/history.ts";
import { versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { suits, wishText } from "../../check/suitable.ts";
import type { JudgeEvent } from "../event.ts";
import type { Case } from "../judge.ts";
import type { Part } from "../scene.ts";
import { ClientCalls } from "./client-calls.ts";
import { Contradictions } from "./contradictions.ts";
import type { KnownNode } from "./known-node.ts";

type AnsweredRead = Call & { readonly to: Millis };

export class ShownNodes implements Part {
  readonly hears = ["returned"] as const;
  readonly contradictions = new Contradictions();
  readonly #case: Case;
  readonly #clients: ClientCalls;
  /** Node and version -> what was shown of them first. */
  readonly #shown = new Map<string, NodeContent>();
  /** Instance and node -> the incarnation that was shown last. */
  readonly #shownBy = new Map<string, { readonly incarnation: string; readonly to: Millis }>();

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#clients = theCase.scene.part(clientCalls, theCase);
  }

  on(event: JudgeEvent): void {
    if (event.kind !== "returned" || event.call.to === null || event.call.outcome !== "ok") return;
    const call = event.call as AnsweredRead;
    if (call.op === "get_node") this.#read(call);
    else if (call.op === "select_nodes") this.#selected(call);
  }

  #read(call: AnsweredRead): void {
    const { node: name = "", read } = call;
    if (read === undefined) return;
    if (read.node !== null) this.#judgeContent(call, read.node);
    const known = this.#clients.node(name);
    if (known !== undefined && read.mode === "normal" && !read.stale) this.#judgeFound(call, known, read.found);
  }

  /**
   * N3: for longer than a miss mark and the staleness bound it has been online, by its acknowledged calls, and the instance in `normal`. In another mode an
   * instance need not hear of it.
   */
  #judgeFound({ from, id, instance, node, to }: AnsweredRead, known: KnownNode, found: boolean): void {
    const { bounds, scene, terms, timing } = this.#case;
    const [onlineSince, normalSince] = [known.onlineSince(to), scene.normalSince(instance)];
    if (onlineSince === null || normalSince === null) return;
    const since = Math.max(onlineSince, normalSince);
    const allowed = terms.missTtl * (1 + terms.ttlSpread) + bounds.staleness;
    const late = from - since - allowed;
    if (late <= 0 || this.#isTroubled(instance, since) || timing.wasAway(instance, since, to)) return;
    this.contradictions.compared("N3");
    if (found || timing.blame(late, since, from, instance) !== "instance") return;
    const words = `node ${node} was not found ${inMs(from - since)} after its registration, allowed ${inMs(allowed)}`;
    this.contradictions.found("N3", [words, `asked at ${inMs(from)}`], [id]);
  }

  #selected(call: AnsweredRead): void {
    const { asked, id, selected = [] } = call;
    const names = selected.map(({ node }) => node);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      this.contradictions.found("S1", [`a selection returned node ${twice} twice, allowed once`], [id]);
    if (asked?.count !== undefined && names.length > asked.count) {
      this.contradictions.found("S1", [`a selection returned ${names.length} nodes, allowed ${asked.count}`], [id]);
    }
    this.#countGone(call);
    for (const node of selected) {
      this.#judgeContent(call, node);
      this.#judgeSuited(call, node.node, asked);
      this.#judgeGone(call, node.node);
    }
  }

  /** S1: some registration of the node offered what was asked for. */
  #judgeSuited({ id }: AnsweredRead, name: string, asked: Wish | undefined): void {
    const known = this.#clients.node(name);
    if (asked === undefined || known === undefined || known.offers.length === 0) return;
    this.contradictions.compared("S1");
    if (known.offers.some((offer) => suits(offer, asked))) return;
    const words = `a selection returned node ${name}, allowed one that offers ${wishText(asked)}`;
    this.contradictions.found("S1", [words, "no registration of it offered that"], [id]);
  }

  /** N2: in `normal`, and without a fault on the instance since. */
  #judgeGone({ from, id, instance, reply, to }: AnsweredRead, name: string): void {
    const { bounds, timing } = this.#case;
    const since = this.#clients.node(name)?.goneSince ?? null;
    if (since === null || reply !== "normal") return;
    if (this.#isTroubled(instance, since) || timing.wasAway(instance, since, to)) return;
    const late = from - since - bounds.staleness;
    if (late <= 0 || timing.blame(late, since, from, instance) !== "instance") return;
    const words = `instance ${instance} selected node ${name} ${inMs(from - since)} after its acknowledged goodbye, allowed ${inMs(bounds.staleness)}`;
    this.contradictions.found("N2", [words, `selected at ${inMs(from)} in normal`], [id]);
  }

  /** Selections that could have shown a node that had gone for longer than the bound. */
  #countGone({ asked, from, instance, reply, selected = [] }: AnsweredRead): void {
    if (asked === undefined || reply !== "normal" || selected.length === 0) return;
    for (const [, { node }] of this.#clients.nodes) {
      const { goneSince } = node;
      if (goneSince === null || from - goneSince <= this.#case.bounds.staleness) continue;
      if (this.#isTroubled(instance, goneSince) || !node.offers.some((offer) => suits(offer, asked))) continue;
      this.contradictions.compared("N2");
      return;
    }
  }

  #judgeContent(call: AnsweredRead, shown: NodeContent): void {
    const { id } = call;
    this.contradictions.compared("V2");
    const wrong = whyNonsense(shown) ?? this.#whyNeverOffered(shown) ?? this.#whyFormer(call, shown);
    if (wrong !== null) this.contradictions.found("V2", [`node ${shown.node} was shown with ${wrong}`], [id]);
    const other = this.#whyAnother(shown);
    if (other !== null) this.contradictions.found("V1", [`node ${shown.node} was shown with ${other}`], [id]);
  }

  #whyNeverOffered(shown: NodeContent): string | null {
    const known = this.#clients.node(shown.node);
    if (known === undefined || known.offers.length === 0) return "a content, allowed none: no client registered it";
    if (!known.offers.some((offer) => isSame(offer, shown))) return "what no registration of it offered";
    if (known.incarnations.has(shown.incarnation) || known.mayBeUnheard) return null;
    return `incarnation ${shown.incarnation}, allowed one that a registration began: ${[...known.incarnations.keys()].slice(-5).join(", ")}`;
  }

  /** An instance that has shown an incarnation does not show one that was registered before it. */
  #whyFormer({ from, instance, to }: AnsweredRead, { incarnation, node }: NodeContent): string | null {
    const key = `${instance} ${node}`;
    const before = this.#shownBy.get(key);
    this.#shownBy.set(key, { incarnation, to });
    const known = this.#clients.node(node);
    const [own, other] = [incarnation, before?.incarnation ?? ""].map((name) => known?.incarnations.get(name));
    if (known === undefined || before === undefined || own === undefined || other === undefined) return null;
    if (before.to >= from || own.to >= other.from || known.forgottenAt >= own.from) return null;
    return `incarnation ${incarnation}, allowed ${before.incarnation}, which was registered later and which instance ${instance} had shown`;
  }

  /** A version names one content. */
  #whyAnother(shown: NodeContent): string | null {
    const key = `${versionText(shown.version)} ${shown.node}`;
    const before = this.#shown.get(key);
    if (before === undefined) {
      this.#shown.set(key, shown);
      return null;
    }
    this.contradictions.compared("V1");
    const difference = firstDifference(shown, before);
    return difference === null
      ? null
      : `${difference}, allowed as it was shown before in version ${versionText(shown.version)}`;
  }

  #isTroubled(instance: number, since: Millis): boolean {
    return this.#case.scene.wasTroubled(instance, since);
  }
}

/** One for all judges of a run. */
export function clientCalls(theCase: Case): ClientCalls {
  return new ClientCalls(theCase);
}

export function shownNodes(theCase: Case): ShownNodes {
  theCase.scene.part(clientCalls, theCase); // it has to hear of each call first
  return new ShownNodes(theCase);
}

function isSame(offer: NodeOffer, shown: NodeContent): boolean {
  return offerText(offer) === offerText(shown);
}

function offerText({ languages, max_jobs, pools, services }: NodeOffer): string {
  const pairs = languages.map(({ source, target }) => `${source}:${target}`);
  return JSON.stringify([max_jobs, ...[pools, services, pairs].map((list) => [...new Set(list)].sort())]);
}
