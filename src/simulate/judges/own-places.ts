/**
 * The places that an instance has asked for and that its view cannot show yet: of requests without an answer, and of those that were answered at a
 * version its view has not come to. It knows of them by itself, and of nobody else's.
 *
 * Never more than the instance can know of: a request whose deadline has passed counts no longer (nobody knows, and a lease ends it), nor does an
 * answer in an epoch that its view is not in.
 */
import type { Millis, Version } from "../../scheduler/ports.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Sent, Settled, SimEvent, Stepped } from "../trace/events.ts";

/** How far an instance's view of a partition has come. */
type ViewOf = (instance: number, partition: number) => Version | null;

interface Place {
  readonly node: string;
  readonly partition: number;
  /** When its sender gives up waiting. */
  readonly until: Millis;
  /** Where the store first ran it, and gave it a place; null: it has not, or there was none. */
  at: Version | null;
  hasRun: boolean;
  isAnswered: boolean;
}

export class OwnPlaces {
  static readonly hears = [
    "sent.but_polls",
    "stepped.but_polls",
    "settled.but_polls",
    "instance",
    "scheduler.view_advanced",
    "scheduler.resynced",
  ] as const;
  readonly #viewOf: ViewOf;
  /** By instance: request -> the place it is about. */
  readonly #places: readonly Map<number, Place>[];

  constructor(instances: number, viewOf: ViewOf) {
    this.#viewOf = viewOf;
    this.#places = Array.from({ length: instances }, () => new Map<number, Place>());
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "sent":
        this.#sent(event);
        break;
      case "stepped":
        if (event.command.kind === "reserve_job") this.#ran(event);
        break;
      case "settled":
        if (event.script === "reserve_job") this.#settled(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#places[event.instance]?.clear();
        break;
      case "scheduler":
        if (event.what.kind === "view_advanced" || event.what.kind === "resynced") {
          this.#seen(event.instance, event.what.partition, event.what.version);
        }
        break;
      default:
        break;
    }
  }

  /** How many on a node. An instance that stood still gives up what is overdue before it is told of the answer, and may select in between. */
  of(instance: number, node: string, at: Millis): number {
    let count = 0;
    for (const place of this.#places[instance]?.values() ?? []) {
      if (place.node === node && (place.isAnswered || at < place.until)) count += 1;
    }
    return count;
  }

  #sent({ at: from, deadline, instance, question, request }: Sent): void {
    if (question.kind !== "nodes" || question.asked.kind !== "reserve_job") return;
    const { asked, partition } = question;
    this.#places[instance]?.set(request, {
      ...{ node: asked.node, partition, until: from + deadline, at: null },
      ...{ hasRun: false, isAnswered: false },
    });
  }

  /** What the network repeats is answered as it first was. */
  #ran({ after, instance, reply, request }: Stepped): void {
    const place = this.#places[instance]?.get(request);
    if (place === undefined || place.hasRun) return;
    place.hasRun = true;
    const holds = reply.kind === "reserved" || reply.kind === "already";
    if (holds && after.meta !== null) place.at = toPort(after.meta);
  }

  #settled({ at, instance, outcome, request }: Settled): void {
    const own = this.#places[instance];
    const place = own?.get(request);
    if (own === undefined || place === undefined) return;
    place.isAnswered = true;
    const view = this.#viewOf(instance, place.partition);
    if (outcome !== "answered" || at >= place.until || isSeen(place, view)) own.delete(request);
  }

  #seen(instance: number, partition: number, view: Version): void {
    const own = this.#places[instance];
    if (own === undefined) return;
    for (const [request, place] of own) {
      if (place.partition === partition && place.isAnswered && isSeen(place, view)) own.delete(request);
    }
  }
}

/** Whether the view shows it, or is of another epoch and says nothing of it. */
function isSeen({ at }: Place, view: Version | null): boolean {
  return at === null || at.epoch !== view?.epoch || view.sequence >= at.sequence;
}
