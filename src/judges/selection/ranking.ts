/**
 * The order of candidates (docs/instance.md): those of one pool before those of the next, and of one pool the best band of health first. A worse
 * node stands before no better one, and takes no place that a better one could have had.
 */
import type { Call, NodeContent, Wish } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { type PoolOrder, placeOf } from "../../check/suitable.ts";
import { type Configurations, makeConfigurations } from "../configuration/configurations.ts";
import type { JobRequested, JudgeEvent } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import { type Eligible, type Knowledge, type Moment, makeKnowledge } from "./knowledge.ts";
import { makeOpenDispatches, type OpenDispatches } from "./open-dispatches.ts";

/** Within so many thousandths of health no node is better than another. */
const width = 50;

/** 0 is the worst. The best band has a thousandth more than the others. */
function bandOf(healthMilli: number): number {
  return Math.min(1_000 / width - 1, Math.floor(healthMilli / width));
}

/** A node among the candidates. */
interface Ranked {
  readonly node: string;
  readonly place: number;
  readonly healthMilli: number;
}

function isBetter(one: Ranked, other: Ranked): boolean {
  return one.place === other.place ? bandOf(one.healthMilli) > bandOf(other.healthMilli) : one.place < other.place;
}

function isEqual(one: Ranked, other: Ranked): boolean {
  return !isBetter(one, other) && !isBetter(other, one);
}

function rankedText({ healthMilli, node, place }: Ranked): string {
  return `${node} (health ${healthMilli / 1_000}, pool ${place + 1} of those to be searched)`;
}

/** What the selection was asked for, and the pools in which that has to be searched. */
interface Request {
  /** null: it was not taken down, and only health is looked at. */
  readonly wish: Wish | null;
  readonly pools: PoolOrder;
}

type Asked = Request & { readonly wish: Wish };

const unasked: Request = { wish: null, pools: null };

export class Ranking {
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #configurations: Configurations;
  readonly #knowledge: Knowledge;
  readonly #dispatches: OpenDispatches;
  /** Choices among nodes of different ranks. */
  compared = 0;

  constructor(theCase: Case, findings: Findings) {
    this.#case = theCase;
    this.#findings = findings;
    this.#configurations = theCase.scene.part(makeConfigurations, theCase);
    this.#knowledge = theCase.scene.part(makeKnowledge, theCase);
    this.#dispatches = theCase.scene.part(makeOpenDispatches, theCase);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#returned(event.call);
    else if (event.kind === "job_requested") this.#placeAsked(event);
  }

  /** The nodes of a selection, each rank by itself, in order; none where it is not known in which pools it had to be searched. */
  ranksOf(call: Call): readonly (readonly NodeContent[])[] {
    const { asked, selected = [] } = call;
    const request = asked === undefined ? unasked : this.#requestOf(call, asked);
    const ranks: NodeContent[][] = [];
    let last: Ranked | null = null;
    for (const shown of request === null ? [] : selected) {
      const rank = rankOf(shown, request ?? unasked);
      if (rank === null) break; // it does not suit, so that its place says nothing
      if (last !== null && isEqual(last, rank)) ranks.at(-1)?.push(shown);
      else ranks.push([shown]);
      last = rank;
    }
    return ranks;
  }

