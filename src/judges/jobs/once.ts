/** J3: a job operation that runs again after its reply was lost changes nothing a second time; and only what has its place is said to have it already. */
import { type Call, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Changed, JobRequestEnded, JobRequested, JobServed, JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry, Truth } from "../truth.ts";
import { LateReserves } from "./late-reserves.ts";
import { RepeatedCalls } from "./repeated-calls.ts";

/** A request for a job, from its sending on. */
interface Asked {
  readonly instance: number;
  /** Script, node and job. */
  readonly operation: string;
  hasRun: boolean;
  isUnanswered: boolean;
}

/** The jobs of a node that have been completed in an epoch. */
interface Finished {
  /** Job -> how many had been completed with it. */
  readonly jobs: Map<string, number>;
  /** How many have been. */
  count: number;
  /** With the node's record went what it had finished before: then a late reserve may come again. */
  isForgotten: boolean;
}

export function judgeJobOnce(theCase: Case): Judge {
  return new JobOnce(theCase);
}

class JobOnce implements Judge {
  readonly property = "J3";
  readonly hears = [
    ...(["change", "returned", "lost_reply", "resolved"] as const),
    ...(["job_requested", "job_served", "job_request_ended", "instance"] as const),
  ] as const;
  readonly operations = ["dispatch", "reserve_job", "complete_job", "release_job"] as const;
  readonly #truth: Truth;
  readonly #terms: Case["terms"];
  /** How many of the jobs that it has finished a node is remembered. */
  readonly #doneMax: number;
  readonly #findings = new Findings("J3");
  /** Node -> how many jobs it has completed, in all epochs. */
  readonly #completed = new Map<string, number>();
  readonly #finished = new Map<EpochLine, Map<string, Finished>>();
  readonly #requests = new Map<number, Asked>();
  /** Operations that have run without an answer to their sender. */
  readonly #unheard = new Set<string>();
  #repeatedAtStore = 0;
  /** As far as clients can tell. */
  readonly #repeatedCalls: RepeatedCalls;
  readonly #late: LateReserves;

