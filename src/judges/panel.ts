/** The judges of one run, each given the events that it hears, after the scene that they share. */
import type { Judgement } from "../check/judgement.ts";
import type { PropertyId } from "../check/properties.ts";
import type { JudgeEvent, JudgeEventKind } from "./event.ts";
import type { Case, Judge, MakeJudge } from "./judge.ts";
import { Scene } from "./scene.ts";

export class Panel {
  readonly #scene: Scene;
  readonly #judges: readonly Judge[];
  /** Kind -> those that hear it. */
  readonly #hearers = new Map<JudgeEventKind, Judge[]>();
  readonly #reached = new Set<Judge>();

  constructor(circumstances: Omit<Case, "scene">, makes: readonly MakeJudge[]) {
    this.#scene = new Scene(circumstances);
    const theCase = { ...circumstances, scene: this.#scene };
    this.#judges = makes.map((make) => make(theCase));
    for (const judge of this.#judges) {
      for (const kind of judge.hears) {
        const own = this.#hearers.get(kind);
        if (own === undefined) this.#hearers.set(kind, [judge]);
        else own.push(judge);
      }
    }
  }

  /** The kinds of event that the panel makes use of. */
  get kinds(): ReadonlySet<JudgeEventKind> {
    return new Set(this.#judges.length === 0 ? [] : [...Scene.hears, ...this.#hearers.keys()]);
  }

  /** Properties whose judges were given no event. */
  get unreached(): readonly PropertyId[] {
    return this.#judges.filter((judge) => !this.#reached.has(judge)).map(({ property }) => property);
  }

  on(event: JudgeEvent): void {
    this.#scene.on(event);
    for (const judge of this.#hearers.get(event.kind) ?? []) {
      this.#reached.add(judge);
      judge.on(event);
    }
  }

  /** Once, after the last event. */
  finish(): readonly Judgement[] {
    return this.#judges.map((judge) => judge.finish());
  }
}
