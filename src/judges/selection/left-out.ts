/**
 * S2: no answer leaves out a node that the instance has to know: a lookup finds it; and a selection that had room for more shows it, where it is online,
 * suits, and has a free place. Only a judge notices: such a node is never chosen, and every answer that does come is right.
 *
 * An instance has to know what its own view has, and what had been so for longer than one in `normal` may be behind. Judged is only what cannot be
 * otherwise: a node that has changed since may be known to be what it is now; and while the instance has a call for a place under way, only it knows
 * how many it counts.
 */
import { type Call, type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { suits, wishText } from "../../check/suitable.ts";
import type { Called, JudgeEvent, ViewMoved } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine } from "../truth.ts";
import { type OnlineNode, OnlineNodes } from "./online-nodes.ts";
import { PlaceCalls } from "./place-calls.ts";

/** What an instance was sure of when it was asked. */
interface Glance {
  readonly views: readonly (Version | null)[];
  /** No call for a place of it was under way. */
  readonly isSure: boolean;
}

/** An answer, and what its instance had to know. */
interface Answer {
  readonly call: Call & { readonly to: Millis };
  readonly glance: Glance;
  /** What had been so since then it had to know by time alone; null: nothing. */
  readonly since: Millis | null;
}

export function judgeLeftOut(theCase: Case): Judge {
  return new LeftOut(theCase);
}

class LeftOut implements Judge {
  readonly property = "S2";
  readonly hears = ["called", "returned", "epoch", "change", "partition", "view", "fault"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("S2");
  readonly #online = new OnlineNodes();
  readonly #placeCalls: PlaceCalls;
  readonly #glances = new Map<number, Glance>();
  /** By instance, then by partition: when its view was last seen to move. */
  readonly #viewedAt: readonly Millis[][];
  /** Instances from whose feed something was taken out: they miss it only when something comes after it. */
  readonly #isSpoilt = new Set<number>();
  #looked = 0;

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
      case "view":
        this.#moved(event);
        break;
      case "fault":
        if (event.name !== "feed_entry_deleted" || event.step !== "inject") break;
        for (let instance = 0; instance < this.#case.instances; instance += 1) {
          if ((event.instance ?? instance) === instance) this.#isSpoilt.add(instance);
        }
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

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#looked,
      measures: [{ name: "looked_for_in_answers", value: this.#looked }],
    });
  }

