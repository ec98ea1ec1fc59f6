/**
 * Facts about nodes and jobs by the calls of all clients, without observing the store: intervals in which something is
 * certain, and the answers that contradict it. The harness is the only client, so anything that no client did has not
 * been done. A system with keys of its own is judged by this.
 */
import type { Millis, NodeOffer } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Called, FaultStep, JudgeEvent, Returned } from "../event.ts";
import type { Case } from "../judge.ts";
import type { Part } from "../scene.ts";
import { Contradictions } from "./contradictions.ts";
import { KnownJobs } from "./known-jobs.ts";
import { type Answered, KnownNode } from "./known-node.ts";
import { type Known, NodeRules } from "./node-rules.ts";
import { Sweeps } from "./sweeps.ts";

/** Faults that leave what the store holds as it was, and its clock. After any other it may have lost anything. */
const keepsTheStore: ReadonlySet<string> = new Set([
  ...["redis_latency", "redis_bandwidth", "redis_blackhole", "redis_refused", "redis_reset", "redis_half_open"],
  ...["redis_slow_close", "redis_sliced", "redis_pause", "wake_up_dropped", "client_broken"],
  ...["reply_lost", "command_delayed", "command_held", "command_repeated"],
  ...["script_flush", "client_kill", "client_pause", "feed_entry_deleted", "slot_migration"],
  ...["redis_busy", "redis_out_of_memory", "redis_readonly", "redis_loading"],
  ...["instance_crash", "instance_pause", "instance_slow"],
]);

/** Dispatches of one job: how many, since when, and the shortest lease that one asked for. */
interface Dispatched {
  readonly count: number;
  readonly from: Millis;
  readonly lease: Millis;
}

/** A call in flight, and what was known as it was made. */
interface InFlight {
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
}

export class ClientCalls implements Part {
  readonly hears = ["called", "returned", "fault"] as const;
  readonly contradictions = new Contradictions();
  readonly sweeps: Sweeps;
  readonly #rules = new NodeRules(this.contradictions);
  readonly #terms: Case["terms"];
  readonly #nodes = new Map<string, Known>();
  readonly #inFlight = new Map<number, InFlight>();
  /** By job: the dispatches that were called; and how many of all of them may have placed a job on any node. */
  readonly #dispatched = new Map<string, Dispatched>();
  #openDispatches = 0;
  #cameByDispatch = 0;
  #repeats = 0;
  /** Faults in force under which the store may be any. */
  #losing = 0;

  readonly #isTroubled: (instance: number, since: Millis) => boolean;

  constructor(theCase: Pick<Case, "instances" | "scene" | "terms" | "timing">) {
    const { scene, terms } = theCase;
    this.#terms = terms;
    this.sweeps = new Sweeps(theCase);
    this.#isTroubled = scene.wasTroubled.bind(scene);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "called") this.#called(event);
    else if (event.kind === "returned") this.#returned(event);
    else if (event.kind === "fault") this.#fault(event);
  }

  /** Those that a client has ever registered. */
  get nodes(): Iterable<readonly [string, Known]> {
    return this.#nodes;
  }

  /** The most jobs that a node may have had at some moment since. */
  mostSince({ jobs }: Known, from: Millis, to: Millis): number {
    return jobs.possible + jobs.leftSince(from) + jobs.forgottenDuring(from, to) + this.#openDispatches;
  }

  /** How many nodes clients have ever registered. */
  get count(): number {
    return this.#nodes.size;
  }

  /** undefined: no client has ever registered it. */
  known(node: string): Known | undefined {
    return this.#nodes.get(node);
  }

