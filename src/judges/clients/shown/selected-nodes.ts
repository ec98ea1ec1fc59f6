/**
 * Compares selections with the calls of clients. S1: each node suits, is online and has room. N2: none went long ago. N3 and S2: an instance in `normal`
 * leaves out no node that has certainly been there, with room, for longer than the staleness bound. S3: of two nodes that differ
 * by health or by load alone, the worse one does not come first more often than chance would have it.
 */
import type { Call, Millis, NodeContent, Wish } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import { suits, wishText } from "../../../check/suitable.ts";
import type { Case } from "../../judge.ts";
import type { ClientCalls } from "../client-calls.ts";
import type { Contradictions } from "../contradictions.ts";
import type { KnownNode } from "../known-node.ts";
import type { Known } from "../node-rules.ts";
import { differs, equals, loadOf, RankedPairs } from "./ranked-pairs.ts";
import { ReportedHealth } from "./reported-health.ts";
import type { ShownContent } from "./shown-content.ts";

type Selection = Call & { readonly to: Millis };

/** How many nodes a selection has at most whose order is compared: of many, the better of two that are drawn is often not the better of another two. */
const fewNodes = 6;
/** Pairs before anything is said. */
const fewPairs = 100;

export class SelectedNodes {
  readonly #case: Case;
  readonly #clients: ClientCalls;
  readonly #content: ShownContent;
  readonly #contradictions: Contradictions;
  readonly ranked = new RankedPairs();
  readonly reported: ReportedHealth;
  readonly #pairs = { load: { all: 0, wrong: 0, last: 0 }, health: { all: 0, wrong: 0, last: 0 } };

  constructor(theCase: Case, clients: ClientCalls, content: ShownContent, contradictions: Contradictions) {
    this.#case = theCase;
    this.#clients = clients;
    this.#content = content;
    this.#contradictions = contradictions;
    this.reported = new ReportedHealth(clients, contradictions);
  }

