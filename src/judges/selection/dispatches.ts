/**
 * S5: a dispatch places its job where an eligible node had room and attempts were left: where one node refuses, it tries the next. It asks no node again that
 * refused for certain, only one of which it does not know what became of the reserve, and that once and before any other node, so that no job has two places.
 * It reserves with the lease that it was given, tries no further node once it is aborted, and ends with the writes that it may make.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { wishText } from "../../check/suitable.ts";
import { type Configurations, makeConfigurations } from "../configuration/configurations.ts";
import type { JobRequested, JudgeEvent, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { judgeAnswer, judgeRepeat, judgeTried } from "./dispatch-answers.ts";
import { type Knowledge, makeKnowledge } from "./knowledge.ts";
import { type Ask, type Dispatch, makeOpenDispatches, nodesAsked, type OpenDispatches } from "./open-dispatches.ts";
import { OpenReserves } from "./open-reserves.ts";

/** Answers that say nothing of the nodes: too many calls are in flight, or the instance or the client has ended it. */
const endsIt: ReadonlySet<string> = new Set(["overloaded", "closed", "aborted"]);

function isCertain({ outcome }: Ask): boolean {
  return ["refused", "placed", "finished", "forgotten", "failed"].includes(outcome);
}

/** Once, and once more where the outcome is not known. */
const mostForOne = 2;

export function judgeDispatches(theCase: Case): Judge {
  return new Dispatches(theCase);
}

