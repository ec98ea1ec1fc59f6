/** The dispatches that are in flight, and for each the nodes that its instance has asked for a place so far, in order. */
import type { Millis, Wish } from "../../check/history.ts";
import type {
  Called,
  Changed,
  InstanceChanged,
  JobRequestEnded,
  JobRequested,
  JobServed,
  JudgeEvent,
  Returned,
} from "../event.ts";
import type { Case } from "../judge.ts";
import type { Part } from "../scene.ts";

/**
 * The outcome of a request for a place, as the instance knows it. `failed`: it certainly did not happen. `forgotten`:
 * the node may have finished the job before, and no longer knows. `unclear`: the answer is of another epoch than the
 * one that the instance has to follow, so that the instance may have dropped the answer.
 */
type Outcome = "open" | "placed" | "refused" | "finished" | "forgotten" | "unknown" | "unclear" | "failed";

export interface Ask {
  readonly at: Millis;
  readonly request: number;
  readonly node: string;
  /** When its sender gives up waiting, though nothing has said so yet. */
  readonly until: Millis;
  outcome: Outcome;
  /** The first word of the store's reply, or why it failed. */
  reply: string;
  /** That of a second run, where the network had repeated the request: either may be what the instance heard. */
  repeated: string | null;
  /** The epoch in which the store answered. */
  epoch: string | null;
}

export interface Dispatch {
  /** The first of the calls that share it. */
  readonly id: number;
  readonly instance: number;
  readonly job: string;
  readonly from: Millis;
  readonly wish: Wish | undefined;
  readonly asks: Ask[];
  /** Nodes on which the instance may have placed the job before: it may ask there first, whatever they offer. */
  readonly former: ReadonlySet<string>;
  /** The one on which it has its place for certain, so that it has to ask there first; null: none. */
  readonly home: string | null;
  /** Calls that share it and have not returned. */
  calls: number;
}

/** One instance, in one life. */
interface Dispatcher {
  /** Job -> its dispatch. */
  readonly open: Map<string, Dispatch>;
  /** Job -> the nodes that dispatches have asked for a place and that may have given it one. */
  readonly placed: Map<string, Set<string>>;
  /** Job -> the node on which a dispatch has placed it, as long as nothing is known or asked that may end that. */
  readonly homes: Map<string, string>;
}

/** Failures of which it is not known whether the request was carried out. All others are given before a script's first write. */
const unknownFailures: ReadonlySet<string> = new Set(["deadline", "disconnected", "aborted", "closed", "protocol"]);
const outcomes: Readonly<Record<string, Outcome>> = {
  reserved: "placed",
  already: "placed",
  finished: "finished",
  finished_unknown: "forgotten",
  full: "refused",
  not_online: "refused",
};

export function makeOpenDispatches(theCase: Case): OpenDispatches {
  return new OpenDispatches(theCase);
}

