/**
 * Facts about nodes and jobs by the calls of all clients, without observing the store: intervals in which something is
 * certain, and the answers that contradict it. The harness is the only client, so anything that no client did has not
 * been done. A system with keys of its own is judged by this.
 */
import type { Millis, NodeOffer } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Called, FaultStep, JudgeEvent, Returned } from "../event.ts";
import type { Case } from "../judge.ts";
import type { Part } from "../scene.ts";
import { RefusedHeartbeats, whyRefused } from "../writes/refused-heartbeats.ts";
import { Contradictions } from "./contradictions.ts";
import { type Contradiction, CutOff, whyNotWritten, whySent } from "./cut-off.ts";
import { type Dispatched, type InFlight, JobRules } from "./job-rules.ts";
import { keepsTheStore } from "./keeps-the-store.ts";
import { KnownJobs } from "./known-jobs.ts";
import { type Answered, KnownNode, type LastIncarnation } from "./known-node.ts";
import { type Known, NodeRules } from "./node-rules.ts";
import { Sweeps } from "./sweeps.ts";

export class ClientCalls implements Part {
  readonly hears = ["called", "returned", "fault"] as const;
  readonly contradictions = new Contradictions();
  readonly sweeps: Sweeps;
  readonly #rules: NodeRules;
  readonly #jobRules: JobRules;
  readonly #cutOff: CutOff;
  readonly #refusedBeats = new RefusedHeartbeats();
  readonly #case: Pick<Case, "bounds" | "terms" | "timing">;
  readonly #nodes = new Map<string, Known>();
  readonly #inFlight = new Map<number, InFlight>();
  /** By registration or goodbye in flight: the incarnation that there certainly was as it was called. */
  readonly #lastIncarnations = new Map<number, LastIncarnation>();
  /** By job: the dispatches that were called; and how many of all of them may have placed a job on any node. */
  readonly #dispatched = new Map<string, Dispatched>();
  #openDispatches = 0;
  #cameByDispatch = 0;
  #repeats = 0;
  /** Faults in force under which the store may be any. */
  #losing = 0;

  constructor(theCase: Pick<Case, "bounds" | "instances" | "scene" | "terms" | "timing">) {
    const { instances, scene } = theCase;
    this.#case = theCase;
    this.sweeps = new Sweeps(theCase);
    this.#cutOff = new CutOff(instances, this.contradictions);
    this.#rules = new NodeRules(this.contradictions, this.sweeps);
    this.#jobRules = new JobRules(this.contradictions, this.#rules, scene.wasTroubled.bind(scene));
  }

  on(event: JudgeEvent): void {
    if (event.kind === "called") this.#called(event);
    else if (event.kind === "returned") this.#returned(event);
    else if (event.kind === "fault") this.#fault(event);
  }

  conclude(property: PropertyId): Judgement {
    this.#refusedBeats.judge((call, why) => this.contradictions.found("N1", [whyRefused(call, why)], [call.id]));
    return this.contradictions.conclude(property, this.sweeps);
  }

  /** Those that a client has ever registered. */
  get nodes(): Iterable<readonly [string, Known]> {
    return this.#nodes;
  }

  /** The most jobs that a node may have had at some moment since. */
  mostSince({ jobs }: Known, from: Millis, to: Millis): number {
    return jobs.possible + jobs.leftSince(from) + jobs.forgottenDuring(from, to) + this.#openDispatches;
  }

  /** undefined: no client has ever registered it. */
  known(node: string): Known | undefined {
    return this.#nodes.get(node);
  }

  #of(node: string): Known {
    const known = this.#nodes.get(node);
    if (known !== undefined) return known;
    const own = new KnownNode(this.#case.terms);
    const made = { node: own, jobs: new KnownJobs(own, this.#case.terms) };
    this.#nodes.set(node, made);
    this.sweeps.nodes = this.#nodes.size;
    return made;
  }

  #fault(event: FaultStep): void {
    const { at, name, step } = event;
    this.sweeps.fault(event);
    this.#cutOff.fault(event);
    this.#refusedBeats.fault(at);
    if (name === "command_repeated" && step === "inject") this.#repeats += 1;
    if (keepsTheStore.has(name)) return;
    this.#losing += step === "inject" ? 1 : -1;
    for (const known of this.#nodes.values()) forget(known, at);
  }

  #called({ at, call, job, node, offer, op, ...asked }: Called): void {
    if (op === "dispatch") {
      const { count, from, lease, open } = this.#dispatched.get(job) ?? {
        count: 0,
        open: 0,
        from: at,
        lease: Number.POSITIVE_INFINITY,
      };
      const asks = asked.asked?.lease ?? this.#lease;
      const since = { from: Math.min(from, at), lease: Math.min(lease, asks) };
      this.#dispatched.set(job, { ...since, count: count + 1, open: open + 1 });
      this.#openDispatches += 1;
      this.#cameByDispatch += 1;
      return;
    }
    if (node === "" || op === "get_node") return;
    const known = this.#of(node);
    if (op === "register_node" || op === "offline_node") {
      this.#lastIncarnations.set(call, known.node.lastIncarnation);
      this.#departing(known, at, op, offer);
    }
    if (op === "heartbeat") known.node.beatCalled(call, at);
    if (job === "") return;
    const { jobs } = known;
    this.#lapse(known, at);
    const own = jobs.of(job);
    this.#inFlight.set(call, {
      possible: jobs.possible + this.#openDispatches,
      came: jobs.came + this.#cameByDispatch,
      mayHold: jobs.mayHold(job) || (this.#dispatched.get(job)?.open ?? 0) > 0,
      isFirst: own.givers === 0,
      asked: own.asked + (this.#dispatched.get(job)?.count ?? 0),
      completes: own.completes,
      takings: own.takings,
      heldUntil: own.takers === 0 ? jobs.heldUntil(job, at) : Number.NEGATIVE_INFINITY,
      dueAt: jobs.dueAt(job),
      hasLapsed: jobs.hasLapsed(job),
    });
    if (op === "reserve_job") jobs.askedFor(job, at, asked.lease ?? this.#lease);
    else jobs.takingOf(job, at, op === "complete_job");
  }

  #lapse({ jobs }: Known, at: Millis): void {
    jobs.lapse(at, (due) => this.sweeps.doneBy(due, at));
  }

