/**
 * The state of online nodes that an instance has to know: the content of its own view, and all that has held for longer
 * than an instance in `normal` may lag. Judges claim only what is certain: a node that has changed since may be known
 * in its present state; and while the instance has a call for a place in flight, only it knows how many it counts.
 */
import type { Call, Millis, Version, Wish } from "../../check/history.ts";
import { type PoolOrder, suits } from "../../check/suitable.ts";
import type { Called, FaultStep, JudgeEvent, ViewMoved } from "../event.ts";
import type { Case } from "../judge.ts";
import type { Part } from "../scene.ts";
import type { EpochLine } from "../truth.ts";
import { type OnlineNode, OnlineNodes } from "./online-nodes.ts";
import { PlaceCalls } from "./place-calls.ts";
import type { Candidate } from "./ranking/rank.ts";

/** The knowledge of an instance at the moment of a call. */
interface Glance {
  readonly views: readonly (Version | null)[];
  /** No other call for a place of it was in flight. */
  readonly isSure: boolean;
  /** Nodes on which it may have counted places that its views did not show yet: how many at most. */
  readonly places: ReadonlyMap<string, number>;
}

/** When an instance was asked and when it had decided, and what it had to know then. */
export interface Moment {
  readonly instance: number;
  readonly from: Millis;
  readonly to: Millis;
  readonly glance: Glance;
  /** A state that had held since then had to be known by time alone; null: no state had to be. */
  readonly since: Millis | null;
  /** Calls for a place that are part of what is judged. */
  readonly ownCalls: number;
}

const none = { least: 0, most: 0 };

const choosing: ReadonlySet<Call["op"]> = new Set<Call["op"]>(["select_nodes", "get_node", "dispatch"]);

export function makeKnowledge(theCase: Case): Knowledge {
  return new Knowledge(theCase);
}