  constructor(theCase: Case) {
    this.#truth = theCase.truth;
    this.#terms = theCase.terms;
    this.#doneMax = theCase.terms.doneMax ?? Number.POSITIVE_INFINITY;
    this.#repeatedCalls = new RepeatedCalls(theCase);
    this.#late = new LateReserves(this.#findings);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "change":
        this.#changed(event);
        break;
      case "job_requested":
        this.#requested(event);
        break;
      case "job_served":
        this.#served(event);
        break;
      case "job_request_ended":
        this.#ended(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#died(event.instance);
        break;
      case "returned":
        this.#late.returned(event.call);
        this.#returned(event.call);
        this.#repeatedCalls.on(event);
        break;
      default:
        this.#repeatedCalls.on(event);
    }
  }

  finish(): Judgement {
    this.#late.judge();
    return this.#findings.conclude({
      exercised: Math.max(this.#repeatedAtStore, this.#repeatedCalls.count()),
      measures: [{ name: "late_reserves_of_finished_jobs", value: this.#late.met }],
    });
  }

  #changed(changed: Changed): void {
    const { at, entry, line } = changed;
    this.#late.changed(changed);
    const { job, node } = entry;
    const wrong = job === null ? null : this.#wrongness(line, entry, line.places(node, entry.sequence - 1)?.has(job));
    this.#finish(line, entry);
    if (wrong === null) {
      this.#count(changed);
      return;
    }
    this.#findings.violate(() => [
      `job ${job} was ${entry.kind} on node ${node} ${wrong}, allowed once`,
      `sequence ${entry.sequence} of epoch ${line.epoch}, at ${inMs(at)}`,
    ]);
  }

  /** @param isHeld undefined: it is not known */
  #wrongness(line: EpochLine, { job, kind, node }: LineEntry, isHeld: boolean | undefined): string | null {
    if (kind !== "reserved") return isHeld === false ? "while it was not reserved" : null;
    if (this.#isRemembered(line, node, job ?? "")) return "after it had been completed";
    return isHeld === true ? "while it was reserved already" : null;
  }

  /** Whether the store has to know that the job was completed on the node. */
  #isRemembered(line: EpochLine, node: string, job: string): boolean {
    const own = this.#finished.get(line)?.get(node);
    const finishedAs = own?.jobs.get(job);
    if (own !== undefined && finishedAs !== undefined) return own.count - finishedAs < this.#doneMax;
    // A completion in an earlier epoch counts only where the store cannot have forgotten it for later ones.
    const mayBeForgotten = own?.isForgotten === true || (this.#completed.get(node) ?? 0) > this.#doneMax;
    return !mayBeForgotten && line.finished(node, job, 0);
  }

  #finish(line: EpochLine, { job, kind, node }: LineEntry): void {
    if (kind !== "completed" && kind !== "removed") return;
    const byNode = this.#finished.get(line) ?? new Map<string, Finished>();
    this.#finished.set(line, byNode);
    const own = byNode.get(node) ?? { jobs: new Map<string, number>(), count: 0, isForgotten: false };
    byNode.set(node, own);
    if (job !== null) {
      own.count += 1;
      own.jobs.set(job, own.count);
      this.#completed.set(node, (this.#completed.get(node) ?? 0) + 1);
    }
    if (kind !== "removed") return;
    own.jobs.clear();
    own.isForgotten = true;
  }

  /** A node counts what was ever completed on it, by which a late reserve of a job that it has forgotten is refused. */
  #count({ at, entry, line }: Changed): void {
    const { kind, node, record, sequence } = entry;
    if (kind !== "completed" && kind !== "registered") return;
    const isKnown = line.knownFrom(node) < sequence;
    const before = isKnown ? line.at(node, sequence - 1) : undefined;
    const [counted, found] = [record?.finished, before === null ? 0 : before?.finished];
    if (counted === undefined || found === undefined) return;
    const allowed = kind === "completed" ? found + 1 : found;
    if (counted === allowed) return;
    this.#findings.violate(() => [
      `node ${node} was ${kind} with finished ${counted}, allowed ${allowed}: ${found} jobs had been completed on it`,
      `sequence ${sequence} of epoch ${line.epoch}, at ${inMs(at)}`,
    ]);
  }

  #requested(event: JobRequested): void {
    this.#late.requested(event);
    const { instance, job, node, request, script } = event;
    const operation = `${script} ${node.length}:${node}${job}`;
    this.#requests.set(request, { instance, operation, hasRun: false, isUnanswered: false });
    this.#remember(event);
  }

  /** A job is remembered for as long as the settings say: no shorter, or a late reserve brings it back; and no longer, or the store fills up. */
  #remember({ at, doneFor, doneMax, instance, job, node }: JobRequested): void {
    const { doneFor: promisedFor = doneFor, doneMax: promisedMax = doneMax } = this.#terms;
    if (doneFor === promisedFor && doneMax === promisedMax) return;
    if (doneFor === undefined || doneMax === undefined) return;
    this.#findings.violate(() => [
      `complete_job asked that job ${job} be remembered for ${inMs(doneFor)} among ${doneMax}, allowed ${inMs(promisedFor ?? 0)} among ${promisedMax}`,
      `node ${node}, instance ${instance}, at ${inMs(at)}`,
    ]);
  }

  #served(event: JobServed): void {
    const { request } = event;
    this.#late.served(event);
    const asked = this.#requests.get(request);
    if (asked === undefined) return;
    if (this.#unheard.has(asked.operation)) this.#repeatedAtStore += 1;
    asked.hasRun = true;
    // It may have been given up before it ever arrived.
    if (asked.isUnanswered) this.#unheard.add(asked.operation);
  }

  #ended(event: JobRequestEnded): void {
    const { outcome, request } = event;
    this.#late.ended(event);
    const asked = this.#requests.get(request);
    if (asked === undefined) return;
    if (outcome === "deadline" || outcome === "disconnected") this.#giveUp(asked);
    else this.#requests.delete(request);
  }

  #died(instance: number): void {
    for (const asked of this.#requests.values()) if (asked.instance === instance) this.#giveUp(asked);
  }

  /** Also where the store has run it, its sender has no answer. */
  #giveUp(asked: Asked): void {
    asked.isUnanswered = true;
    if (asked.hasRun) this.#unheard.add(asked.operation);
  }

  /** Finds answers that claim a repetition for a job that has no place at that version. */
  #returned({ from, id, instance, job, node, op, reply, version }: Call): void {
    if (reply !== "already" || (op !== "reserve_job" && op !== "dispatch")) return;
    if (node === undefined || job === undefined || version === undefined) return;
    const line = this.#truth.line(version.epoch);
    if (!line?.at(node, version.sequence) || line.holds(node, job, version.sequence) !== false) return;
    this.#findings.violate(
      () => [
        `job ${job} was said to have its place on node ${node} already, where it had none, allowed only for a repetition`,
        `instance ${instance}, asked at ${inMs(from)}, at ${versionText(version)}`,
      ],
      [id],
    );
  }
}
