/**
 * Part of J3: a reserve that was first asked for before its job was completed on the node does not bring the job back, however late it arrives, and however
 * much the node has finished and forgotten since.
 *
 * Where requests are seen, a request counts from the first one of its place that its instance had no answer to. Elsewhere all calls for the job have to be over
 * by the time of its completion: then whatever gives it a place later is a late one.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Changed, JobRequestEnded, JobRequested, JobServed } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { EpochLine, LineEntry } from "../truth.ts";

interface Asked {
  /** Instance, node and job. */
  readonly place: string;
  /** When the place was first asked for. */
  readonly since: Millis;
  /** No request of it had been left without an answer. */
  readonly isFirst: boolean;
}

interface CameBack {
  readonly line: EpochLine;
  readonly entry: LineEntry;
  readonly completed: LineEntry;
}

/** How a request ends of which it stays unknown what became of it. */
const isOpen: ReadonlySet<string> = new Set(["deadline", "disconnected", "aborted", "closed", "protocol"]);

export class LateReserves {
  readonly #findings: Findings;
  readonly #requests = new Map<number, Asked>();
  /** Places with a request that has no answer -> since when. */
  readonly #open = new Map<string, Millis>();
  /** Epoch -> node -> job -> its last completion; what went with the node's record is not among them. */
  readonly #completed = new Map<EpochLine, Map<string, Map<string, LineEntry>>>();
  /** Job -> until when calls asked for a place for it. */
  readonly #askedUntil = new Map<string, Millis>();
  /** Those of which the request is not known. */
  readonly #cameBack: CameBack[] = [];
  #met = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Late reserves of finished jobs that the store ran, whatever it answered. */
  get met(): number {
    return this.#met;
  }

  requested({ at, instance, job, node, request, script }: JobRequested): void {
    if (script !== "reserve_job") return;
    const place = `${instance} ${node.length}:${node}${job}`;
    const before = this.#open.get(place);
    const since = before ?? at;
    this.#requests.set(request, { place, since, isFirst: before === undefined });
    this.#open.set(place, since);
  }

  ended({ outcome, request }: JobRequestEnded): void {
    const asked = this.#requests.get(request);
    if (asked === undefined || isOpen.has(outcome)) return;
    // Refused before it was sent, or by a server that did not run it, it says nothing of an earlier one.
    if (outcome === "answered" || asked.isFirst) this.#open.delete(asked.place);
  }

  served({ job, line, node, request, script }: JobServed): void {
    if (script !== "reserve_job") return;
    const completed = this.#completed.get(line)?.get(node)?.get(job);
    const asked = this.#requests.get(request);
    if (completed !== undefined && asked !== undefined && asked.since < completed.since) this.#met += 1;
  }

  returned({ job, op, to }: Call): void {
    if (job === undefined || (op !== "dispatch" && op !== "reserve_job")) return;
    const until = to ?? Number.POSITIVE_INFINITY;
    this.#askedUntil.set(job, Math.max(until, this.#askedUntil.get(job) ?? until));
  }

  changed({ entry, line }: Changed): void {
    const { job, kind, node } = entry;
    const byNode = this.#completed.get(line) ?? new Map<string, Map<string, LineEntry>>();
    if (byNode.size === 0) this.#completed.set(line, byNode);
    if (kind === "removed") byNode.delete(node);
    if (job === null) return;
    const own = byNode.get(node) ?? new Map<string, LineEntry>();
    if (kind === "completed") byNode.set(node, own.set(job, entry));
    const completed = own.get(job);
    if (kind !== "reserved" || completed === undefined) return;
    const asked = entry.request === undefined ? undefined : this.#requests.get(entry.request);
    if (asked === undefined) this.#cameBack.push({ line, entry, completed });
    else if (asked.since < completed.since) this.#violated({ line, entry, completed }, asked.since);
  }

  /** Once, when all calls have been heard of. */
  judge(): void {
    for (const one of this.#cameBack.splice(0)) {
      const until = this.#askedUntil.get(one.entry.job ?? "");
      if (until !== undefined && until < one.completed.since) this.#violated(one, until);
    }
  }

  #violated({ completed, entry: { at, job, node, sequence }, line }: CameBack, asked: Millis): void {
    this.#findings.violate(() => [
      `job ${job} got a place on node ${node} after it had been completed there, by a reserve from before, allowed is none`,
      `sequence ${sequence} of epoch ${line.epoch}, at ${inMs(at)}; asked for by ${inMs(asked)}, completed at ${inMs(completed.at)}, sequence ${completed.sequence}`,
    ]);
  }
}
