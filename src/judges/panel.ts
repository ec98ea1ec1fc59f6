/** The judges of one run, each given the events that it hears, after the scene that they share. */
import type { Judgement } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import type { JudgeEvent, JudgeEventKind } from "./event.ts";
import type { Case, Judge, MakeJudge } from "./judge.ts";
import { Scene } from "./scene.ts";

/** Those that hear one kind of event. */
interface Hearers {
  readonly judges: Judge[];
  readonly isOfScene: boolean;
  /** Whether there has been such an event. */
  isReached: boolean;
}

export class Panel {
  readonly #scene: Scene;
  readonly #judges: readonly Judge[];
  readonly #hearers = new Map<JudgeEventKind, Hearers>();

  constructor(circumstances: Omit<Case, "scene">, makes: readonly MakeJudge[]) {
    this.#scene = new Scene(circumstances);
    const theCase = { ...circumstances, scene: this.#scene };
    this.#judges = makes.map((make) => make(theCase));
    const kinds = new Set([...Scene.hears, ...this.#judges.flatMap(({ hears }) => hears)]);
    for (const kind of this.#judges.length === 0 ? [] : kinds) {
      const judges = this.#judges.filter(({ hears }) => hears.includes(kind));
      this.#hearers.set(kind, { judges, isOfScene: Scene.hears.includes(kind), isReached: false });
    }
  }

  /** The kinds of event that the panel makes use of. */
  get kinds(): ReadonlySet<JudgeEventKind> {
    return new Set(this.#hearers.keys());
  }

  /** Properties whose judges were given no event. */
  get unreached(): readonly PropertyId[] {
    const reached = new Set([...this.#hearers.values()].flatMap(({ isReached, judges }) => (isReached ? judges : [])));
    return this.#judges.filter((judge) => !reached.has(judge)).map(({ property }) => property);
  }

  on(event: JudgeEvent): void {
    const hearers = this.#hearers.get(event.kind);
    if (hearers === undefined) return;
    hearers.isReached = true;
    if (hearers.isOfScene) this.#scene.on(event);
    for (const judge of hearers.judges) judge.on(event);
  }

  /** Once, after the last event. */
  finish(): readonly Judgement[] {
    return this.#judges.map((judge) => judge.finish());
  }
}
