/** Takes the choices of a run apart: by pool, among which those of one come before those of the next; and within one for the tests of chance. */
import type { Call, NodeContent, Wish } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import { type PoolOrder, placeOf } from "../../../check/suitable.ts";
import { type Configurations, makeConfigurations } from "../../configuration/configurations.ts";
import type { JobRequested, JudgeEvent } from "../../event.ts";
import type { Findings } from "../../findings.ts";
import type { Case } from "../../judge.ts";
import { type Knowledge, type Moment, makeKnowledge } from "../knowledge.ts";
import type { OnlineNode } from "../online-nodes.ts";
import { makeOpenDispatches, type OpenDispatches } from "../open-dispatches.ts";
import type { PairChoices } from "./pair-choices.ts";
import type { RandomChoices } from "./random-choices.ts";
import { type Candidate, rankOf } from "./rank.ts";
import type { Shares } from "./shares.ts";

interface Tests {
  readonly shares: Shares;
  readonly pairs: PairChoices;
  readonly random: RandomChoices;
}

/** A client's wish, and the pools that have to be searched for it. */
interface Request {
  readonly wish: Wish;
  readonly pools: PoolOrder;
}

/** A node that was shown, or that had to be known. */
interface Placed {
  readonly node: string;
  readonly place: number;
}

/** A node that had to be known, and its rank as the store last held it. */
interface KnownNode extends Placed {
  readonly rank: number;
}

export class Ranking {
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #tests: Tests;
  readonly #configurations: Configurations;
  readonly #knowledge: Knowledge;
  readonly #dispatches: OpenDispatches;
  /** Choices among nodes of different pools. */
  compared = 0;

  constructor(theCase: Case, findings: Findings, tests: Tests) {
    this.#case = theCase;
    this.#findings = findings;
    this.#tests = tests;
    this.#configurations = theCase.scene.part(makeConfigurations, theCase);
    this.#knowledge = theCase.scene.part(makeKnowledge, theCase);
    this.#dispatches = theCase.scene.part(makeOpenDispatches, theCase);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#returned(event.call);
    else if (event.kind === "job_requested") this.#placeAsked(event);
  }

