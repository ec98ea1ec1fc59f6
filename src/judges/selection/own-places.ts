/**
 * The places that an instance has asked for and that its view cannot show yet: of requests without an answer, and of those that were answered at a
 * version its view has not come to. It knows of them by itself, and of no other instance's. On real servers single requests are not observed.
 *
 * Never more than the instance can know of: a request whose deadline has passed counts no longer (what became of it is not known, and a lease ends
 * it), nor does an answer in an epoch that its view is not in.
 */
import type { Call, Millis, Version } from "../../check/history.ts";
import type { JobRequestEnded, JobRequested, JobServed, JudgeEvent } from "../event.ts";

/** How far an instance's view of a partition has come. */
type ViewOf = (instance: number, partition: number) => Version | null;

interface Count {
  readonly least: number;
  readonly most: number;
}

interface Place {
  readonly node: string;
  readonly job: string;
  readonly partition: number;
  /** When its sender gives up waiting. */
  readonly until: Millis;
  /** Where the store first ran it, and gave it a place; null: it has not, or there was none. */
  at: Version | null;
  hasRun: boolean;
  isAnswered: boolean;
  /** It was answered past its deadline: the instance may have given it up before. */
  isLate: boolean;
}

export class OwnPlaces {
  readonly hears = ["job_requested", "job_served", "job_request_ended", "returned", "instance", "view"] as const;
  readonly #viewOf: ViewOf;
  /** By instance: request -> the place it is about. */
  readonly #places: readonly Map<number, Place>[];

  constructor(instances: number, viewOf: ViewOf) {
    this.#viewOf = viewOf;
    this.#places = Array.from({ length: instances }, () => new Map<number, Place>());
  }

  /** @param event the views are as it has left them */
  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "job_requested":
        if (event.script === "reserve_job") this.#requested(event);
        break;
      case "job_served":
        if (event.script === "reserve_job") this.#served(event);
        break;
      case "job_request_ended":
        this.#ended(event);
        break;
      case "returned":
        if (event.call.reply === "aborted") this.#aborted(event.call);
        break;
      case "instance":
        if (event.state === "crashed") this.#places[event.instance]?.clear();
        break;
      case "view":
        this.#seen(event.instance, event.partition, event.version);
        break;
      default:
        break;
    }
  }

  /** How many on a node. An instance that was stopped gives up what is overdue before it reads the answer, and may select in between. */
  of(instance: number, node: string, at: Millis): number {
    let count = 0;
    for (const place of this.#places[instance]?.values() ?? []) {
      if (place.node === node && isCounted(place, at)) count += 1;
    }
    return count;
  }

  /** Node -> how many it counts there, at least and at most, of those on which there are any. */
  counts(instance: number, at: Millis): ReadonlyMap<string, Count> {
    const counts = new Map<string, Count>();
    for (const place of this.#places[instance]?.values() ?? []) {
      const { least, most } = counts.get(place.node) ?? { least: 0, most: 0 };
      counts.set(place.node, { least: least + (isCounted(place, at) ? 1 : 0), most: most + 1 });
    }
    return counts;
  }

  /** Node -> the most that it may count there, of those on which there are any. */
  most(instance: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { node } of this.#places[instance]?.values() ?? []) counts.set(node, 1 + (counts.get(node) ?? 0));
    return counts;
  }

  #requested({ at: from, deadline, instance, job, node, partition, request }: JobRequested): void {
    const until = from + deadline;
    const open = { at: null, hasRun: false, isAnswered: false, isLate: false };
    this.#places[instance]?.set(request, { node, job, partition, until, ...open });
  }

  /** Its client has given the call up, and the instance its request. */
  #aborted({ instance, job, node }: Call): void {
    const own = this.#places[instance];
    if (own === undefined) return;
    for (const [request, place] of own) if (place.job === job && place.node === node) own.delete(request);
  }

  /** A request that the network repeats is answered as it was the first time. */
  #served({ after, instance, line, reply, request }: JobServed): void {
    const place = this.#places[instance]?.get(request);
    if (place === undefined || place.hasRun) return;
    place.hasRun = true;
    if (reply === "reserved" || reply === "already") place.at = { epoch: line.epoch, sequence: after };
  }

  #ended({ at, instance, outcome, request }: JobRequestEnded): void {
    const own = this.#places[instance];
    const place = own?.get(request);
    if (own === undefined || place === undefined) return;
    place.isAnswered = true;
    const view = this.#viewOf(instance, place.partition);
    place.isLate = at >= place.until;
    if (outcome !== "answered" || isSeen(place, view)) own.delete(request);
  }

  #seen(instance: number, partition: number, view: Version): void {
    const own = this.#places[instance];
    if (own === undefined) return;
    for (const [request, place] of own) {
      if (place.partition === partition && place.isAnswered && isSeen(place, view)) own.delete(request);
    }
  }
}

/** Whether it is counted for certain. */
function isCounted({ isAnswered, isLate, until }: Place, at: Millis): boolean {
  return !isLate && (isAnswered || at < until);
}

/** Whether the view shows it, or is of another epoch and says nothing of it. */
function isSeen({ at }: Place, view: Version | null): boolean {
  return at === null || at.epoch !== view?.epoch || view.sequence >= at.sequence;
}