  #of(node: string): Known {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const own = new KnownNode(this.#terms);
    const made = { node: own, jobs: new KnownJobs(own, this.#terms) };
    this.#nodes.set(node, made);
    return made;
  }

  #fault({ at, name, step }: FaultStep): void {
    if (name === "command_repeated" && step === "inject") this.#repeats += 1;
    if (keepsTheStore.has(name)) return;
    this.#losing += step === "inject" ? 1 : -1;
    for (const known of this.#nodes.values()) forget(known, at);
  }

  #called({ at, call, job, node, offer, op, ...asked }: Called): void {
    if (op === "dispatch") {
      const { count, from, lease } = this.#dispatched.get(job) ?? {
        count: 0,
        from: at,
        lease: Number.POSITIVE_INFINITY,
      };
      const asks = asked.asked?.lease ?? this.#lease;
      this.#dispatched.set(job, { count: count + 1, from: Math.min(from, at), lease: Math.min(lease, asks) });
      this.#openDispatches += 1;
      this.#cameByDispatch += 1;
      return;
    }
    if (node === "" || op === "get_node") return;
    const known = this.#of(node);
    if (op === "register_node" || op === "offline_node") this.#departing(known, at, op, offer);
    if (op === "heartbeat") known.node.beatCalled(call, at);
    if (job === "") return;
    const { jobs } = known;
    this.#lapse(known, at);
    const own = jobs.of(job);
    this.#inFlight.set(call, {
      possible: jobs.possible + this.#openDispatches,
      came: jobs.came + this.#cameByDispatch,
      mayHold: jobs.mayHold(job),
      isFirst: own.givers === 0,
      asked: own.asked + (this.#dispatched.get(job)?.count ?? 0),
      completes: own.completes,
      takings: own.takings,
      heldUntil: own.takers === 0 ? jobs.heldUntil(job, at) : Number.NEGATIVE_INFINITY,
    });
    if (op === "reserve_job") jobs.askedFor(job, at, asked.lease ?? this.#lease);
    else jobs.takingOf(job, at, op === "complete_job");
  }

  #lapse({ jobs }: Known, at: Millis): void {
    jobs.lapse(at, (due) => this.sweeps.doneBy(due, at, this.#nodes.size));
  }

  get #lease(): Millis {
    return this.#terms.lease ?? 0;
  }

  #departing({ jobs, node }: Known, at: Millis, op: "register_node" | "offline_node", offer: NodeOffer | undefined) {
    node.called(at, op, offer);
    jobs.mayBeLost();
  }

  #returned({ call }: Returned): void {
    const { node = "", to } = call;
    if (to === null) return;
    this.#answered(call as Answered, node);
    if (this.#losing > 0 && node !== "") forget(this.#of(node), to);
  }

  #answered(answered: Answered, node: string): void {
    switch (answered.op) {
      case "dispatch":
        this.#dispatchReturned(answered);
        break;
      case "register_node":
      case "offline_node":
        this.#departed(this.#of(node), answered);
        break;
      case "heartbeat":
        this.#heartbeat(this.#of(node), answered);
        break;
      case "reserve_job":
      case "complete_job":
      case "release_job":
        this.#jobReturned(this.#of(node), answered);
        break;
      default:
        break;
    }
  }

  #departed({ jobs, node }: Known, call: Answered): void {
    const isLast = node.returned(call, this.#repeats > 0);
    const { from, op, reply } = call;
    if (isLast && reply === (op === "register_node" ? "registered" : "offline")) jobs.lostBefore(from, call.to);
  }

  #heartbeat({ jobs, node }: Known, call: Answered): void {
    const { from, incarnation, outcome, reply, running = [], to } = call;
    node.beatReturned(call);
    for (const job of running) jobs.named(job, to);
    if (outcome !== "ok") return;
    if (reply === "renewed") {
      if (node.isOverdue(to)) this.contradictions.compared("N4");
      this.#rules.renewed(node, call);
      for (const job of running) jobs.renewed(job, from, to);
      node.renewed(call);
      return;
    }
    const own = incarnation === undefined ? undefined : node.incarnations.get(incarnation);
    if (own !== undefined && (reply === "not_online" || reply === "unknown_node")) this.#gone(node, call);
  }

  /** Where no client has ended it, the system has. */
  #gone(node: KnownNode, call: Answered): void {
    if (node.offer !== null && node.isQuietSince(call.from)) this.sweeps.seen();
    this.#rules.presence(node, call);
  }

  #dispatchReturned(call: Answered): void {
    const { asked, from, job = "", node, outcome, reply } = call;
    if (this.#repeats > 0) return; // it may have placed the job anywhere, or may yet
    if (outcome === "info") {
      if (node !== undefined && node !== "") this.#mayBePlaced(call, node, job);
      return;
    }
    this.#openDispatches -= 1;
    if (outcome !== "ok" || node === undefined || (reply !== "reserved" && reply !== "already")) return;
    const { jobs } = this.#of(node);
    const dispatched = this.#dispatched.get(job);
    const before = jobs.of(job).asked + (dispatched?.count ?? 0);
    const known = jobs.askedFor(job, from, asked?.lease ?? this.#lease);
    known.givers -= 1;
    known.givenAt = call.to;
    this.#judgePlaced(this.#of(node), call, { asked: before - 1 }, false);
  }

  /** The others that it asked had answered before. */
  #mayBePlaced({ asked, from }: Answered, node: string, job: string): void {
    this.#openDispatches -= 1;
    this.#of(node).jobs.askedFor(job, from, asked?.lease ?? this.#lease);
  }

  #jobReturned(known: Known, call: Answered): void {
    const { id, job = "", op, outcome } = call;
    const before = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    const own = known.jobs.of(job);
    const isOver = outcome !== "info" && this.#repeats === 0;
    if (op === "reserve_job") {
      own.givenAt = call.to;
      if (isOver) own.givers -= 1;
      if (outcome === "ok" && before !== undefined) this.#reserveAnswered(known, call, before);
      if (before !== undefined) this.#refused(known, call, before);
      return;
    }
    own.takenAt = call.to;
    if (isOver) own.takers -= 1;
    if (outcome === "ok" && before !== undefined) this.#takingAnswered(known, call, before);
  }

  /** A job whose reserve gave it no place has none, unless another call may have given it one. */
  #refused({ jobs }: Known, { job = "", outcome, reply, to }: Answered, before: InFlight): void {
    const isAlone = before.isFirst && jobs.of(job).asked === before.asked + 1 && !this.#dispatched.has(job);
    const isRefused = outcome === "ok" && reply !== "reserved" && reply !== "already";
    if (isAlone && this.#repeats === 0 && (isRefused || (outcome === "fail" && !before.mayHold))) jobs.refused(job, to);
  }

  /** Whether the job certainly had its place from a call to its answer, but for what the call itself did. */
  #wasHeld({ jobs, node }: Known, { from, job = "", op, to }: Answered, before: InFlight): boolean {
    const own = op === "reserve_job" ? 0 : 1;
    return before.heldUntil > to && jobs.of(job).takings === before.takings + own && node.isQuietSince(from);
  }

  /** The most jobs that a node may have had during a reserve, without the job itself. */
  #mostDuring({ jobs }: Known, { from, to }: Answered, before: InFlight): number {
    const came = jobs.came + this.#cameByDispatch - before.came;
    return before.possible + came - (before.mayHold ? 0 : 1) + jobs.forgottenDuring(from, to);
  }

  #reserveAnswered(known: Known, call: Answered, before: InFlight): void {
    const { contradictions } = this;
    const { id, job = "", node, reply } = call;
    const isHeld = this.#wasHeld(known, call, before);
    if (isHeld) contradictions.compared("J3");
    switch (reply) {
      case "reserved":
      case "already":
        this.#judgePlaced(known, call, before, isHeld);
        return;
      case "full":
        this.#rules.full(known, call, this.#mostDuring(known, call, before));
        return;
      case "finished":
        if (before.completes > 0 || known.jobs.of(job).completes > 0) return;
        contradictions.found(
          "J3",
          [`job ${job} was answered to be finished on node ${node}, allowed only after a complete`],
          [id],
        );
        return;
      case "finished_unknown":
        if (known.jobs.completes > 0) return;
        contradictions.found(
          "J3",
          [`job ${job} was refused as perhaps finished on node ${node}, allowed only where jobs have been completed`],
          [id],
        );
        return;
      case "not_online":
        this.#gone(known.node, call);
        return;
      default:
        break;
    }
  }

  /** J3: a place is given once, to what has not been finished; J2: never more than the capacity. */
  #judgePlaced(known: Known, call: Answered, before: Pick<InFlight, "asked">, wasHeld: boolean): void {
    const { contradictions } = this;
    const { from, id, instance, job = "", node, op, reply, to } = call;
    const { jobs } = known;
    if (jobs.of(job).completes > 0) contradictions.compared("J3");
    if (reply === "reserved" && wasHeld) {
      contradictions.found(
        "J3",
        [`job ${job} was reserved on node ${node} while it certainly had its place, allowed already`],
        [id],
      );
    }
    // A dispatch may ask twice itself, and under a fault so may any call.
    if (reply === "already" && before.asked === 0 && op !== "dispatch" && !this.#isTroubled(instance, from)) {
      contradictions.found(
        "J3",
        [`job ${job} was answered to have its place on node ${node} already, allowed only after a reserve`],
        [id],
      );
    }
    if (jobs.isFinished(job, from, to)) {
      contradictions.found(
        "J3",
        [`job ${job} was ${reply} on node ${node} after it had been completed there, allowed finished`],
        [id],
      );
    }
    const dispatched = this.#dispatched.get(job);
    const earliest = Math.min(dispatched?.from ?? Number.POSITIVE_INFINITY, jobs.of(job).askedAt);
    const shortest = Math.min(dispatched?.lease ?? Number.POSITIVE_INFINITY, jobs.of(job).lease);
    jobs.placed(job, call, (reply === "reserved" ? from : earliest) + shortest);
    this.#rules.capacity(known, call);
  }

  /** D4: a place that is certain is found; J5: also by what its lease was renewed for. J3: what was never reserved is not completed. */
  #takingAnswered(known: Known, call: Answered, before: InFlight): void {
    const { contradictions } = this;
    const { id, job = "", node, op, reply, to } = call;
    const { jobs } = known;
    const isComplete = op === "complete_job";
    const wasHeld = this.#wasHeld(known, call, before);
    if (wasHeld) for (const property of ["D4", "J3"] as const) contradictions.compared(property);
    if (reply === "completed") {
      if (before.asked === 0) {
        contradictions.found(
          "J3",
          [`${op} was answered completed for job ${job} on node ${node}, allowed only after a reserve`],
          [id],
        );
      } else if (before.completes === 0 && !before.mayHold) {
        contradictions.found(
          "J3",
          [`${op} was answered completed for job ${job} on node ${node}, allowed unknown: it had no place any longer`],
          [id],
        );
      }
      jobs.taken(job, call, isComplete);
      return;
    }
    if (reply !== "unknown") return;
    jobs.missed(job, call);
    if (before.heldUntil > 0 && before.heldUntil <= to && known.node.isQuietSince(call.from)) this.sweeps.seen();
    if (!wasHeld) return;
    contradictions.found(
      "D4",
      [
        `${op} did not find job ${job} on node ${node}, allowed completed: its place was acknowledged and nothing took it`,
        `answered at ${inMs(to)}`,
      ],
      [id],
    );
  }
}

function forget({ jobs, node }: Known, at: Millis): void {
  node.forget(at);
  jobs.forget();
}