class Dispatches implements Judge {
  readonly property = "S5";
  readonly hears = ["returned", ...OpenReserves.hears] as const;
  readonly operations = ["dispatch", "complete_job"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("S5");
  readonly #dispatches: OpenDispatches;
  readonly #knowledge: Knowledge;
  readonly #configurations: Configurations;
  readonly #openReserves: OpenReserves;
  /** Requests that ask what became of an earlier one. */
  readonly #settling = new Set<number>();
  #asked = 0;
  /** Nodes that were asked after another one had refused. */
  #further = 0;
  /** Dispatches that found no node, and were compared with those that there were. */
  #inVain = 0;
  #leased = 0;
  #aborted = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#dispatches = theCase.scene.part(makeOpenDispatches, theCase);
    this.#knowledge = theCase.scene.part(makeKnowledge, theCase);
    this.#configurations = theCase.scene.part(makeConfigurations, theCase);
    this.#openReserves = new OpenReserves(theCase.instances);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "job_requested") this.#placeAsked(event);
    if (event.kind !== "returned") {
      this.#openReserves.on(event);
      return;
    }
    if (event.call.op === "dispatch") this.#returned(event);
    else this.#openReserves.returned(event.call);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#asked,
      measures: [
        { name: "asked_after_a_refusal", value: this.#further },
        { name: "found_no_node", value: this.#inVain },
        { name: "asked_with_a_lease_of_its_own", value: this.#leased },
        { name: "aborted_dispatches", value: this.#aborted },
      ],
    });
  }

  #placeAsked(event: JobRequested): void {
    const dispatch = this.#dispatches.askedBy(event);
    if (dispatch === undefined) return;
    this.#asked += 1;
    const { instance, job, node, request } = event;
    if (this.#openReserves.nodeOf(instance, job) === node) this.#settling.add(request);
    const before = dispatch.asks.slice(0, -1);
    if (before.some(({ outcome }) => outcome === "refused")) this.#further += 1;
    this.#judgeElsewhere(event);
    if (before.length === 0) this.#judgeFirst(event, dispatch);
    this.#judgeAgain(event, before);
    this.#judgeAttempts(event, dispatch);
    this.#judgeLease(event, dispatch);
  }

  #judgeElsewhere({ at, instance, job, node, request }: JobRequested): void {
    const elsewhere = this.#openReserves.nodeOf(instance, job);
    if (elsewhere === undefined || elsewhere === node) return;
    this.#findings.violate(() => [
      `job ${job} was asked a place for on node ${node} while it may have one on node ${elsewhere}, allowed only once that is settled`,
      `request ${request} of instance ${instance} at ${inMs(at)}; it had no answer to the reserve on ${elsewhere}`,
    ]);
  }

  /** Where the instance itself sends its calls. */
  #judgeFirst({ at, instance, job, node, request }: JobRequested, { home }: Dispatch): void {
    if (home === null || node === home || !this.#case.areCallsSeen) return;
    this.#findings.violate(() => [
      `instance ${instance} asked node ${node} first for a place for job ${job}, allowed node ${home}, on which it had placed it`,
      `request ${request} at ${inMs(at)}; nothing had ended that place`,
    ]);
  }

  #judgeAgain({ at, instance, job, node, request }: JobRequested, asks: readonly Ask[]): void {
    const before = this.#withoutAnew(asks, node);
    const same = before.filter((ask) => ask.node === node);
    if (same.length >= mostForOne) {
      this.#findings.violate(() => [
        `instance ${instance} asked node ${node} for a place for job ${job} ${same.length + 1} times in one dispatch, allowed ${mostForOne}`,
        `request ${request} at ${inMs(at)}`,
      ]);
    }
    const isOpen = (ask: Ask): boolean => ask.outcome === "open" && ask.until > at;
    const answered = same.find((ask) => isOpen(ask) || isCertain(ask));
    if (answered !== undefined) {
      const { outcome, reply } = answered;
      this.#findings.violate(() => [
        `instance ${instance} asked node ${node} for a place for job ${job} again, allowed only where the outcome of the first request is not known`,
        `request ${request} at ${inMs(at)}; request ${answered.request} ${outcome === "open" ? "had not ended" : `was answered ${reply}`}`,
      ]);
    }
    const settled = before.find(
      ({ outcome }) => outcome === "placed" || outcome === "finished" || outcome === "forgotten",
    );
    if (settled === undefined || settled.node === node) return;
    this.#findings.violate(() => [
      `instance ${instance} asked node ${node} for a place for job ${job}, allowed none after node ${settled.node} had answered ${settled.reply}`,
      `request ${request} at ${inMs(at)}`,
    ]);
  }

  /** Without the first answer of a node that has finished more jobs than the instance knew, where it asked anew for a place that it had not asked for before. */
  #withoutAnew(asks: readonly Ask[], asked: string): readonly Ask[] {
    const anew = new Set<string>();
    return asks.filter(({ node, outcome, request }, index) => {
      if (outcome !== "forgotten" || this.#settling.has(request) || anew.has(node)) return true;
      anew.add(node);
      return node !== asked && !asks.slice(index + 1).some((later) => later.node === node);
    });
  }

  #judgeAttempts({ at, instance, job, request }: JobRequested, dispatch: Dispatch): void {
    const attempts = this.#attemptsOf(dispatch.wish?.attempts);
    const { size } = nodesAsked(dispatch);
    if (attempts === undefined || size <= attempts) return;
    this.#findings.violate(() => [
      `instance ${instance} asked ${size} nodes for a place for job ${job} in one dispatch, allowed ${attempts}`,
      `request ${request} at ${inMs(at)}`,
    ]);
  }

  #judgeLease({ at, instance, job, lease, node, request }: JobRequested, { wish }: Dispatch): void {
    const asked = wish?.lease ?? this.#case.terms.lease;
    if (wish?.lease !== undefined) this.#leased += 1;
    if (lease === undefined || asked === undefined || lease === asked) return;
    this.#findings.violate(() => [
      `instance ${instance} asked node ${node} for a place for job ${job} for ${inMs(lease)}, allowed ${inMs(asked)} as the dispatch ${wish?.lease === undefined ? "was given none" : "was given"}`,
      `request ${request} at ${inMs(at)}`,
    ]);
  }

  /** How many nodes one may try; undefined: nothing holds it to any number. */
  #attemptsOf(given: number | undefined): number | undefined {
    const { dispatchWrites } = this.#case.terms;
    return given ?? (dispatchWrites === undefined ? undefined : dispatchWrites / mostForOne);
  }

  #returned(returned: Returned): void {
    const { at, call } = returned;
    const dispatch = this.#dispatches.returnedBy(returned);
    this.#judgeDuration(call, call.to ?? at, dispatch);
    if (call.aborted !== undefined) this.#judgeAborted(call, call.aborted, dispatch);
    if (dispatch !== undefined && call.to !== null) this.#judgeReply({ ...call, to: call.to }, dispatch);
  }

  #judgeDuration(
    { asked, from, id, instance, job = "", to }: Call,
    until: Millis,
    dispatch: Dispatch | undefined,
  ): void {
    const { terms, timing } = this.#case;
    const { writeLimit } = terms;
    const attempts = this.#attemptsOf(asked?.attempts);
    // A history that was cut off lacks its end, so it is not known when the call returned.
    if (attempts === undefined || writeLimit === undefined || !Number.isFinite(until)) return;
    if (timing.wasAway(instance, from, until)) return;
    const anew = dispatch?.asks.filter(({ outcome }) => outcome === "forgotten").length ?? 0;
    const writes = attempts * mostForOne + anew;
    const allowed = writes * writeLimit;
    const took = timing.ran(instance, from, until);
    if (to !== null && took <= allowed + timing.grain) return;
    const found = to === null ? `had not returned after ${inMs(took)}` : `took ${inMs(took)}`;
    this.#findings.violate(
      () => [
        `dispatch of job ${job} on instance ${instance} ${found}, allowed ${inMs(allowed)}: ${writes} writes at most`,
        `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
      ],
      [id],
    );
  }

  /** Those that it joined have not been aborted, and go on. */
  #judgeAborted(call: Call, aborted: Millis, dispatch: Dispatch | undefined): void {
    const { from, id, instance, job = "", to } = call;
    const { timing } = this.#case;
    this.#aborted += 1;
    this.#openReserves.aborted(instance, job);
    if (aborted <= from) judgeAnswer(this.#findings, call);
    // One that is paused hears of it when it resumes, after what had to happen before.
    const isOver = (at: Millis): boolean => aborted <= from || timing.ran(instance, aborted, at) > timing.grain;
    const late = dispatch?.id === id ? dispatch.asks.find(({ at }) => isOver(at)) : undefined;
    if (late !== undefined) {
      this.#findings.violate(
        () => [
          `instance ${instance} asked node ${late.node} for a place for job ${job} ${inMs(late.at - aborted)} after its dispatch had been aborted, allowed none`,
          `request ${late.request} at ${inMs(late.at)}`,
        ],
        [id],
      );
    }
    const took = to === null ? Number.POSITIVE_INFINITY : timing.ran(instance, aborted, to);
    if (dispatch?.id !== id || took <= timing.grain) return;
    this.#findings.violate(
      () => [
        `dispatch of job ${job} on instance ${instance} returned ${inMs(took)} after it had been aborted, allowed at once`,
        `aborted at ${inMs(aborted)}`,
      ],
      [id],
    );
  }

  #judgeReply(call: Call & { readonly to: Millis }, dispatch: Dispatch): void {
    const { outcome, reply } = call;
    const last = dispatch.asks.at(-1);
    if (call.aborted !== undefined || endsIt.has(reply) || reply.startsWith("threw")) return;
    if (reply === "no_node") {
      // A second request to a node has settled what was not known of the first one.
      const last = new Map(dispatch.asks.map((ask) => [ask.node, ask]));
      judgeTried(this.#findings, call, nodesAsked(dispatch));
      const denied = [...last.values()].find((ask) => ask.outcome !== "refused" && ask.outcome !== "unclear");
      if (denied === undefined) this.#judgeInVain(call, dispatch);
      else this.#contradicted(call, denied);
    } else if (outcome === "ok") {
      if (last?.reply !== reply && last?.repeated !== reply) this.#contradicted(call, last);
    } else if (last?.outcome === "placed" || last?.outcome === "finished" || this.#hasForgotten(last, dispatch))
      this.#contradicted(call, last);
    else if (last?.outcome === "unknown" && this.#case.areCallsSeen) judgeRepeat(this.#findings, call, dispatch);
    else if (last === undefined || last.outcome === "refused" || last.outcome === "forgotten")
      this.#judgeUnasked(call, dispatch);
  }

  /** For good: the second time, or where a place is asked for that it had asked for before. Else it asks anew, which may fail before it is sent. */
  #hasForgotten(last: Ask | undefined, { asks }: Dispatch): boolean {
    if (last?.outcome !== "forgotten") return false;
    const earlier = asks.some(
      ({ node, outcome, request }) => outcome === "forgotten" && node === last.node && request !== last.request,
    );
    return earlier || this.#settling.has(last.request);
  }

  /** A failure without a request that failed: allowed only where the instance may not be able to send one. */
  #judgeUnasked(call: Call & { readonly to: Millis }, { from, id }: Dispatch): void {
    const { instance, job = "", reply, to } = call;
    const isNormal = this.#case.scene.mode(instance) === "normal";
    const moment = this.#knowledge.moment({ id, instance, from, op: "dispatch" }, to, isNormal);
    if (moment === null || moment.since === null) return;
    this.#findings.violate(
      () => [
        `dispatch of job ${job} on instance ${instance} was answered ${reply}, though no request had failed, allowed only in a degraded mode`,
        `asked at ${inMs(call.from)} in normal, undisturbed since ${inMs(moment.since ?? from)}`,
      ],
      [call.id],
    );
  }

  #contradicted({ from, id, instance, job = "", reply }: Call, ask: Ask | undefined): void {
    const found = ask === undefined ? "no node had been asked" : `node ${ask.node} had answered ${ask.reply}`;
    this.#findings.violate(
      () => [
        `dispatch of job ${job} on instance ${instance} was answered ${reply}, though ${found}, allowed what the last node answered`,
        `asked at ${inMs(from)}`,
      ],
      [id],
    );
  }

  /** It may only have found none where all that it had to know have refused, or its attempts were used. */
  #judgeInVain(call: Call & { readonly to: Millis }, dispatch: Dispatch): void {
    const { from, id, instance, job = "", to } = call;
    const { wish } = dispatch;
    const asked = nodesAsked(dispatch);
    const attempts = this.#attemptsOf(wish?.attempts);
    const isNormal = this.#case.scene.mode(instance) === "normal";
    const moment = this.#knowledge.moment(
      { id: dispatch.id, instance, from: dispatch.from, op: "dispatch" },
      to,
      isNormal,
    );
    const orders = wish && this.#configurations.poolsOf(dispatch, wish, job);
    if (wish === undefined || !orders || moment === null || attempts === undefined || asked.size >= attempts) return;
    this.#inVain += 1;
    for (const one of this.#knowledge.eligible(moment, wish, orders)) {
      if (asked.has(one.node)) continue;
      this.#findings.violate(
        () => [
          `dispatch of job ${job} on instance ${instance} found no node, though node ${one.node} suits and had room, allowed only once ${attempts} nodes had been tried`,
          `asked at ${inMs(from)} for ${wishText(wish, orders.at(-1))}; tried ${[...asked].join(", ") || "none"}; ${one.node} had been there since ${inMs(one.from)}`,
        ],
        [id],
      );
      return;
    }
  }
}
