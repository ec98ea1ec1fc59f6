/**
 * The coverage of a run: its situations, each with the first moment at which the run was in it.
 *
 * | family | a situation is |
 * | --- | --- |
 * | `times` | something happened to an instance so many times since it started (to the store: in the run), in one partition |
 * | `after` | something happened, and before it, to the same instance, something else |
 * | `under` | something happened while a kind of fault was in force and the instance was in a mode |
 * | `judged` | a property was exercised in a run in which an instance was in a mode under a kind of fault |
 * | `block` | a block of the scheduler's source ran |
 *
 * Something that happens is a mark, an event of a scheduler, a refused or unanswered call to the store, a start or an
 * end of an instance, or a change of a server.
 */
import type { Judgement } from "../../check/judgement.ts";
import type { Millis } from "../../protocol/time.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { Heard, Listener } from "../trace/bus.ts";
import type { FaultDone, SimEvent } from "../trace/events.ts";
import { MarkCounter } from "../trace/marks.ts";
import { blocks } from "./blocks.ts";

export const families = ["times", "after", "under", "judged", "block"] as const;
export type Family = (typeof families)[number];

/** Situation -> when the run was first in it, in ms since the start of the load. */
export type Reached = ReadonlyMap<string, Millis>;

/** Counts that are situations of their own; higher ones by doubling. */
const counted: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 128, 256, 512]);

/** One to whom things happen: an incarnation of an instance, or the store. */
interface Subject {
  readonly counts: Map<string, number>;
  last: string;
}

/** The events of schedulers that `schedulerWords` names; the marks hear others of them. */
const ofSchedulers = [
  ...(["mode_changed", "gap_found", "resync_started", "contradiction", "store_behind", "dropped_reply"] as const),
  ...(["late_reply", "coalesced", "call_refused", "ambiguity_resolved", "jobs_orphaned", "swept"] as const),
  ...(["config_changed", "feed_disconnected", "resynced"] as const),
];

/** Sizes up to here count separately; more count alike. */
const mostSize = 8;

const store = -1;
const noFault = "no fault";

export class Coverage implements Listener {
  readonly hears: readonly Heard[];
  readonly #reached = new Map<string, Millis>();
  readonly #subjects = new Map<number, Subject>();
  readonly #modes = new Map<number, string>();
  /** Kind of fault and mode together -> since when. */
  readonly #together = new Map<string, Millis>();
  /** Fault -> its kind, while it is in force. */
  readonly #inForce = new Map<number, string>();
  readonly #marks: MarkCounter;
  #now: Millis = 0;
  #instance = store;
  #partition = "";

