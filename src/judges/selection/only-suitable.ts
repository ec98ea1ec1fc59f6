/**
 * S1: a selection returns only nodes that are online, are in a pool that the request names or the configuration in force prescribes, suit what was asked
 * for, and have room as far as the instance can know: by its view, and by the places that it has asked for there and its view does not show yet. The store
 * would refuse what is too much, at the price of a call. A dispatch asks no other nodes either.
 */
import { type Call, type NodeContent, type Version, versionText, type Wish } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { type PoolOrder, suits, whyUnsuited, wishText } from "../../check/suitable.ts";
import { type Configurations, makeConfigurations } from "../configuration/configurations.ts";
import type { Called, JobRequested, JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, HeldNode } from "../truth.ts";
import { type Knowledge, makeKnowledge } from "./knowledge.ts";
import { type Dispatch, makeOpenDispatches, type OpenDispatches } from "./open-dispatches.ts";

export function judgeSelections(theCase: Case): Judge {
  return new Selections(theCase);
}

class Selections implements Judge {
  readonly property = "S1";
  readonly hears = ["called", "returned", "job_requested"] as const;
  readonly operations = ["select_nodes", "dispatch", "reserve_job"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("S1");
  readonly #configurations: Configurations;
  readonly #knowledge: Knowledge;
  readonly #dispatches: OpenDispatches;
  /** Instance and job -> the call that first asked for a place there. A later one asks first where the job may have its place, whatever that node offers. */
  readonly #first = new Map<string, number>();
  #compared = 0;
  /** Nodes that were selected while places of the instance's own were in flight there. */
  #narrow = 0;
  /** Nodes that were selected where the configuration had to choose the pool. */
  #configured = 0;
  #asked = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#configurations = theCase.scene.part(makeConfigurations, theCase);
    this.#knowledge = theCase.scene.part(makeKnowledge, theCase);
    this.#dispatches = theCase.scene.part(makeOpenDispatches, theCase);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "called") this.#called(event);
    else if (event.kind === "job_requested") this.#placeAsked(event);
    else if (event.kind === "returned") this.#answered(event.call);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#compared,
      measures: [
        { name: "selected_beside_own_places", value: this.#narrow },
        { name: "selected_by_configuration", value: this.#configured },
        { name: "asked_by_dispatches", value: this.#asked },
      ],
    });
  }

  #answered(call: Call): void {
    if (call.selected !== undefined) this.#selected(call, call.selected);
    else if (call.op === "dispatch") this.#placed(call);
  }