  /** null: there are several in which it may have to be searched. */
  #requestOf(call: Pick<Call, "id" | "instance" | "from">, wish: Wish, job: string | null = null): Asked | null {
    const orders = this.#configurations.poolsOf(call, wish, job);
    const [pools = null] = orders ?? [];
    return orders?.length === 1 ? { wish, pools } : null;
  }

  #returned(call: Call): void {
    const { asked, selected = [], to } = call;
    const request = asked && this.#requestOf(call, asked);
    if (!request || to === null || selected.length === 0) return;
    const ranked = selected.flatMap((shown) => rankOf(shown, request) ?? []);
    const isFull = asked?.count !== undefined && selected.length >= asked.count;
    const moment = isFull ? this.#knowledge.moment(call, to, call.reply === "normal") : null;
    const others = moment === null ? [] : this.#othersOf(moment, request, new Set(selected.map(({ node }) => node)));
    const [first] = ranked;
    if (first === undefined) return;
    if ([...ranked, ...others].some((one) => !isEqual(first, one))) this.compared += 1;
    for (const [index, one] of ranked.entries()) {
      const before = ranked[index - 1];
      if (before !== undefined && isBetter(one, before)) this.#misplaced(call, before, one);
    }
    const last = ranked.at(-1) ?? first;
    for (const one of others) if (isBetter(one, last)) this.#passedOver(call, last, one);
  }

  /** The first node that a dispatch asks is the best, unless the job may have a place somewhere already. */
  #placeAsked(event: JobRequested): void {
    const { at, instance, job, node } = event;
    const dispatch = this.#dispatches.askedBy(event);
    if (dispatch?.wish === undefined || dispatch.asks.length > 1 || dispatch.former.size > 0) return;
    const request = this.#requestOf(dispatch, dispatch.wish, job);
    const isNormal = this.#case.scene.mode(instance) === "normal";
    const moment = this.#knowledge.moment({ ...dispatch, op: "dispatch" }, at, isNormal);
    if (request === null || moment === null) return;
    const candidates = [...this.#knowledge.eligible(moment, request.wish, [request.pools])];
    const asked = candidates.find(({ isExact, one }) => isExact && one.node === node);
    const chosen = asked && rankedOf(asked, request);
    if (!chosen) return;
    const others = candidates.flatMap((one) => rankedOf(one, request) ?? []);
    if (others.some((one) => !isEqual(chosen, one))) this.compared += 1;
    const better = others.find((one) => isBetter(one, chosen));
    if (better === undefined) return;
    this.#findings.violate(
      () => [
        `instance ${instance} asked node ${rankedText(chosen)} first for a place for job ${job}, allowed only one of the best rank, as ${rankedText(better)}`,
        `asked at ${inMs(at)}`,
      ],
      [dispatch.id],
    );
  }

  /** Those that had to be known, and were not chosen. */
  #othersOf(moment: Moment, request: Asked, chosen: ReadonlySet<string>): readonly Ranked[] {
    const found: Ranked[] = [];
    for (const eligible of this.#knowledge.eligible(moment, request.wish, [request.pools])) {
      const ranked = chosen.has(eligible.one.node) ? null : rankedOf(eligible, request);
      if (ranked !== null) found.push(ranked);
    }
    return found;
  }

  #misplaced({ from, id, instance }: Call, before: Ranked, one: Ranked): void {
    this.#findings.violate(
      () => [
        `instance ${instance} selected node ${rankedText(before)} before node ${rankedText(one)}, allowed only the better rank first`,
        `asked at ${inMs(from)}; ranks are the pools in order, then bands of ${width} thousandths of health`,
      ],
      [id],
    );
  }

  #passedOver({ from, id, instance }: Call, last: Ranked, one: Ranked): void {
    this.#findings.violate(
      () => [
        `instance ${instance} selected node ${rankedText(last)} and not node ${rankedText(one)}, allowed only the best that there is room for`,
        `asked at ${inMs(from)}; ranks are the pools in order, then bands of ${width} thousandths of health`,
      ],
      [id],
    );
  }
}

function rankOf(shown: NodeContent, { pools, wish }: Request): Ranked | null {
  const place = wish === null ? 0 : placeOf(shown, wish, pools);
  return place === null ? null : { node: shown.node, place, healthMilli: shown.health_milli };
}

function rankedOf({ healthMilli, one }: Eligible, { pools, wish }: Asked): Ranked | null {
  const place = placeOf(one.offer, wish, pools);
  return place === null ? null : { node: one.node, place, healthMilli };
}