  constructor() {
    blocks.begin();
    this.#marks = new MarkCounter((mark) => this.#happened(mark));
    const own: readonly Heard[] = ["fault", "server", "woken", "sent.but_polls", "orphans_reported"];
    const said = ofSchedulers.map((kind) => `scheduler.${kind}` as const);
    this.hears = [...new Set<Heard>([...this.#marks.hears, ...own, ...said])];
  }

  on(event: SimEvent): void {
    this.#now = event.at;
    for (const block of blocks.take()) this.#reach("block", block);
    if (event.kind === "sent" || event.kind === "woken") return;
    this.#instance = instanceOf(event);
    this.#partition = partitionOf(event);
    this.#marks.on(event);
    if (event.kind === "fault") this.#fault(event);
    else if (event.kind === "instance" && event.state === "started") this.#subjects.delete(event.instance);
    const what = wordsFor(event);
    if (what !== null) this.#happened(what);
    if (event.kind === "scheduler" && event.what.kind === "mode_changed") {
      this.#modes.set(event.instance, event.what.to);
      this.#meet();
    }
  }

  /** Once, after the run. */
  finish(judgements: readonly Judgement[]): Reached {
    for (const block of blocks.take()) this.#reach("block", block);
    const exercised = judgements.filter((one) => one.exercised > 0).map(({ property }) => property);
    for (const [together, at] of this.#together) {
      for (const property of exercised) this.#reached.set(`judged ${property} ${together}`, at);
    }
    return this.#reached;
  }

  #fault({ fault, name, step }: FaultDone): void {
    if (step === "inject") this.#inForce.set(fault, name);
    else this.#inForce.delete(fault);
    this.#meet();
  }

  /** Kinds of faults and modes that come together now. */
  #meet(): void {
    for (const kind of this.#kinds()) {
      for (const mode of this.#modes.values()) {
        const together = `under ${kind} in ${mode}`;
        if (!this.#together.has(together)) this.#together.set(together, this.#now);
      }
    }
  }

  #kinds(): Iterable<string> {
    return this.#inForce.size === 0 ? [noFault] : this.#inForce.values();
  }

  #happened(what: string): void {
    const subject = this.#subjectOf(this.#instance);
    const place = `${what} ${this.#partition}`;
    const count = (subject.counts.get(place) ?? 0) + 1;
    subject.counts.set(place, count);
    if (counted.has(count)) this.#reach("times", `${what} x${count}`);
    if (subject.last !== what) {
      this.#reach("after", `${what} after ${subject.last}`);
      subject.last = what;
    }
    const mode = this.#modes.get(this.#instance) ?? "";
    for (const kind of this.#kinds()) this.#reach("under", `${what} under ${kind} in ${mode}`);
  }

  #subjectOf(instance: number): Subject {
    const known = this.#subjects.get(instance);
    if (known !== undefined) return known;
    const subject = { counts: new Map<string, number>(), last: "the start" };
    this.#subjects.set(instance, subject);
    return subject;
  }

  #reach(family: Family, name: string): void {
    const situation = `${family} ${name}`;
    if (!this.#reached.has(situation)) this.#reached.set(situation, this.#now);
  }
}

function instanceOf(event: SimEvent): number {
  if (event.kind === "returned") return event.call.instance;
  return "instance" in event ? (event.instance ?? store) : store;
}

/** Epochs, gaps and loads are counted for each partition. "": it is not about one. */
function partitionOf(event: SimEvent): string {
  return event.kind === "scheduler" && "partition" in event.what ? String(event.what.partition) : "";
}

/** Returns the words for an event that is no mark; null: it does not count. */
function wordsFor(event: SimEvent): string | null {
  switch (event.kind) {
    case "settled":
      return event.outcome === "answered" ? null : `${event.script} ${event.outcome}`;
    case "instance":
      return event.state;
    case "server":
      return `${event.what}, data ${event.data}`;
    case "orphans_reported":
      return `lost ${sizeOf(event.dispatchedHere.length)} jobs dispatched here`;
    case "scheduler":
      return schedulerWords(event.what);
    default:
      return null;
  }
}

function sizeOf(count: number): string {
  return count > mostSize ? "many" : String(count);
}

function schedulerWords(what: SchedulerEvent): string | null {
  switch (what.kind) {
    case "mode_changed":
      return `${what.to} by ${what.cause}`;
    case "gap_found":
      return `gap found by ${what.by}`;
    case "resync_started":
      return `resync by ${what.reason}`;
    case "ambiguity_resolved":
      return `ambiguity resolved: ${what.outcome}`;
    case "dropped_reply":
    case "late_reply":
    case "coalesced":
      return `${what.kind} of ${what.operation}`;
    case "call_refused":
      return `${what.operation} refused: ${what.cause}`;
    case "jobs_orphaned":
      return `orphaned because ${what.because}: ${sizeOf(what.jobs.length)}`;
    case "swept":
      return `swept: ${sizeOf(what.expired.length)} expired, ${sizeOf(what.removed.length)} removed, ${sizeOf(what.lapsed.length)} lapsed, ${sizeOf(what.failed.length)} failed`;
    case "resynced":
      return what.pages > 1 ? `resynced in ${sizeOf(what.pages)} pages` : null;
    case "contradiction":
    case "store_behind":
    case "feed_disconnected":
    case "config_changed":
      return what.kind;
    default:
      return null;
  }
}