  #moved({ at, instance, partition }: ViewMoved): void {
    const own = this.#viewedAt[instance];
    if (own !== undefined) own[partition] = at;
  }

  /** It chooses as soon as it is asked; a lookup may take a while, and the view another's place meanwhile. */
  #called(event: Called): void {
    this.#placeCalls.called(event);
    const { call, instance, op } = event;
    if (op !== "select_nodes" && op !== "get_node") return;
    this.#glances.set(call, {
      views: this.#case.scene.views(instance),
      isSure: this.#placeCalls.underWay(instance) === 0,
    });
  }

  #returned(call: Call): void {
    this.#placeCalls.returned(call);
    const glance = this.#glances.get(call.id);
    this.#glances.delete(call.id);
    const { asked, from, instance, op, reply, selected, to } = call;
    if (glance === undefined || to === null || this.#case.timing.wasAway(instance, from, to)) return;
    const answer = { call: { ...call, to }, glance, since: this.#since(call, to) };
    if (op === "get_node") this.#judgeLookup(answer);
    // Without a pool the configuration in force says where to look.
    else if (asked?.count !== undefined && asked.pool !== undefined && selected !== undefined)
      if (reply === "normal" && selected.length < asked.count) this.#judgeSelection(answer);
  }

  /** Since when what is so must be known, however far the instance says that it is. While anything is done to it, and for a while after, it may be further behind. */
  #since({ from, instance, op, read }: Call, to: Millis): Millis | null {
    const { bounds, scene, timing } = this.#case;
    // In a degraded mode, or where the store did not answer in time, what is not known is not claimed.
    const isClaimed = op !== "get_node" || (read?.mode === "normal" && !read.stale);
    const since = from - 2 * bounds.staleness - timing.kept(instance, from - 2 * bounds.staleness, to);
    const mayBeBehind = scene.wasTroubled(instance, since) || timing.presentSince(instance, from) > since;
    return !isClaimed || mayBeBehind || this.#isSpoilt.has(instance) ? null : since;
  }

  #judgeLookup(answer: Answer): void {
    const { call } = answer;
    const { from, instance, node = "", read } = call;
    if (read === undefined) return;
    const partition = this.#online.partitionOf(node);
    if (partition === undefined) return;
    const view = this.#viewOf(answer, partition);
    const known = view !== null && this.#hasInView(answer, view);
    const line = known ? undefined : this.#followed(answer, partition);
    const one = line && this.#online.of(line).get(node);
    if (!known && (one === undefined || !this.#hasLasted(one, answer))) return;
    this.#looked += 1;
    if (read.found) return;
    this.#findings.violate(
      () => [
        `instance ${instance} did not show node ${node}, which ${known ? "its view had" : `had been there for ${inMs(from - (one?.from ?? from))}`}`,
        `asked at ${inMs(from)}, answered from ${read.source}, stale: ${read.stale}, mode ${read.mode}; ${this.#viewText(view)}`,
      ],
      [call.id],
    );
  }

  /** Whether the view has the node, and nothing has happened to it since. */
  #hasInView({ call }: Answer, view: Version): boolean {
    const line = this.#case.truth.line(view.epoch);
    const { instance, node = "", to } = call;
    if (line === undefined || !line.at(node, view.sequence)) return false;
    const isThere = this.#case.scene.view(instance, line.partition)?.epoch === view.epoch;
    return isThere && this.#isUnchanged(line, node, view.sequence, to) && this.#isSeen(line, to);
  }

  #judgeSelection(answer: Answer): void {
    const { call } = answer;
    const { selected = [] } = call;
    const chosen = new Set(selected.map(({ node }) => node));
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      const view = this.#viewOf(answer, partition);
      const followed = this.#followed(answer, partition);
      const line = view === null || view.epoch === followed?.epoch ? followed : this.#case.truth.line(view.epoch);
      if (line === undefined || !this.#isSeen(line, call.to)) continue;
      const isFollowed = followed === line;
      for (const one of this.#online.of(line).values()) {
        if (!this.#isWanted(one, answer, view, isFollowed)) continue;
        this.#looked += 1;
        if (!chosen.has(one.node)) this.#leftOut(call, one, view);
      }
    }
  }

  #isWanted(one: OnlineNode, answer: Answer, view: Version | null, isFollowed: boolean): boolean {
    const { call, glance, since } = answer;
    if (call.asked === undefined || !suits(one.offer, call.asked)) return false;
    if (view !== null && one.sequence <= view.sequence && glance.isSure && this.#case.arePlacesSeen) {
      const places = this.#case.scene.places.of(call.instance, one.node, call.from);
      if (one.jobs + places < one.offer.maxJobs && this.#isUnchanged(one.line, one.node, one.sequence, call.to))
        return true;
    }
    if (!isFollowed || since === null || !this.#hasLasted(one, answer)) return false;
    const places = this.#placeCalls.within(call.instance, one.node, since);
    return this.#mostJobs(one, since, call.to) + places < one.offer.maxJobs;
  }

  /** The version that it was seen to have when it was asked, in the life that it lives; null: none was. */
  #viewOf({ call, glance }: Answer, partition: number): Version | null {
    const { from, instance } = call;
    const viewedAt = this.#viewedAt[instance]?.[partition] ?? Number.NEGATIVE_INFINITY;
    return viewedAt < this.#case.timing.presentSince(instance, from) ? null : (glance.views[partition] ?? null);
  }

  /** The epoch of which it has to know by time; undefined: it may know nothing of it yet. */
  #followed({ call, since }: Answer, partition: number): EpochLine | undefined {
    const { scene, truth } = this.#case;
    if (since === null || scene.reachableSince(call.instance, partition) > since) return undefined;
    const epoch = truth.followedBy(call.instance, partition, call.to)?.epoch;
    return epoch === undefined ? undefined : truth.line(epoch);
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
  #hasLasted({ from, line, node, sequence }: OnlineNode, { call: { to }, since }: Answer): boolean {
    if (since === null || from > since) return false;
    for (let next = line.next(node, sequence); next !== undefined; next = line.next(node, next.sequence)) {
      if (next.since > to) break;
      if (endsIt.has(next.kind)) return false;
    }
    return this.#isSeen(line, to);
  }

  /** The most that it had at a time. */
  #mostJobs({ counts, jobs, line, node, sequence }: OnlineNode, since: Millis, to: Millis): number {
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

  #leftOut({ asked, from, id, instance, selected = [] }: Call, one: OnlineNode, view: Version | null): void {
    this.#findings.violate(
      () => [
        `instance ${instance} did not select node ${one.node}, which suits and has room, though only ${selected.length} of ${asked?.count ?? 0} were found`,
        `asked at ${inMs(from)} in normal for pool ${asked === undefined ? "" : wishText(asked)}; the node had been there since ${inMs(one.from)}; ${this.#viewText(view)}`,
      ],
      [id],
    );
  }

  #viewText(view: Version | null): string {
    return view === null ? "its view was not seen" : `its view was at ${versionText(view)}`;
  }
}

const endsIt: ReadonlySet<string> = new Set(["registered", "offline", "expired", "removed"]);
