/** The rules for answers about jobs: each is an interval rule that no correct system can break. */
import type { Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Case } from "../judge.ts";
import type { Contradictions } from "./contradictions.ts";
import type { Answered } from "./known-node.ts";
import type { Known, NodeRules } from "./node-rules.ts";

/** Dispatches of one job: how many, how many of them may place it yet, since when, and the shortest lease that one asked for. */
export interface Dispatched {
  readonly count: number;
  readonly open: number;
  readonly from: Millis;
  readonly lease: Millis;
}

/** A call in flight, and what was known as it was made. */
export interface InFlight {
  readonly possible: number;
  readonly came: number;
  readonly mayHold: boolean;
  /** No reserve of the job that was called before may give it a place later. */
  readonly isFirst: boolean;
  readonly asked: number;
  readonly completes: number;
  /** Completes and releases of the job that were called before it. */
  readonly takings: number;
  /** Until when the job certainly has its place; minus infinity: it may have none. */
  readonly heldUntil: Millis;
  /** When its lease was over at the latest; infinity: it may be longer, or renewed. */
  readonly dueAt: Millis;
  /** Its place has certainly ended with its lease. */
  readonly hasLapsed: boolean;
}

interface WasHeld {
  /** It certainly had its place from the call to the answer, but for what the call itself did. */
  readonly wasHeld: boolean;
}

interface Placing extends WasHeld {
  readonly asked: number;
  readonly dispatched: Dispatched | undefined;
  /** Whether it may have had its place as it was asked for, and whether that has certainly ended with its lease. */
  readonly mayHold: boolean;
  readonly hasLapsed?: boolean;
}

export class JobRules {
  readonly #contradictions: Contradictions;
  readonly #nodes: NodeRules;
  readonly #isTroubled: Case["scene"]["wasTroubled"];

  constructor(contradictions: Contradictions, nodes: NodeRules, isTroubled: Case["scene"]["wasTroubled"]) {
    this.#contradictions = contradictions;
    this.#nodes = nodes;
    this.#isTroubled = isTroubled;
  }

  /** @param before with the most jobs that the node may have had meanwhile, without this one */
  reserved(known: Known, call: Answered, before: InFlight & Placing & { readonly most: number }): void {
    const { id, job = "", node, reply } = call;
    if (before.wasHeld) this.#contradictions.compared("J3");
    switch (reply) {
      case "reserved":
      case "already":
        this.placed(known, call, before);
        return;
      case "full":
        this.#nodes.full(known, call, before.most);
        return;
      case "finished":
        if (before.completes > 0 || known.jobs.of(job).completes > 0) return;
        this.#found("J3", `job ${job} was answered to be finished on node ${node}, allowed only after a complete`, id);
        return;
      case "finished_unknown":
        if (known.jobs.completes > 0) return;
        this.#found(
          "J3",
          `job ${job} was refused as perhaps finished on node ${node}, allowed only where jobs have been completed`,
          id,
        );
        return;
      case "not_online":
        this.#nodes.gone(known.node, call);
        return;
      default:
        break;
    }
  }

  /** J3: a place is given once, to what has not been finished; J2: never more than the capacity. */
  placed(known: Known, call: Answered, { dispatched, wasHeld, ...before }: Placing): void {
    const { from, id, job = "", node, reply, to } = call;
    const { jobs } = known;
    if (jobs.of(job).completes > 0) this.#contradictions.compared("J3");
    this.#nodes.there(known.node, call);
    const placed = `job ${job} was ${reply} on node ${node}`;
    if (reply === "reserved" && wasHeld)
      this.#found("J3", `${placed} while it certainly had its place, allowed already`, id);
    const askedAgain = jobs.of(job).asked + (dispatched?.count ?? 0) - before.asked > 1;
    if (reply === "already" && !before.mayHold && !askedAgain) this.#neverPlaced(call, before);
    if (jobs.isFinished(job, from, to))
      this.#found("J3", `${placed} after it had been completed there, allowed finished`, id);
    const earliest = Math.min(dispatched?.from ?? Number.POSITIVE_INFINITY, jobs.of(job).askedAt);
    const shortest = Math.min(dispatched?.lease ?? Number.POSITIVE_INFINITY, jobs.of(job).lease);
    jobs.placed(job, call, (reply === "reserved" ? from : earliest) + shortest);
    this.#nodes.capacity(known, call);
  }

  /** Under a fault any call may ask twice itself. */
  #neverPlaced(
    { from, id, instance, job, node }: Answered,
    { asked, hasLapsed }: Pick<Placing, "asked" | "hasLapsed">,
  ) {
    if (this.#isTroubled(instance, from)) return;
    const words = `job ${job} was answered to have its place on node ${node} already, allowed`;
    const allowed = asked === 0 ? "only after a reserve" : "reserved or finished: it had no place any longer";
    this.#found("J3", `${words} ${allowed}`, id, hasLapsed);
  }

  /** D4: a place that is certain is found; J5: also by what its lease was renewed for. J3: what was never reserved is not completed. */
  taken(known: Known, call: Answered, before: InFlight & WasHeld): void {
    const { from, id, job = "", node, op, reply, to } = call;
    const { jobs } = known;
    if (before.wasHeld) for (const property of ["D4", "J3"] as const) this.#contradictions.compared(property);
    const isRepeated = op === "complete_job" && jobs.isEndedByComplete(job, from, to);
    if (isRepeated) this.#contradictions.compared("J3");
    if (before.wasHeld && to > jobs.of(job).firstUntil) this.#contradictions.compared("J5");
    if (reply === "completed") {
      const words = `${op} was answered completed for job ${job} on node ${node}, allowed`;
      if (before.asked === 0) this.#found("J3", `${words} only after a reserve`, id);
      else if (before.completes === 0 && !before.mayHold) {
        for (const property of before.hasLapsed ? (["J3", "J5"] as const) : (["J3"] as const))
          this.#found(property, `${words} unknown: it had no place any longer`, id, before.hasLapsed);
      }
      if (before.dueAt < from && before.completes === 0) this.#nodes.sweeps.late("lease", before.dueAt, from);
      jobs.taken(job, call, op === "complete_job");
      return;
    }
    if (reply !== "unknown") return;
    if (isRepeated)
      this.#found(
        "J3",
        `a repeated ${op} was answered unknown for job ${job} on node ${node}, allowed completed: nothing else ended it`,
        id,
      );
    jobs.missed(job, call);
    const isOnline = known.node.onlineSince(to) !== null && known.node.isQuietSince(from);
    if (isOnline && before.heldUntil > 0 && before.heldUntil <= to) {
      this.#nodes.sweeps.ended("lease");
      this.#contradictions.compared("J5");
    }
    if (!before.wasHeld) return;
    const words = `${op} did not find job ${job} on node ${node}, allowed completed: its place was acknowledged and nothing took it`;
    for (const property of ["D4", "J5"] as const)
      this.#contradictions.found(property, [words, `answered at ${inMs(to)}`], [id]);
  }

  /** @param isByEnd it is wrong only where the system ends in time what is due */
  #found(property: PropertyId, words: string, id: number, isByEnd = false): void {
    this.#contradictions.found(property, [words], [id], isByEnd);
  }
}