  /** null: there are several pools in which it may have to be searched. */
  #requestOf(call: Pick<Call, "id" | "instance" | "from">, wish: Wish, job: string | null = null): Request | null {
    const orders = this.#configurations.poolsOf(call, wish, job);
    const [pools = null] = orders ?? [];
    return orders?.length === 1 ? { wish, pools } : null;
  }

  #returned(call: Call): void {
    const { asked, from, instance, selected = [], to } = call;
    if (to === null || selected.length === 0) return;
    const moment = this.#knowledge.moment(call, to, call.reply === "normal");
    if (asked === undefined) {
      this.#amongEquals(call, moment, () => 0);
      return;
    }
    const request = this.#requestOf(call, asked);
    if (request === null) return;
    this.#amongEquals(call, moment, (shown) => placeOf(shown, asked, request.pools));
    const placed = selected.flatMap((shown) => placedOf(shown.node, shown, request) ?? []);
    const known = moment === null ? [] : this.#knownIn(moment, request);
    this.#inOrderOfPools(call, placed, asked.count === selected.length ? known : []);
    if (moment !== null && asked.count !== undefined && selected.length < asked.count)
      this.#allShown(call, moment, request);
    const at = from === to ? from : null;
    this.#ofOnePool({ instance, request, chosen: placed.map(({ node }) => node), known, at }, (what) => [
      `instance ${instance} selected ${what}`,
      `asked at ${inMs(from)}`,
    ]);
  }

  /** Nodes of one rank, as shown: those of which it is known how many places the instance counts there. */
  #amongEquals(call: Call, moment: Moment | null, placeOfShown: (shown: NodeContent) => number | null): void {
    if (moment === null) return;
    const ranks = new Map<string, { readonly place: number; readonly rank: number; readonly nodes: NodeContent[] }>();
    const ownPlaces = this.#knowledge.ownPlaces(moment);
    for (const shown of call.selected ?? []) {
      const [place, own] = [placeOfShown(shown), ownPlaces(shown.node)];
      if (place === null || own === null || shown.max_jobs < 1) continue;
      const { current_jobs: jobs, health_milli: healthMilli, max_jobs: maxJobs, node } = shown;
      const rank = rankOf({ node, place, healthMilli, jobs, own, maxJobs });
      const known = ranks.get(`${place} ${rank}`);
      if (known === undefined) ranks.set(`${place} ${rank}`, { place, rank, nodes: [shown] });
      else known.nodes.push(shown);
    }
    const inOrder = [...ranks.values()].sort((a, b) => a.place - b.place || b.rank - a.rank);
    this.#tests.random.chosen(
      call,
      inOrder.map(({ nodes }) => nodes),
    );
  }

  /** An answer with room for more shows all that there was to choose from, so that it is known where requests for places are not observed too. */
  #allShown({ from, id, instance, selected = [] }: Call, moment: Moment, request: Request): void {
    if (this.#case.arePlacesSeen) return;
    const ownPlaces = this.#knowledge.ownPlaces(moment);
    const shown: Candidate[] = [];
    for (const one of selected) {
      const [placed, own] = [placedOf(one.node, one, request), ownPlaces(one.node)];
      if (placed === null || own === null || one.max_jobs < 1) return;
      const { current_jobs: jobs, health_milli: healthMilli, max_jobs: maxJobs } = one;
      shown.push({ ...placed, healthMilli, jobs, own, maxJobs });
    }
    for (const candidates of Map.groupBy(shown, ({ place }) => place).values()) {
      const impossible = this.#tests.pairs.chose(
        instance,
        candidates,
        candidates.map(({ node }) => node),
      );
      if (impossible === null) continue;
      const text = () => [`instance ${instance} selected ${impossible}`, `asked at ${inMs(from)}`];
      this.#findings.violate(text, [id]);
    }
  }

  /** @param others that had to be known, where there was no room for all */
  #inOrderOfPools({ from, id, instance }: Call, placed: readonly Placed[], others: readonly Placed[]): void {
    const chosen = new Set(placed.map(({ node }) => node));
    const passedOver = others.filter(({ node }) => !chosen.has(node));
    const [first, last] = [placed[0], placed.at(-1)];
    if (first === undefined || last === undefined) return;
    if ([...placed, ...passedOver].some(({ place }) => place !== first.place)) this.compared += 1;
    const misplaced = placed.findIndex(({ place }, index) => place < (placed[index - 1]?.place ?? 0));
    const before = placed[misplaced - 1];
    const one = placed[misplaced] ?? passedOver.find(({ place }) => place < last.place);
    if (one === undefined) return;
    const what = before === undefined ? `${placedText(last)} and not` : `${placedText(before)} before`;
    this.#findings.violate(
      () => [
        `instance ${instance} selected node ${what} node ${placedText(one)}, allowed those of the next pool only after all that have room`,
        `asked at ${inMs(from)}`,
      ],
      [id],
    );
  }

  /** The node that a dispatch asks first is the first choice, unless the job may have a place somewhere already. */
  #placeAsked(event: JobRequested): void {
    const { at, instance, job, node } = event;
    const dispatch = this.#dispatches.askedBy(event);
    if (dispatch?.wish === undefined || dispatch.asks.length > 1 || dispatch.former.size > 0) return;
    const request = this.#requestOf(dispatch, dispatch.wish, job);
    const isNormal = this.#case.scene.mode(instance) === "normal";
    const moment = this.#knowledge.moment({ ...dispatch, op: "dispatch" }, at, isNormal);
    if (request === null || moment === null) return;
    const known = this.#knownIn(moment, request);
    const place = known.find((one) => one.node === node)?.place ?? 0;
    const better = known.find((one) => one.place < place);
    if (known.some((one) => one.place !== place)) this.compared += 1;
    if (better !== undefined) {
      this.#findings.violate(
        () => [
          `instance ${instance} asked node ${placedText({ node, place })} first for a place for job ${job}, allowed only one of the first pool that has room, as ${placedText(better)}`,
          `asked at ${inMs(at)}`,
        ],
        [dispatch.id],
      );
    }
    const own = dispatch.from === at ? at : null;
    this.#ofOnePool({ instance, request, chosen: [node], known, at: own, isAsked: true }, (what) => [
      `instance ${instance} asked first ${what}`,
      `for a place for job ${job}, at ${inMs(at)}`,
    ]);
  }

  /** Those that had to be known, and had room. */
  #knownIn(moment: Moment, request: Request): readonly KnownNode[] {
    const found: KnownNode[] = [];
    for (const one of this.#knowledge.eligible(moment, request.wish, [request.pools])) {
      const placed = placedOf(one.node, one.offer, request);
      const { healthMilli, jobs } = one;
      if (placed === null) continue;
      found.push({ ...placed, rank: rankOf({ ...placed, healthMilli, jobs, own: 0, maxJobs: one.offer.maxJobs }) });
    }
    return found;
  }

  /** The choices among the nodes of the first pool that has room. Whether they are judged does not depend on what was chosen. */
  #ofOnePool(
    { at, chosen, instance, isAsked = false, known, request }: Choice,
    text: (what: string) => readonly string[],
  ) {
    const [first = ""] = chosen;
    const { pool = "", services, source, target } = request.wish;
    const firstPlace = Math.min(...known.map(({ place }) => place));
    const inFirst = known.filter(({ place }) => place === firstPlace);
    const certain = new Map(inFirst.map(({ node, rank }) => [node, rank]));
    const kind = JSON.stringify([pool, firstPlace, source, target, services]);
    this.#tests.shares.chose(instance, kind, certain, first);
    if (at === null) return;
    const placeIn = ({ node, offer }: OnlineNode) => placedOf(node, offer, request)?.place ?? null;
    const all = this.#knowledge.candidates(instance, at, placeIn, isAsked ? first : null) ?? [];
    const best = Math.min(...all.map(({ place }) => place));
    const candidates = all.filter(({ place }) => place === best);
    const impossible = this.#tests.pairs.chose(instance, candidates, chosen);
    if (impossible !== null) this.#findings.violate(() => text(impossible));
  }
}

/** Nodes that were chosen for a request, in order. */
interface Choice {
  readonly instance: number;
  readonly request: Request;
  readonly chosen: readonly string[];
  /** Nodes that had to be known, and had room. */
  readonly known: readonly KnownNode[];
  /** The moment of the choice; null: it is not known to the instant. */
  readonly at: number | null;
  /** A place has been asked for on the first by this choice already. */
  readonly isAsked?: boolean;
}

function placedOf(
  node: string,
  offered: Pick<NodeContent, "pools" | "languages" | "services">,
  { pools, wish }: Request,
): Placed | null {
  const place = placeOf(offered, wish, pools);
  return place === null ? null : { node, place };
}

function placedText({ node, place }: Placed): string {
  return `${node} (pool ${place + 1} of those to be searched)`;
}
