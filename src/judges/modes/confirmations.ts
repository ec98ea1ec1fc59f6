/** When the store last confirmed to an instance what it holds of a partition, or of the configuration: as far as its calls show. */
import type { Millis } from "../../check/history.ts";
import type { InstanceChanged, Settled } from "../event.ts";
import type { Case } from "../judge.ts";
import { isRead } from "./store-calls.ts";

type Tag = number | "cfg";

/** The known confirmations of one partition. Requests are named by when they were sent. */
export interface Confirmed {
  /** All that were answered, in order. */
  readonly answered: Millis[];
  /** The last one that showed the view to be current, for certain; undefined: none has. */
  certain: Millis | undefined;
  /** When that was heard, and what was the last before. */
  heardAt: Millis;
  before: Millis | undefined;
}

interface Known {
  readonly partitions: Map<Tag, Confirmed>;
  /** The last request of any kind that was answered, by when it was sent; and when an answer was last heard, and was for certain. */
  sentAt: Millis;
  heardAt: Millis;
  certainlyHeardAt: Millis;
}

/** After this many requests the oldest are forgotten: no answer is as old. */
const mostKept = 4_096;

export class Confirmations {
  readonly #case: Case;
  readonly #known: Known[];

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#known = Array.from({ length: theCase.instances }, nothing);
  }

  settled(event: Settled): void {
    const { at, from, instance, isProbe = false, outcome, partition } = event;
    const known = this.#known[instance];
    if (known === undefined || outcome !== "answered") return;
    known.heardAt = at;
    // One that was stopped may have given up waiting before it heard.
    const isCertain = !this.#case.timing.wasStopped(instance, from, at);
    if (isCertain) known.certainlyHeardAt = at;
    if (isProbe || !isRead(event.script)) return;
    known.sentAt = Math.max(known.sentAt, from);
    if (partition === undefined) return;
    const own = known.partitions.get(partition) ?? unconfirmed();
    known.partitions.set(partition, own);
    note(own.answered, from);
    if (isCertain && this.#isCurrent(event) && from > (own.certain ?? Number.NEGATIVE_INFINITY)) {
      if (at > own.heardAt) own.before = own.certain;
      own.certain = from;
      own.heardAt = at;
    }
  }

  reborn({ instance, state }: InstanceChanged): void {
    if (state === "crashed" || state === "started") this.#known[instance] = nothing();
  }

  of(instance: number, partition: Tag): Confirmed | undefined {
    return this.#known[instance]?.partitions.get(partition);
  }

  all(instance: number): Iterable<Confirmed> {
    return this.#known[instance]?.partitions.values() ?? [];
  }

  /** When the latest answered request for content was sent; minus infinity: none was answered. */
  lastSent(instance: number): Millis {
    return this.#known[instance]?.sentAt ?? Number.NEGATIVE_INFINITY;
  }

  /** When an answer of any kind was last heard. */
  lastHeard(instance: number): Millis {
    return this.#known[instance]?.heardAt ?? Number.NEGATIVE_INFINITY;
  }

  lastCertainlyHeard(instance: number): Millis {
    return this.#known[instance]?.certainlyHeardAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether the view is current with such an answer: it had all there was, and was of the epoch that the instance follows. */
  #isCurrent({ instance, isWhole = false, partition, script, version }: Settled): boolean {
    if (partition === "cfg") return isWhole || script === "read_config" || script === "readConfig";
    if (!isWhole || version === undefined || partition === undefined) return false;
    const view = this.#case.scene.view(instance, partition);
    return view !== null && view.epoch === version.epoch && version.sequence >= view.sequence;
  }
}

/** Answers mostly come in the order of their requests. */
function note(answered: Millis[], from: Millis): void {
  let place = answered.length;
  while (place > 0 && (answered[place - 1] ?? from) > from) place -= 1;
  if (place === answered.length) answered.push(from);
  else answered.splice(place, 0, from);
  if (answered.length > 2 * mostKept) answered.splice(0, mostKept);
}

/** Whether one of them was sent at that moment, give or take so much. */
export function wasSentAt(answered: readonly Millis[], at: Millis, give: Millis): boolean {
  let low = 0;
  let high = answered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((answered[middle] ?? 0) < at - give) low = middle + 1;
    else high = middle;
  }
  const found = answered[low];
  return found !== undefined && found <= at + give;
}

function unconfirmed(): Confirmed {
  return { answered: [], certain: undefined, heardAt: Number.NEGATIVE_INFINITY, before: undefined };
}

function nothing(): Known {
  const never = Number.NEGATIVE_INFINITY;
  return { partitions: new Map(), sentAt: never, heardAt: never, certainlyHeardAt: never };
}
