/** Records what happens in a run, in the log that its file is written from; times count from the start of the load. */
import type { Call, HistoryEvent, Hosted, Millis, Overlooked, SystemReady } from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import type { Observation } from "../../check/observed/observation.ts";
import { sharedClockOffset } from "../../lab/process/monotonic.ts";
import type { ApiCall } from "../../lab/toxiproxy/toxic.ts";
import type { Measured, Subject } from "../../load/clients/caller.ts";
import { OwnWork } from "../machine/own-work.ts";
import { HistoryLog, type Mark } from "./history-log.ts";

/** The begin of a call, so that a call without an answer when the process ends is known to have been made. */
interface Begun extends Subject {
  readonly kind: "begun";
  readonly id: number;
  readonly from: Millis;
}

type Line = HistoryEvent | Observation | Begun | { readonly kind: "trial" };

/** A time of the process's clock. */
export type Moment = number;

/** The part of the recorder that an instance's own process has too. */
export type Journal = Pick<Recorder, "now" | "moment" | "at" | "event">;

export class Recorder {
  readonly #log: HistoryLog;
  /** On the thread that the run is recorded on. */
  readonly work = new OwnWork();
  #origin = performance.now();
  #stage: "before" | "open" | "ended" = "before";
  readonly #observations: Observation[] = [];
  /** Events about instances from before the load. */
  readonly #systems: (SystemReady | Hosted)[] = [];
  /** Calls from before the load, of a scheduler written elsewhere: its nodes are known by nothing else. */
  readonly #registrations: Call[] = [];
  /** Beginnings of those, and of calls that are in flight when the load begins. */
  readonly #begunBefore = new Map<number, Begun>();
  /** Parsed from the log so far. */
  readonly #events: HistoryEvent[] = [];
  readonly #read: Mark = { chunk: 0, offset: 0 };
  readonly #measured = new WeakMap<object, Measured>();
  readonly #listeners = new Set<(event: HistoryEvent) => void>();
  #calls = 0;
  #recorded = 0;

  constructor(log: HistoryLog = new HistoryLog()) {
    this.#log = log;
  }

  now(): Millis {
    return performance.now() - this.#origin;
  }

  /** The present moment, independent of the start of the load; `at` converts it. */
  moment(): Moment {
    return performance.now();
  }

  at(moment: Moment): Millis {
    return moment - this.#origin;
  }

  /** A time of the clock that all processes share (`sharedNow`), on the clock of the run. */
  atShared(time: number): Millis {
    return time - sharedClockOffset - this.#origin;
  }

  /** Notes the times of a call that was measured in another process. @param answer the answer or the error of the call */
  measured(answer: object, times: Measured): void {
    this.#measured.set(answer, times);
  }

  /** undefined: the call was measured in this process. */
  timesOf(answer: object): Measured | undefined {
    return this.#measured.get(answer);
  }

  /** A time of the machine's wall clock, in ms since 1970, on the clock of the run. */
  atWallClock(time: number): Millis {
    return time - performance.timeOrigin - this.#origin;
  }

  /** The load begins: time is 0 now, and from here on everything is part of the history. */
  begin(): void {
    const before = this.now();
    this.#origin = performance.now();
    this.#stage = "open";
    for (const one of this.#observations.splice(0)) this.observed({ ...one, at: one.at - before });
    for (const one of this.#systems) this.event({ ...one, at: one.at - before });
    for (const one of this.#begunBefore.values()) this.#add({ ...one, from: one.from - before });
    for (const one of this.#registrations) {
      this.event({ ...one, from: one.from - before, to: one.to === null ? null : one.to - before });
    }
    this.event({ kind: "phase", at: 0, name: "load" });
  }

  /** Ends the recording. @returns what was recorded */
  end(): Pick<Trial, "history" | "observations"> {
    this.#stage = "ended";
    return { history: this.events, observations: this.#observations };
  }

  /** The next call's number. */
  nextCall(): number {
    this.#calls += 1;
    return this.#calls;
  }

  /** How many calls the history has. */
  get calls(): number {
    return this.#recorded;
  }

  begun(id: number, subject: Subject): void {
    const line: Begun = { kind: "begun", id, ...subject, from: this.now() };
    if (this.#stage === "open") this.#add(line);
    else if (this.#stage === "before") this.#begunBefore.set(id, line);
  }

  /** Before the load only what describes instances and their nodes is kept: what happens until then is not judged. */
  event(event: HistoryEvent): void {
    if (this.#stage === "open") {
      if (event.kind === "call") this.#recorded += 1;
      this.#add(event);
      for (const listener of this.#listeners) listener(event);
    } else if (this.#stage === "before" && (event.kind === "system" || event.kind === "hosted")) {
      this.#systems.push(event);
    } else if (this.#stage === "before" && event.kind === "call") {
      if (this.#systems.some(isElsewhere)) this.#registrations.push(event);
      else this.#begunBefore.delete(event.id);
    }
  }

  /** Calls `listener` with each event from now on. @returns ends that */
  listen(listener: (event: HistoryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws Error before the load begins: a run with an unknown initial state proves nothing */
  overlooked(event: Overlooked): void {
    if (this.#stage === "before")
      throw new Error(
        `the feed of partition ${event.partition} was trimmed before the observer had read its beginning`,
      );
    this.event(event);
  }

  /** A call to Toxiproxy, with times of the process's clock. */
  proxyCall({ at, until, ...call }: ApiCall): void {
    this.event({ kind: "proxy_call", at: at - this.#origin, until: until - this.#origin, ...call });
  }

  /** Also recorded before the load: the truth has to be known from the first version on. */
  observed(observation: Observation): void {
    if (this.#stage === "ended") return;
    this.#observations.push(observation);
    if (this.#stage === "open") this.#add(observation);
  }

  #add(line: Line): void {
    this.work.measure(() => this.#log.add(line));
  }

  /** As a reader of the file sees them. */
  get events(): readonly HistoryEvent[] {
    for (const line of this.#log.read(this.#read) as readonly Line[]) if (isEvent(line)) this.#events.push(line);
    return this.#events;
  }

  get observations(): readonly Observation[] {
    return this.#observations;
  }
}

function isElsewhere({ kind }: SystemReady | Hosted): boolean {
  return kind === "system";
}

function isEvent(line: Line): line is HistoryEvent {
  return line.kind !== "begun" && line.kind !== "trial" && line.kind !== "entry" && line.kind !== "dump";
}