  /** The violations that only many selections show. */
  finish(): void {
    for (const rejection of this.ranked.rejections()) this.#contradictions.found("S3", [rejection], []);
    for (const [what, { all, wrong, last }] of Object.entries(this.#pairs)) {
      // Where each is the better of two that are drawn from many, nearly half of the pairs are in the other order.
      if (all < fewPairs || wrong < all * 0.6 + 1.5 * Math.sqrt(all)) continue;
      const words = `of ${all} pairs of nodes that differ by ${what} alone, ${wrong} were selected with the worse one first, allowed half at the most`;
      this.#found("S3", [words], last);
    }
  }

  judge(call: Selection): void {
    const { asked, id, selected = [] } = call;
    this.#countPairs(id, selected);
    const names = selected.map(({ node }) => node);
    this.#rank(call, selected);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) this.#found("S1", [`a selection returned node ${twice} twice, allowed once`], id);
    if (asked?.count !== undefined && names.length > asked.count)
      this.#found("S1", [`a selection returned ${names.length} nodes, allowed ${asked.count}`], id);
    this.#countGone(call);
    for (const node of selected) {
      this.#judgeSuited(call, node, asked);
      this.#judgeRoom(call, node);
      this.#judgeGone(call, node.node);
      this.#judgeIncarnation(call, node);
    }
    this.#judgeOmissions(call, new Set(names));
  }

  /** Where the pool is named and nothing that suits is left out: the configuration puts pools before ranks. */
  #rank(call: Selection, selected: readonly NodeContent[]): void {
    const { asked, from, instance, reply } = call;
    if (reply !== "normal") return;
    const since = this.#seenSince(instance, from);
    if (this.#isUndisturbed(instance, since, from)) for (const node of selected) this.reported.judge(call, node, since);
    if (asked?.pool === undefined) return;
    if (selected.length >= (asked.count ?? 0)) {
      let suitable = 0;
      for (const [, { node }] of this.#clients.nodes)
        if (node.offers.some((offer) => suits(offer, asked))) suitable += 1;
      if (suitable > selected.length) return;
    }
    this.ranked.judge(instance, from, selected);
  }

  #countPairs(id: number, selected: readonly NodeContent[]): void {
    if (selected.length > fewNodes) return;
    for (const [index, first] of selected.entries()) {
      for (const later of selected.slice(index + 1)) {
        const [load, health] = [loadOf(first) - loadOf(later), later.health_milli - first.health_milli];
        const pairs = Math.abs(health) <= equals ? this.#pairs.load : this.#pairs.health;
        const [by, other] = Math.abs(health) <= equals ? [load, health] : [health, load];
        if (Math.abs(by) < differs || Math.abs(other) > equals) continue;
        pairs.all += 1;
        if (by < 0) continue;
        pairs.wrong += 1;
        pairs.last = id;
      }
    }
  }

  /** S1: it is shown as one that may be selected, and a registration of the node that may be in force offered what was asked for. */
  #judgeSuited(call: Selection, { current_jobs, max_jobs, node: name, status }: NodeContent, asked?: Wish): void {
    const { from, id, instance, reply } = call;
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
    const since = this.#seenSince(instance, from);
    const isCertain = reply === "normal" && known.isQuietSince(since) && this.#isUndisturbed(instance, since, from);
    if ((isCertain ? known.mayOffer : known.offers).some((offer) => suits(offer, asked))) return;
    const words = `a selection returned node ${name}, allowed one that offers ${wishText(asked)}`;
    this.#found("S1", [words, isCertain ? "its last registration did not" : "no registration of it did"], id);
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

  /** N2: in `normal`, and without a fault on the instance since. What a slow machine may have done is left open. */
  #judgeGone({ from, id, instance, reply, to }: Selection, name: string): void {
    const { bounds, timing } = this.#case;
    const known = this.#clients.known(name)?.node;
    const since = known === undefined ? null : this.#goneSince(known, from);
    if (since === null || reply !== "normal") return;
    if (this.#isTroubled(instance, since) || timing.wasAway(instance, since, to)) return;
    const late = from - since - bounds.staleness;
    if (late <= 0) return;
    const blame = timing.blame(late, since, from, instance);
    const how = known?.goneSince === null ? "the end of its time" : "its acknowledged goodbye";
    const words = `instance ${instance} selected node ${name} ${inMs(from - since)} after ${how}, allowed ${inMs(bounds.staleness)}`;
    const isByEnd = known?.goneSince === null;
    this.#contradictions.late({ property: "N2", blame, isByEnd }, [words, `selected at ${inMs(from)} in normal`], [id]);
  }

  /** N3: a registration is known after the staleness bound, so that no former incarnation is shown. */
  #judgeIncarnation({ from, id, instance, reply }: Selection, { incarnation, node: name }: NodeContent): void {
    const { bounds, timing } = this.#case;
    const known = this.#clients.known(name)?.node;
    const last = known?.last ?? null;
    const since = this.#seenSince(instance, from);
    if (known === undefined || last === null || last === incarnation || reply !== "normal") return;
    if (!known.isQuietSince(since) || !this.#isUndisturbed(instance, since, from)) return;
    const registeredAt = known.incarnations.get(last)?.to ?? since;
    const blame = timing.blame(from - registeredAt - bounds.staleness, registeredAt, from, instance);
    const words = `instance ${instance} selected node ${name} in incarnation ${incarnation} ${inMs(from - registeredAt)} after ${last} had been registered, allowed ${inMs(bounds.staleness)}`;
    this.#contradictions.late({ property: "N3", blame }, [words, `selected at ${inMs(from)} in normal`], [id]);
  }

  /** By its goodbye, or since a sweep has certainly found that its time was over; null: it may be there. */
  #goneSince(node: KnownNode, now: Millis): Millis | null {
    const { goneSince, overdueAt } = node;
    if (goneSince !== null) return goneSince;
    if (overdueAt === null || overdueAt >= now) return null;
    const by = this.#clients.sweeps.doneBy(overdueAt, now);
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
      this.#contradictions.found(isNew ? "N3" : "S2", [words, what], [id], known.jobs.lapsed > 0);
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

  #found(property: "S1" | "S3", words: readonly string[], id: number): void {
    this.#contradictions.found(property, words, [id]);
  }
}