  #selected(call: Call, selected: readonly NodeContent[]): void {
    const { asked, from, id, instance } = call;
    const most = asked?.count ?? Number.POSITIVE_INFINITY;
    if (selected.length > most) {
      this.#findings.violate(
        () => [
          `instance ${instance} selected ${selected.length} nodes, allowed ${most} as asked for`,
          `asked at ${inMs(from)}`,
        ],
        [id],
      );
    }
    if (asked !== undefined) this.#judgeSearched(call, asked);
    const pools = asked && this.#likeliest(call, asked, selected);
    const before = new Set<string>();
    for (const shown of selected) {
      if (asked !== undefined) this.#compared += 1;
      if (asked?.pool === undefined && pools) this.#configured += 1;
      const own = this.#case.scene.places.of(instance, shown.node, from);
      if (own > 0) this.#narrow += 1;
      const isAgain = before.has(shown.node);
      before.add(shown.node);
      const wrong = isAgain ? " twice, allowed once" : (whyUnfit(shown, asked, pools) ?? whyFull(shown, own));
      if (wrong === null) continue;
      const { node, version } = shown;
      this.#findings.violate(
        () => [
          `instance ${instance} selected node ${node}${wrong}`,
          `asked at ${inMs(from)}, node version ${versionText(version)}`,
        ],
        [id],
      );
    }
  }

  /** Judges the pools that an answer names as searched: the prescribed ones, in order, until enough nodes are found. */
  #judgeSearched(call: Call, asked: Wish): void {
    const { from, id, instance, searched, selected = [] } = call;
    const orders = searched && this.#configurations.poolsOf(call, asked);
    if (!orders) return;
    const isWhole = selected.length < (asked.count ?? 0);
    const isRight = (order: readonly string[]): boolean =>
      searched.every((pool, place) => pool === order[place]) && (!isWhole || searched.length === order.length);
    if (orders.some((order) => isRight(order ?? []))) return;
    this.#findings.violate(
      () => [
        `instance ${instance} says that it searched the pools ${searched.join(", ") || "(none)"}, allowed ${orders.at(-1)?.join(", ") || "(none)"} in order until enough are found`,
        `asked at ${inMs(from)} for ${wishText(asked, orders.at(-1))}; ${selected.length} of ${asked.count ?? 0} nodes were found`,
      ],
      [id],
    );
  }

  /** The pools that explain the answer, where some do; else the last ones that may have been prescribed. */
  #likeliest(call: Call, asked: Wish, selected: readonly NodeContent[]): PoolOrder {
    const orders = this.#configurations.poolsOf(call, asked) ?? [null];
    const explains = (pools: PoolOrder): boolean => selected.every((shown) => suits(shown, asked, pools));
    const [explanation] = [...orders.filter(explains), ...orders.slice(-1)];
    return explanation ?? null;
  }

  #placeAsked(event: JobRequested): void {
    const dispatch = this.#dispatches.askedBy(event);
    if (dispatch?.wish === undefined || isFormer(dispatch, event.node)) return;
    const { at, instance, job, node, partition, request } = event;
    const orders = this.#configurations.poolsOf(dispatch, dispatch.wish, job);
    const view = this.#viewOf(dispatch, partition, at);
    const line = view && this.#case.truth.line(view.epoch);
    if (orders === null || !view || !line || this.#case.scene.view(instance, partition)?.epoch !== view.epoch) return;
    this.#asked += 1;
    const { wish } = dispatch;
    const isEligible = (held: HeldNode): boolean => isFree(held) && orders.some((pools) => suits(held, wish, pools));
    if (wasEver(line, node, view.sequence, isEligible)) return;
    this.#findings.violate(
      () => [
        `instance ${instance} asked node ${node} for a place for job ${job}, allowed only a node with room that suits`,
        `request ${request} at ${inMs(at)} for ${wishText(wish, orders.at(-1))}; its view was at ${versionText(view)} when the dispatch began`,
      ],
      [dispatch.id],
    );
  }

  #called({ call, instance, job, op }: Called): void {
    const key = `${instance} ${job}`;
    if (op !== "select_nodes" && !this.#first.has(key)) this.#first.set(key, call);
  }

  /** Holds the answer to what the node was from the view on with which the dispatch began: also where its requests are not seen. */
  #placed(call: Call): void {
    const { asked, from, id, instance, job = "", node, reply, to, version } = call;
    if (reply !== "reserved" || asked === undefined || node === undefined || version === undefined || to === null)
      return;
    const line = this.#case.truth.line(version.epoch);
    const orders = this.#configurations.poolsOf(call, asked, job);
    const isFirst = this.#first.get(`${instance} ${job}`) === id;
    const view = isFirst && line ? this.#viewOf({ from, id, instance }, line.partition, to) : null;
    if (orders === null || !line || view?.epoch !== line.epoch) return;
    const isEligible = (held: HeldNode): boolean =>
      held.status === "online" && orders.some((pools) => suits(held, asked, pools));
    if (wasEver(line, node, view.sequence, isEligible)) return;
    this.#findings.violate(
      () => [
        `instance ${instance} placed job ${job} on node ${node}, allowed only an online node that suits`,
        `asked at ${inMs(from)} for ${wishText(asked, orders.at(-1))}; its view was at ${versionText(view)} then, and the answer is of ${versionText(version)}`,
      ],
      [id],
    );
  }

  #viewOf(
    { from, id, instance }: Pick<Dispatch, "from" | "id" | "instance">,
    partition: number,
    at: number,
  ): Version | null {
    const moment = this.#knowledge.moment({ id, instance, from, op: "dispatch" }, at, false);
    return moment && this.#knowledge.viewOf(moment, partition);
  }
}

/** Where the job may have a place already is asked first. */
function isFormer({ asks, former }: Dispatch, node: string): boolean {
  return former.has(node) && asks.every((ask) => ask.node === node);
}

function isFree({ currentJobs, maxJobs, status }: HeldNode): boolean {
  return status === "online" && currentJobs < maxJobs;
}

/** Whether the node was as shown at a sequence or at any time since; also where it is not known what it was. */
function wasEver(line: EpochLine, node: string, sequence: number, isSo: (held: HeldNode) => boolean): boolean {
  const held = line.at(node, sequence);
  if (held === undefined || (held !== null && isSo(held))) return true;
  for (let next = line.next(node, sequence); next !== undefined; next = line.next(node, next.sequence)) {
    const { record } = next;
    if (record === undefined || (record !== null && isSo(record))) return true;
  }
  return false;
}

function whyUnfit(shown: NodeContent, asked: Wish | undefined, pools: PoolOrder | undefined): string | null {
  const why = whyUnsuited(shown, asked, pools);
  return why === null ? null : `, which it knew ${why}, allowed only an online node that suits`;
}

function whyFull({ current_jobs: counted, max_jobs: most }: NodeContent, own: number): string | null {
  if (counted + own < most) return null;
  return `, which had no room as far as it knew: ${counted} jobs and ${own} pending reservations of its own, allowed below max_jobs ${most}`;
}
