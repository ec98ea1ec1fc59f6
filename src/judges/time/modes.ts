/** D5: the modes are what they are documented to be. An instance that is degraded has nobody to ask, so it answers at once. */
import { readOps } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Called, JudgeEvent, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

const reads: ReadonlySet<string> = new Set(readOps);

export function judgeModes(theCase: Case): Judge {
  return new Modes(theCase);
}

class Modes implements Judge {
  readonly property = "D5";
  readonly hears = ["called", "returned"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("D5");
  /** Reads without an end that were asked of a degraded instance. */
  readonly #asked = new Set<number>();
  #exercised = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "called" && reads.has(event.op)) this.#called(event);
    else if (event.kind === "returned" && reads.has(event.call.op)) this.#returned(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#exercised });
  }

  #called({ call, instance }: Called): void {
    if (this.#case.scene.normalSince(instance) === null) this.#asked.add(call);
  }

  #returned({ at, call }: Returned): void {
    const { timing } = this.#case;
    const { from, id, instance, node = "", op, to } = call;
    const until = to ?? at;
    if (!this.#asked.delete(id) || timing.wasAway(instance, from, until)) return;
    this.#exercised += 1;
    const took = timing.ran(instance, from, until);
    if (took <= timing.grain) return;
    this.#findings.violate(
      () => [
        `${op} ${node} on instance ${instance} took ${inMs(took)} though the instance was degraded, allowed is an answer at once`,
        `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
      ],
      [id],
    );
  }
}
