/** Part of D6: a write of which an instance says that it has not happened and will not, never happens. */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Changed, Written } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import { endsAll } from "../selection/open-reserves.ts";
import type { EpochLine } from "../truth.ts";

type Answered = Call & { readonly to: Millis };

/** A request for a write, and what it was about. */
interface Request {
  readonly instance: number;
  readonly subject: string;
  readonly at: Millis;
}

/** A place that a job got, and when it lost it. */
interface Place {
  readonly node: string;
  readonly line: EpochLine;
  readonly at: Millis;
  /** No sooner than this it got it, and lost it: where changes are observed from outside, that may be a while before. */
  readonly since: Millis;
  lostAt: Millis;
  lostSince: Millis;
}

/** The node of a dispatch is not known before it ends. */
const jobScripts: Readonly<Record<string, string>> = { dispatch: "reserve_job", reserve_job: "reserve_job" };

/** Returns the subject of a write: the same for a client's call and a request for it. No script has a space or a colon in its name. */
export function subjectOf(script: string, node: string, job: string): string {
  return job === "" ? `${script}:${node}` : `${jobScripts[script] ?? script} ${job}`;
}

export class DeniedWrites {
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #requests = new Map<number, Request>();
  /** Instance and subject -> the calls that were denied, and the last request that took effect. */
  readonly #denied = new Map<string, Answered[]>();
  readonly #effects = new Map<string, Request>();
  /** Jobs that some call may have placed, or was answered to have; and those that a call was denied. */
  readonly #mayHave = new Set<string>();
  readonly #deniedJobs = new Map<string, Answered>();
  /** Job -> its first place; and its last one. */
  readonly #placed = new Map<string, Changed>();
  readonly #places = new Map<string, Place>();
  /** Node -> the jobs that have places there. */
  readonly #jobs = new Map<string, Set<string>>();
  #judged = 0;

  constructor(theCase: Case, findings: Findings) {
    this.#case = theCase;
    this.#findings = findings;
  }

  get judged(): number {
    return this.#judged;
  }

  sent(request: number, instance: number, subject: string, at: Millis): void {
    this.#requests.set(request, { instance, subject, at });
  }

  /** The store has run a request that took effect. */
  written({ changes, reply, request }: Written): void {
    const made = this.#requests.get(request);
    if (made === undefined || (changes === 0 && reply !== "renewed")) return;
    const key = keyOf(made.instance, made.subject);
    this.#effects.set(key, made);
    const denied = this.#denied.get(key)?.find(({ from, to }) => made.at >= from && made.at <= to);
    if (denied !== undefined) this.#happened(denied, made.at);
  }

  changed(event: Changed): void {
    const { at, entry, line } = event;
    const { job, kind, lapsed, node, since } = entry;
    const never = Number.POSITIVE_INFINITY;
    if (kind === "health") return;
    if (kind === "reserved") {
      if (job !== null) this.#place(job, { node, line, at, since, lostAt: never, lostSince: never });
      if (job !== null && !this.#placed.has(job)) this.#placed.set(job, event);
    } else if (job !== null) this.#lost(job, node, event);
    else for (const each of endsAll.has(kind) ? (this.#jobs.get(node) ?? []) : lapsed) this.#lost(each, node, event);
  }

  /** @param wasSent whether anything was sent for it, as far as is known */
  denied(call: Answered, wasSent: boolean): void {
    const { from, instance, job = "", node = "", op } = call;
    this.#judged += 1;
    if (isForAPlace(call) && this.#isUndone(call)) {
      this.#placed.delete(job);
      return;
    }
    if (isForAPlace(call) && !this.#deniedJobs.has(job)) this.#deniedJobs.set(job, call);
    if (!wasSent) return;
    const key = keyOf(instance, subjectOf(op, node, job));
    const made = this.#effects.get(key);
    if (made !== undefined && made.at >= from) this.#happened(call, made.at);
    const own = this.#denied.get(key);
    if (own === undefined) this.#denied.set(key, [call]);
    else own.push(call);
  }

  /** It may have happened, or has. */
  mayHave(call: Call): void {
    if (isForAPlace(call)) this.#mayHave.add(call.job ?? "");
  }

  /** Once, after the last event: a place that only denied calls asked for. */
  judge(): void {
    for (const [job, call] of this.#deniedJobs) {
      const placed = this.#placed.get(job);
      if (placed === undefined || this.#mayHave.has(job) || this.#mayBeUndone(call, placed)) continue;
      this.#happened(call, placed.at);
    }
  }

  #place(job: string, place: Place): void {
    this.#places.set(job, place);
    const own = this.#jobs.get(place.node);
    if (own === undefined) this.#jobs.set(place.node, new Set([job]));
    else own.add(job);
  }

  #lost(job: string, node: string, { at, entry }: Changed): void {
    this.#jobs.get(node)?.delete(job);
    const place = this.#places.get(job);
    if (place?.node !== node) return;
    place.lostAt = Math.min(place.lostAt, at);
    place.lostSince = Math.min(place.lostSince, entry.since);
  }

  /** Whether the only place that it got may have been lost by the answer: both were seen only after it. */
  #mayBeUndone({ job = "", to }: Answered, placed: Changed): boolean {
    const place = this.#places.get(job);
    return place?.at === placed.at && place.since <= to && place.lostSince <= to;
  }

  /** Whether the job had got a place for the call, and had lost it before the answer: then it has none, and the answer is true. */
  #isUndone({ from, instance, job = "", to }: Answered): boolean {
    const place = this.#places.get(job);
    if (place === undefined || place.at < from || place.at > to) return false;
    const followed = this.#case.truth.followedBy(instance, place.line.partition, to);
    return place.lostAt <= to || (followed !== undefined && followed.epoch !== place.line.epoch);
  }

  #happened({ from, id, instance, job = "", node = "", op, reply, to }: Answered, sentAt: Millis): void {
    this.#findings.violate(
      () => [
        `${op} ${job || node} on instance ${instance} ended as ${reply}, applied no, and has happened, allowed is applied unknown`,
        `asked at ${inMs(from)}, answered at ${inMs(to)}; what happened was sent, or seen, at ${inMs(sentAt)}`,
      ],
      [id],
    );
  }
}

function isForAPlace({ op }: Call): boolean {
  return op === "dispatch" || op === "reserve_job";
}

function keyOf(instance: number, subject: string): string {
  return `${instance} ${subject}`;
}
