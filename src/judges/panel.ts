/** The judges of one run, each given the events that it hears, after the scene that they share. */

import type { Op } from "../check/history.ts";
import type { Judgement } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import type { JudgeEvent, JudgeEventKind } from "./event.ts";
import type { Case, Judge, MakeJudge } from "./judge.ts";
import { type Part, Scene } from "./scene.ts";

/** Those that hear one kind of event. */
class Hearers {
  readonly judges: readonly Part[];
  /** Looked up once: an event has many hearers of many classes, and finding the method of each costs more than most of them do with it. */
  readonly #methods: readonly Judge["on"][];
  /** Whether there has been such an event. */
  isReached = false;

  constructor(judges: readonly Part[]) {
    this.judges = judges;
    this.#methods = judges.map(({ on }) => on);
  }

  hear(event: JudgeEvent): void {
    this.isReached = true;
    const methods = this.#methods;
    const { judges } = this;
    for (let index = 0; index < methods.length; index += 1) {
      (methods[index] as Judge["on"]).call(judges[index], event);
    }
  }
}

export class Panel {
  readonly #judges: readonly Judge[];
  /** The parts that they share, which hear each event before them. */
  readonly #shared: readonly Part[];
  readonly #hearers = new Map<JudgeEventKind, Hearers>();
  /** The hearers of calls of clients, by operation. */
  readonly #called = new Map<Op, Hearers>();
  readonly #returned = new Map<Op, Hearers>();

  constructor(circumstances: Omit<Case, "scene">, makes: readonly MakeJudge[]) {
    const scene = new Scene(circumstances);
    const theCase = { ...circumstances, scene };
    this.#judges = makes.map((make) => make(theCase));
    this.#shared = scene.parts;
    const all = this.#judges.length === 0 ? [] : [...this.#shared, ...this.#judges];
    for (const kind of new Set(all.flatMap(({ hears }) => hears)))
      this.#hearers.set(kind, new Hearers(all.filter(({ hears }) => hears.includes(kind))));
  }

  /** For those that give many events of one kind; undefined: no judge hears such events. Not for calls of clients. */
  hearersOf(kind: Exclude<JudgeEventKind, "called" | "returned">): Hearers | undefined {
    return this.#hearers.get(kind);
  }

  /** The kinds of event that the panel makes use of. */
  get kinds(): ReadonlySet<JudgeEventKind> {
    return new Set(this.#hearers.keys());
  }

  /** Properties whose judges were given no event. */
  get withoutEvents(): readonly PropertyId[] {
    const all = [this.#hearers, this.#called, this.#returned].flatMap((each) => [...each.values()]);
    const reached = new Set<Part>(all.flatMap(({ isReached, judges }) => (isReached ? judges : [])));
    return this.#judges.filter((judge) => !reached.has(judge)).map(({ property }) => property);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#ofCall("returned", this.#returned, event.call.op).hear(event);
    else if (event.kind === "called") this.#ofCall("called", this.#called, event.op).hear(event);
    else this.#hearers.get(event.kind)?.hear(event);
  }

  #ofCall(kind: "called" | "returned", known: Map<Op, Hearers>, op: Op): Hearers {
    const found = known.get(op);
    if (found !== undefined) return found;
    const judges = this.#judges.filter(({ operations }) => operations?.includes(op) ?? true);
    const made = new Hearers([...this.#shared, ...judges].filter(({ hears }) => hears.includes(kind)));
    known.set(op, made);
    return made;
  }

  /** Once, after the last event. */
  finish(): readonly Judgement[] {
    return this.#judges.map((judge) => judge.finish());
  }
}