export class Knowledge implements Part {
  readonly hears = ["called", "returned", "job_requested", "epoch", "change", "partition", "view", "fault"] as const;
  readonly #case: Case;
  readonly #online = new OnlineNodes();
  readonly #placeCalls: PlaceCalls;
  readonly #glances = new Map<number, Glance>();
  /** The last call that has returned: judges still ask for it. */
  #ended = -1;
  /** By instance, then by partition: when its view was last seen to move. */
  readonly #viewedAt: readonly Millis[][];
  /** Instances with a feed that had something taken out: they miss it only when something comes after it. */
  readonly #isSpoilt = new Set<number>();

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#placeCalls = new PlaceCalls(theCase.instances);
    this.#viewedAt = Array.from({ length: theCase.instances }, () => []);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "returned":
        this.#returned(event.call);
        break;
      case "job_requested":
        this.#placeCalls.requested(event);
        break;
      case "view":
        this.#moved(event);
        break;
      case "fault":
        this.#fault(event);
        break;
      case "epoch":
      case "change":
      case "partition":
        this.#online.on(event);
        break;
      default:
        break;
    }
  }

  /**
   * @param isClaimed whether the instance claims to be up to date: in a degraded mode, or where the store did not answer in time, what is not known is not claimed
   * @returns null: it was not there all the time, or it is not known when it was asked
   */
  moment(
    { from, id, instance, op }: Pick<Call, "id" | "instance" | "from" | "op">,
    to: Millis,
    isClaimed: boolean,
  ): Moment | null {
    const glance = this.#glances.get(id);
    if (glance === undefined || this.#case.timing.wasAway(instance, from, to)) return null;
    const ownCalls = op === "dispatch" ? 1 : 0;
    return { instance, from, to, glance, since: isClaimed ? this.#since(instance, from, to) : null, ownCalls };
  }

  /**
   * The nodes that suit, and had a free place all the time.
   * @param orders in which the pools may have to be searched: one for each configuration that may be in force
   */
  *eligible(moment: Moment, wish: Wish, orders: readonly PoolOrder[]): Generator<OnlineNode> {
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      const view = this.viewOf(moment, partition);
      const followed = this.followed(moment, partition);
      const line = view === null || view.epoch === followed?.epoch ? followed : this.#case.truth.line(view.epoch);
      if (line === undefined || !this.#isSeen(line, moment.to)) continue;
      const seen =
        moment.glance.isSure && this.#case.arePlacesSeen && this.#isStill(moment.instance, partition, view)
          ? view
          : null;
      for (const one of this.#online.of(line).values()) {
        if (!orders.every((pools) => suits(one.offer, wish, pools))) continue;
        const isFree =
          this.#isFreeInView(one, moment, seen) ||
          (followed === line && this.#wasFree(one, moment)) ||
          this.#isFreeSince(one, moment, view);
        if (isFree) yield one;
      }
    }
  }

  /** The version that it was seen to have when it was asked, in the life that it lives; null: none was. */
  viewOf({ from, glance, instance }: Moment, partition: number): Version | null {
    const viewedAt = this.#viewedAt[instance]?.[partition] ?? Number.NEGATIVE_INFINITY;
    return viewedAt < this.#case.timing.presentSince(instance, from) ? null : (glance.views[partition] ?? null);
  }

  /** The epoch of which it has to know by time; undefined: it may know nothing of it yet. */
  followed({ instance, since, to }: Moment, partition: number): EpochLine | undefined {
    const { scene, truth } = this.#case;
    if (since === null || scene.reachableSince(instance, partition) > since) return undefined;
    const epoch = truth.followedBy(instance, partition, to)?.epoch;
    return epoch === undefined ? undefined : truth.line(epoch);
  }

  /** Returns the partition of a node; undefined: the node was never observed. */
  partitionOf(node: string): number | undefined {
    return this.#online.partitionOf(node);
  }

  /**
   * All that an instance can choose from, by its view as it is now.
   * @param placeIn the place of a node's pool; null: it does not suit
   * @param asked a node on which one place counts no longer: it was asked for by what is judged
   * @returns null: its view is behind, or it is not known for certain which places it counts
   */
  candidates(
    instance: number,
    at: Millis,
    placeIn: (one: OnlineNode) => number | null,
    asked: string | null,
  ): readonly Candidate[] | null {
    const { arePlacesSeen, partitions, scene, truth } = this.#case;
    if (!arePlacesSeen) return null;
    const places = scene.places.counts(instance, at);
    const found: Candidate[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      const view = scene.view(instance, partition);
      const line = view === null ? undefined : truth.line(view.epoch);
      if (line === undefined || line.last !== view?.sequence || !this.#online.isWhole(line)) return null;
      for (const one of this.#online.of(line).values()) {
        const place = placeIn(one);
        if (place === null) continue;
        const { least, most } = places.get(one.node) ?? none;
        if (least !== most) return null;
        const { healthMilli, jobs, node, offer } = one;
        const own = most - (node === asked ? 1 : 0);
        if (jobs + own < offer.maxJobs) found.push({ node, place, healthMilli, jobs, own, maxJobs: offer.maxJobs });
      }
    }
    return found;
  }

  /** How many places the instance counted on a node beside those that its view shows; null: that is not known for certain. */
  ownPlaces(moment: Moment): (node: string) => number | null {
    if (!this.#case.arePlacesSeen) return (node) => (this.#countsNone(moment, node) ? 0 : null);
    const { glance, instance, to } = moment;
    const places = this.#case.scene.places.counts(instance, to);
    return (node) => {
      const { least, most } = places.get(node) ?? none;
      return least === most && most === (glance.places.get(node) ?? 0) ? most : null;
    };
  }

  #countsNone(moment: Moment, node: string): boolean {
    const { instance, since } = moment;
    if (since !== null && this.#placeCalls.within(instance, node, since) === 0) return true;
    const partition = this.partitionOf(node);
    const view = partition === undefined ? null : this.viewOf(moment, partition);
    return view !== null && this.#placeCalls.besides(instance, node, view, since) === 0;
  }

  /** Whether its view has the node, and nothing has happened to it since. */
  hasInView({ instance, to }: Moment, node: string, view: Version): boolean {
    const line = this.#case.truth.line(view.epoch);
    if (line === undefined || !line.at(node, view.sequence)) return false;
    const isThere = this.#isStill(instance, line.partition, view);
    return isThere && this.#isUnchanged(line, node, view.sequence, to) && this.#isSeen(line, to);
  }

  /** The node as it had been there long enough to be known, until the answer came; undefined: it had not. */
  lasting(moment: Moment, node: string, line: EpochLine): OnlineNode | undefined {
    const one = this.#online.of(line).get(node);
    return one !== undefined && this.#hasLasted(one, moment) ? one : undefined;
  }

  #called(event: Called): void {
    const { call, instance, op } = event;
    // It chooses as soon as it is asked; a lookup may take a while, and the view another's place meanwhile.
    if (choosing.has(op)) {
      const isSure = this.#placeCalls.underWay(instance) === 0;
      const { scene } = this.#case;
      this.#glances.set(call, { views: scene.views(instance), isSure, places: scene.places.most(instance) });
    }
    this.#placeCalls.called(event);
  }

  #returned(call: Call): void {
    this.#glances.delete(this.#ended);
    this.#ended = call.id;
    this.#placeCalls.returned(call);
  }

  #moved({ at, instance, partition, version }: ViewMoved): void {
    if (!this.#case.arePlacesSeen) this.#placeCalls.moved(instance, version, at);
    const own = this.#viewedAt[instance];
    if (own !== undefined) own[partition] = at;
  }

  #fault({ instance, name, step }: FaultStep): void {
    if (name !== "feed_entry_deleted" || step !== "inject") return;
    for (let each = 0; each < this.#case.instances; each += 1) {
      if ((instance ?? each) === each) this.#isSpoilt.add(each);
    }
  }

  /** Since when what is so must be known, however far the instance says that it is. While anything is done to it, and for a while after, it may be further behind. */
  #since(instance: number, from: Millis, to: Millis): Millis | null {
    const { bounds, scene, timing } = this.#case;
    const since = from - 2 * bounds.staleness - timing.kept(instance, from - 2 * bounds.staleness, to);
    const mayBeBehind = scene.wasTroubled(instance, since) || timing.presentSince(instance, from) > since;
    return mayBeBehind || this.#isSpoilt.has(instance) ? null : since;
  }

  /** Whether the view is of the same epoch as then: a dispatch that first asks the node of an earlier try chooses only when that has answered. */
  #isStill(instance: number, partition: number, view: Version | null): boolean {
    return this.#case.scene.view(instance, partition)?.epoch === view?.epoch;
  }

  #isFreeInView(one: OnlineNode, { from, glance, instance, ownCalls, to }: Moment, view: Version | null): boolean {
    if (view === null || one.sequence > view.sequence) return false;
    // A dispatch may ask the node of an earlier try first, and chooses later: others may have begun by then, and asked a node that they do not name in the end.
    const others =
      ownCalls === 0
        ? 0
        : Math.max(
            this.#placeCalls.within(instance, one.node, from) - ownCalls,
            this.#placeCalls.askedSince(instance, one.node, from),
          );
    const places = (glance.places.get(one.node) ?? 0) + others;
    return one.jobs + places < one.offer.maxJobs && this.#isUnchanged(one.line, one.node, one.sequence, to);
  }

  #wasFree(one: OnlineNode, moment: Moment): boolean {
    const { instance, ownCalls, since } = moment;
    if (since === null || !this.#hasLasted(one, moment)) return false;
    const places = this.#placeCalls.within(instance, one.node, since) - ownCalls;
    return this.#mostJobs(one, moment, since) + places < one.offer.maxJobs;
  }

  /**
   * Where requests for places are not observed: whether it has had room ever since the view that the instance was seen to have, by any later one that it may have had,
   * with all places that it may count besides.
   */
  #isFreeSince(one: OnlineNode, { from, instance, ownCalls, since, to }: Moment, view: Version | null): boolean {
    const { line, node, offer } = one;
    if (this.#case.arePlacesSeen || view?.epoch !== line.epoch || ownCalls > 0) return false;
    const registered = offer.version.epoch === line.epoch ? offer.version.sequence : 0;
    const shown = registered <= view.sequence ? line.at(node, view.sequence) : null;
    // The view may be ahead of the observer, and have the node in a later life, with another offer.
    if (shown?.incarnation !== offer.incarnation || shown.status !== "online") return false;
    if (!this.#isStill(instance, line.partition, view)) return false;
    let most = shown.currentJobs;
    for (let next = line.next(node, view.sequence); next !== undefined; next = line.next(node, next.sequence)) {
      if (next.since > to) break;
      if (endsIt.has(next.kind)) return false;
      most = Math.max(most, next.count ?? 0);
    }
    return (
      most + this.#placeCalls.besides(instance, node, view, since === null ? null : Math.min(since, from)) <
      offer.maxJobs
    );
  }

  #isUnchanged(line: EpochLine, node: string, sequence: number, until: Millis): boolean {
    return (line.next(node, sequence)?.since ?? Number.POSITIVE_INFINITY) > until;
  }

  /** Whether what came after is known for as long as the answer took. */
  #isSeen({ epoch, last }: EpochLine, to: Millis): boolean {
    const { truth } = this.#case;
    return truth.standing({ epoch, sequence: last + 1 }, Number.NEGATIVE_INFINITY, to + truth.lag) === "never";
  }

  /** Whether the node had been there for so long, with that offer, until the answer came. */
  #hasLasted({ from, line, node, sequence }: OnlineNode, { since, to }: Moment): boolean {
    if (since === null || from > since) return false;
    for (let next = line.next(node, sequence); next !== undefined; next = line.next(node, next.sequence)) {
      if (next.since > to) break;
      if (endsIt.has(next.kind)) return false;
    }
    return this.#isSeen(line, to);
  }

  /** The most that it had at a time. */
  #mostJobs({ counts, jobs, line, node, sequence }: OnlineNode, { to }: Moment, since: Millis): number {
    let most = jobs;
    for (let next = line.next(node, sequence); next !== undefined; next = line.next(node, next.sequence)) {
      if (next.since > to) break;
      most = Math.max(most, next.count ?? 0);
    }
    for (let index = counts.length - 1; index >= 0; index -= 1) {
      const { at, count } = counts[index] ?? { at: since, count: 0 };
      most = Math.max(most, count);
      if (at < since) break;
    }
    return most;
  }
}

const endsIt: ReadonlySet<string> = new Set(["registered", "offline", "expired", "removed"]);