  get #lease(): Millis {
    return this.#case.terms.lease ?? 0;
  }

  #departing({ jobs, node }: Known, at: Millis, op: "register_node" | "offline_node", offer: NodeOffer | undefined) {
    node.called(at, op, offer);
    jobs.mayBeLost();
  }

  #returned({ call }: Returned): void {
    const { node = "", to } = call;
    if (call.op === "heartbeat") this.#refusedBeats.returned(call);
    if (to === null) return;
    this.#cutOff.answered(call, (cutAt) => this.#whyUntrue({ ...call, to }, cutAt));
    this.#answered(call as Answered, node);
    if (this.#losing > 0 && node !== "") forget(this.#of(node), to);
  }

  #whyUntrue(call: Answered, cutAt: Millis): Contradiction | null {
    const { from, instance, outcome, to } = call;
    if (outcome === "ok") return whyNotWritten(call, cutAt);
    const { bounds, terms, timing } = this.#case;
    const allowed = (terms.writesStopBy ?? Number.POSITIVE_INFINITY) + bounds.budget;
    if (from - cutAt - timing.kept(instance, cutAt, from) <= allowed || timing.wasAway(instance, cutAt, to))
      return null;
    if (outcome === "fail") this.contradictions.compared("D6");
    return whySent(call, cutAt, allowed);
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
    const { from, id, op, reply } = call;
    const before = this.#lastIncarnations.get(id);
    this.#lastIncarnations.delete(id);
    if (isLast && before !== undefined) this.#rules.ended(node, call, before);
    if (isLast && reply === (op === "register_node" ? "registered" : "offline")) jobs.lostBefore(from, call.to);
  }

  #heartbeat({ jobs, node }: Known, call: Answered): void {
    const { from, incarnation, outcome, reply, running = [], to } = call;
    node.beatReturned(call);
    for (const job of running) jobs.named(job, to);
    if (outcome !== "ok") return;
    if (reply === "renewed") {
      this.#rules.renewed(node, call);
      for (const job of running) jobs.renewed(job, from, to);
      node.renewed(call);
      return;
    }
    const own = incarnation === undefined ? undefined : node.incarnations.get(incarnation);
    if (own === undefined) return;
    if (reply === "not_online" || reply === "unknown_node") this.#rules.gone(node, call);
    else this.#rules.turnedAway(node, call);
  }

  #dispatchReturned(call: Answered): void {
    const { asked, from, job = "", node, outcome, reply } = call;
    if (this.#repeats > 0) return; // it may have placed the job anywhere, or may yet
    if (outcome === "info") {
      if (node !== undefined && node !== "") this.#mayBePlaced(call, node, job);
      return;
    }
    this.#dispatchEnded(job);
    if (outcome !== "ok" || node === undefined || (reply !== "reserved" && reply !== "already")) return;
    const { jobs } = this.#of(node);
    const dispatched = this.#dispatched.get(job);
    const before = jobs.of(job).asked + (dispatched?.count ?? 0);
    const known = jobs.askedFor(job, from, asked?.lease ?? this.#lease);
    known.givers -= 1;
    known.givenAt = call.to;
    const mayHold = true; // it may have asked twice itself
    this.#jobRules.placed(this.#of(node), call, { asked: before - 1, wasHeld: false, mayHold, dispatched });
  }

  #dispatchEnded(job: string): void {
    this.#openDispatches -= 1;
    const dispatched = this.#dispatched.get(job);
    if (dispatched !== undefined) this.#dispatched.set(job, { ...dispatched, open: dispatched.open - 1 });
  }

  /** The others that it asked had answered before. */
  #mayBePlaced({ asked, from }: Answered, node: string, job: string): void {
    this.#dispatchEnded(job);
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
      if (outcome === "ok" && before !== undefined)
        this.#jobRules.reserved(known, call, {
          ...before,
          wasHeld: this.#wasHeld(known, call, before),
          most: this.#mostDuring(known, call, before),
          dispatched: this.#dispatched.get(job),
        });
      if (before !== undefined) this.#refused(known, call, before);
      return;
    }
    own.takenAt = call.to;
    if (isOver) own.takers -= 1;
    if (isOver && outcome === "fail") known.jobs.spare(job, call);
    if (outcome === "ok" && before !== undefined)
      this.#jobRules.taken(known, call, { ...before, wasHeld: this.#wasHeld(known, call, before) });
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
}

function forget({ jobs, node }: Known, at: Millis): void {
  node.forget(at);
  jobs.forget();
}
