/**
 * Compares selections with the calls of clients. S1: each node suits, is online and has room. N2: none went long ago. N3 and S2: an instance in `normal`
 * leaves out no node that has certainly been there, with room, for longer than the staleness bound.
 */
import type { Call, Millis, NodeContent, Wish } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { suits, wishText } from "../../check/suitable.ts";
import type { Case } from "../judge.ts";
import type { ClientCalls } from "./client-calls.ts";
import type { Contradictions } from "./contradictions.ts";
import type { KnownNode } from "./known-node.ts";
import type { Known } from "./node-rules.ts";
import type { ShownContent } from "./shown-content.ts";

type Selection = Call & { readonly to: Millis };

export class SelectedNodes {
  readonly #case: Case;
  readonly #clients: ClientCalls;
  readonly #content: ShownContent;
  readonly #contradictions: Contradictions;

  constructor(theCase: Case, clients: ClientCalls, content: ShownContent, contradictions: Contradictions) {
    this.#case = theCase;
    this.#clients = clients;
    this.#content = content;
    this.#contradictions = contradictions;
  }

  judge(call: Selection): void {
    const { asked, id, selected = [] } = call;
    const names = selected.map(({ node }) => node);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) this.#found("S1", [`a selection returned node ${twice} twice, allowed once`], id);
    if (asked?.count !== undefined && names.length > asked.count)
      this.#found("S1", [`a selection returned ${names.length} nodes, allowed ${asked.count}`], id);
    this.#countGone(call);
    for (const node of selected) {
      this.#judgeSuited(call, node, asked);
      this.#judgeRoom(call, node);
      this.#judgeGone(call, node.node);
    }
    this.#judgeOmissions(call, new Set(names));
  }

  /** S1: it is shown as one that may be selected, and some registration of the node offered what was asked for. */
  #judgeSuited({ id }: Selection, { current_jobs, max_jobs, node: name, status }: NodeContent, asked?: Wish): void {
    if (status !== "online")
      this.#found("S1", [`a selection returned node ${name}, shown as ${status}, allowed online`], id);
    if (current_jobs >= max_jobs)
      this.#found(
        "S1",
        [`a selection returned node ${name}, shown with ${current_jobs} of ${max_jobs} jobs, allowed one with room`],
        id,
      );
    const known = this.#clients.known(name)?.node;
    if (asked === undefined || known === undefined || known.offers.length === 0) return;
    this.#contradictions.compared("S1");
    if (known.offers.some((offer) => suits(offer, asked))) return;
    const words = `a selection returned node ${name}, allowed one that offers ${wishText(asked)}`;
    this.#found("S1", [words, "no registration of it offered that"], id);
  }

  /** S1: it was certainly full for longer than the staleness bound. */
  #judgeRoom({ from, id, instance, reply, to }: Selection, { node: name }: NodeContent): void {
    const { bounds } = this.#case;
    const known = this.#clients.known(name);
    if (known === undefined || reply !== "normal") return;
    const since = this.#seenSince(instance, from);
    const most = known.node.mostCapacity;
    const held = known.jobs.heldBetween(since, to);
    if (held < most || !known.node.isQuietSince(since) || !this.#isUndisturbed(instance, since, from)) return;
    this.#found(
      "S1",
      [
        `instance ${instance} selected node ${name}, which certainly had ${held} of ${most} jobs for longer than ${inMs(bounds.staleness)}, allowed one with room`,
      ],
      id,
    );
  }

  /** N2: in `normal`, and without a fault on the instance since. */
  #judgeGone({ from, id, instance, reply, to }: Selection, name: string): void {
    const { bounds, timing } = this.#case;
    const known = this.#clients.known(name)?.node;
    const since = known === undefined ? null : this.#goneSince(known, from);
    if (since === null || reply !== "normal") return;
    if (this.#isTroubled(instance, since) || timing.wasAway(instance, since, to)) return;
    const late = from - since - bounds.staleness;
    if (late <= 0 || timing.blame(late, since, from, instance) !== "instance") return;
    const how = known?.goneSince === null ? "the end of its time" : "its acknowledged goodbye";
    const words = `instance ${instance} selected node ${name} ${inMs(from - since)} after ${how}, allowed ${inMs(bounds.staleness)}`;
    this.#found("N2", [words, `selected at ${inMs(from)} in normal`], id);
  }

  /** By its goodbye, or since a sweep has certainly found that its time was over; null: it may be there. */
  #goneSince(node: KnownNode, now: Millis): Millis | null {
    const { goneSince, overdueAt } = node;
    if (goneSince !== null) return goneSince;
    if (overdueAt === null || overdueAt >= now) return null;
    const by = this.#clients.sweeps.doneBy(overdueAt, now, this.#clients.count);
    return by < now ? by : null;
  }

  /** Selections that could have shown a node that had gone for longer than the bound. */
  #countGone({ asked, from, instance, reply, selected = [] }: Selection): void {
    if (asked === undefined || reply !== "normal" || selected.length === 0) return;
    for (const [, { node }] of this.#clients.nodes) {
      if (!node.offers.some((offer) => suits(offer, asked))) continue;
      const since = this.#goneSince(node, from);
      if (since === null || from - since <= this.#case.bounds.staleness || this.#isTroubled(instance, since)) continue;
      this.#contradictions.compared("N2");
      return;
    }
  }

  /** Without a pool the configuration decides, which is not known. */
  #judgeOmissions(call: Selection, names: ReadonlySet<string>): void {
    const { asked, from, id, instance, reply, to } = call;
    if (asked?.pool === undefined || reply !== "normal" || names.size >= (asked.count ?? 0)) return;
    const { bounds } = this.#case;
    const since = this.#seenSince(instance, from);
    if (!this.#isUndisturbed(instance, since - bounds.convergence, from)) return;
    let isCompared = false;
    for (const [name, known] of this.#clients.nodes) {
      if (!this.#isEligible(known, asked, since, to)) continue;
      isCompared = true;
      if (names.has(name)) continue;
      const onlineSince = known.node.onlineSince(to) ?? since;
      const isNew = !this.#content.hasShown(instance, name, onlineSince);
      const words = `a selection in normal with room for more left out node ${name}, allowed one that shows it: it has been online since ${inMs(onlineSince)}`;
      const what = `instance ${instance}, at ${inMs(from)}: ${names.size} of ${asked.count} nodes for ${wishText(asked)}`;
      this.#found(isNew ? "N3" : "S2", [words, what], id);
    }
    if (isCompared) this.#contradictions.compared("S2");
  }

  /** It was certainly online with room, and offered what was asked for, from `since` to `to`. */
  #isEligible(known: Known, asked: Wish, since: Millis, to: Millis): boolean {
    const { node } = known;
    const onlineSince = node.onlineSince(to);
    if (onlineSince === null || onlineSince >= since || !node.isQuietSince(since)) return false;
    const { offer } = node;
    return offer !== null && suits(offer, asked) && this.#clients.mostSince(known, since, to) < offer.max_jobs;
  }

  /** It has been in `normal` since then, and no fault was on it. */
  #isUndisturbed(instance: number, since: Millis, to: Millis): boolean {
    const { scene, timing } = this.#case;
    const normalSince = scene.normalSince(instance);
    if (normalSince === null || normalSince > since) return false;
    return !this.#isTroubled(instance, since) && !timing.wasAway(instance, since, to);
  }

  /** An instance that asks now knows all that has been so since then: for the staleness bound, and for as long as the machine kept it from learning. */
  #seenSince(instance: number, now: Millis): Millis {
    const { bounds, timing } = this.#case;
    return now - bounds.staleness - timing.kept(instance, now - 2 * bounds.staleness, now);
  }

  #isTroubled(instance: number, since: Millis): boolean {
    return this.#case.scene.wasTroubled(instance, since);
  }

  #found(property: "S1" | "S2" | "N2" | "N3", words: readonly string[], id: number): void {
    this.#contradictions.found(property, words, [id]);
  }
}