export class OpenDispatches implements Part {
  readonly hears = [
    ...(["called", "returned", "job_requested", "job_served", "job_request_ended"] as const),
    ...(["instance", "change", "orphans_reported"] as const),
  ] as const;
  readonly #case: Case;
  readonly #dispatchers: readonly Dispatcher[];
  /** Request -> the question that it asks, of those without an answer. */
  readonly #asks = new Map<number, { readonly dispatch: Dispatch; readonly ask: Ask; readonly partition: number }>();
  /** The dispatch that the call which has just returned was one of. */
  #ended: Dispatch | null = null;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#dispatchers = Array.from({ length: theCase.instances }, () => ({
      ...{ open: new Map(), placed: new Map(), homes: new Map() },
    }));
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "called":
        if (event.op === "dispatch") this.#called(event);
        else if (ends.has(event.op)) this.#mayEnd(event.job);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "job_requested":
        if (event.script === "reserve_job") this.#requested(event);
        break;
      case "job_served":
        this.#served(event);
        break;
      case "job_request_ended":
        this.#answered(event);
        break;
      case "instance":
        this.#instance(event);
        break;
      case "change":
        this.#changed(event);
        break;
      case "orphans_reported":
        for (const job of event.jobs) this.#dispatchers[event.instance]?.homes.delete(job);
        break;
      default:
        break;
    }
  }

  /** The dispatch that a request is made for, which is the last of its asks; undefined: it is made for none. */
  askedBy({ instance, job, request }: JobRequested): Dispatch | undefined {
    const dispatch = this.#dispatchers[instance]?.open.get(job);
    return dispatch?.asks.at(-1)?.request === request ? dispatch : undefined;
  }

  /** The dispatch that a call which has just returned was one of. */
  returnedBy({ call }: Returned): Dispatch | undefined {
    const ended = this.#ended;
    return ended !== null && ended.job === call.job && ended.instance === call.instance ? ended : undefined;
  }

  /** One for a job that is being dispatched joins that dispatch. */
  #called({ asked: wish, at: from, call: id, instance, job }: Called): void {
    const own = this.#dispatchers[instance];
    if (own === undefined) return;
    const joined = own.open.get(job);
    if (joined !== undefined) {
      joined.calls += 1;
      return;
    }
    // It remembers only so many.
    const isKept = own.homes.size < (this.#case.terms.maxEntries ?? Number.POSITIVE_INFINITY);
    const home = isKept ? (own.homes.get(job) ?? null) : null;
    const places = { former: own.placed.get(job) ?? noNodes, home };
    own.open.set(job, { id, instance, job, from, wish, asks: [], ...places, calls: 1 });
  }

  #returned({ call }: Returned): void {
    const { instance, job = "", node, op, outcome, reply } = call;
    const own = this.#dispatchers[instance];
    if (ends.has(op)) {
      this.#mayEnd(job);
      // It has its place nowhere any longer, unless it was dispatched again, to another node.
      if (reply === "completed" && own?.placed.get(job)?.has(node ?? "")) own.placed.delete(job);
    }
    if (op !== "dispatch") return;
    if (outcome === "ok" && placing.has(reply) && node !== undefined) own?.homes.set(job, node);
    else own?.homes.delete(job);
    const dispatch = own?.open.get(job);
    this.#ended = dispatch ?? null;
    if (own === undefined || dispatch === undefined) return;
    dispatch.calls -= 1;
    if (dispatch.calls > 0) return;
    own.open.delete(job);
    const placed = dispatch.asks.filter(({ outcome }) => outcome !== "refused" && outcome !== "failed");
    if (placed.length > 0) own.placed.set(job, new Set([...dispatch.former, ...placed.map(({ node }) => node)]));
  }

  #requested({ at, deadline, instance, job, node, partition, request }: JobRequested): void {
    const dispatch = this.#dispatchers[instance]?.open.get(job);
    if (dispatch === undefined) return;
    const ask: Ask = {
      at,
      request,
      node,
      until: at + deadline,
      outcome: "open",
      reply: "",
      repeated: null,
      epoch: null,
    };
    dispatch.asks.push(ask);
    this.#asks.set(request, { dispatch, ask, partition });
  }

  #served({ line, reply, request }: JobServed): void {
    const ask = this.#asks.get(request)?.ask;
    if (ask === undefined) return;
    if (ask.epoch !== null) ask.repeated = reply;
    else [ask.epoch, ask.reply] = [line.epoch, reply];
  }

  #answered({ at, instance, outcome, request }: JobRequestEnded): void {
    const known = this.#asks.get(request);
    if (known === undefined) return;
    this.#asks.delete(request);
    const { ask, partition } = known;
    if (outcome === "answered") {
      const isFollowed = this.#isFollowed(instance, partition, ask.epoch, at);
      const outcome = outcomes[ask.reply] ?? "unclear";
      const isSame = ask.repeated === null || outcomes[ask.repeated] === outcome;
      ask.outcome = isFollowed && isSame ? outcome : "unclear";
    } else {
      ask.reply = outcome;
      ask.outcome = unknownFailures.has(outcome) ? "unknown" : "failed";
    }
  }

  #isFollowed(instance: number, partition: number, epoch: string | null, at: Millis): boolean {
    const { scene, truth } = this.#case;
    return (
      scene.view(instance, partition)?.epoch === epoch && truth.followedBy(instance, partition, at)?.epoch === epoch
    );
  }

  #instance({ instance, state }: InstanceChanged): void {
    const own = this.#dispatchers[instance];
    if (state !== "crashed" || own === undefined) return;
    own.open.clear();
    own.placed.clear();
    own.homes.clear();
  }

  #mayEnd(job: string): void {
    for (const { homes } of this.#dispatchers) homes.delete(job);
  }

  /** Handles a change that ends places without a client's call: that of one job, or those of all jobs of a node. */
  #changed({ entry: { kind, node } }: Changed): void {
    if (!placeEnds.has(kind)) return;
    for (const { homes } of this.#dispatchers) for (const [job, home] of homes) if (home === node) homes.delete(job);
  }
}

const ends: ReadonlySet<string> = new Set(["complete_job", "release_job"]);
const placing: ReadonlySet<string> = new Set(["reserved", "already"]);
const placeEnds: ReadonlySet<string> = new Set(["registered", "offline", "expired", "removed", "lapsed"]);

const noNodes: ReadonlySet<string> = new Set();

/** How many different nodes have been asked. */
export function nodesAsked({ asks }: Pick<Dispatch, "asks">): ReadonlySet<string> {
  return new Set(asks.map(({ node }) => node));
}
