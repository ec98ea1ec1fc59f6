/** Calls a scheduler as a client does and takes down what the client saw: when it asked, when it was told, and what. */
import type { Call, NodeContent, Op, ReadAnswer, Version } from "../check/history.ts";
import type { Failure, Version as StoreVersion } from "../scheduler/ports.ts";
import type { NodeAnswer } from "../scheduler/reads.ts";
import type { Recorder } from "./recorder.ts";

export interface Subject {
  readonly instance: number;
  readonly op: Op;
  readonly node?: string;
  readonly job?: string;
  /** Of a heartbeat. */
  readonly seq?: number;
  readonly incarnation?: string;
}

/** What a reply comes to; `info`: it may or may not have happened. */
export interface Told {
  readonly outcome: Call["outcome"];
  readonly reply: string;
  readonly version?: Version;
  /** Of the life that a registration made. */
  readonly incarnation?: string;
  /** Where a job was placed. */
  readonly node?: string;
  readonly read?: ReadAnswer;
  readonly selected?: readonly NodeContent[];
}

export class Caller {
  readonly #recorder: Recorder;
  readonly #underWay = new Map<number, Subject & { readonly from: number }>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Never rejects: a call that throws is a failure like any other, and is named. */
  async call<Answer>(
    subject: Subject,
    run: () => Answer | Promise<Answer>,
    read: (answer: Answer) => Told,
  ): Promise<Told> {
    const id = this.#recorder.nextCall();
    const from = this.#recorder.now();
    this.#underWay.set(id, { ...subject, from });
    let told: Told;
    let to: number;
    try {
      const answer = await run();
      to = this.#recorder.now();
      told = read(answer);
    } catch (error) {
      to = this.#recorder.now();
      told = {
        outcome: "fail",
        reply: `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      };
    }
    if (this.#underWay.delete(id)) this.#recorder.event({ kind: "call", id, ...subject, from, to, ...told });
    return told;
  }

  /** The run is over: what has not come back is taken down as such, and is no longer waited for. */
  giveUp(): void {
    for (const [id, subject] of this.#underWay) {
      this.#recorder.event({ kind: "call", id, ...subject, to: null, outcome: "info", reply: "never returned" });
    }
    this.#underWay.clear();
  }
}

/** A read always has an answer. */
export function tellRead({ found, source, stale, age_ms, mode, node }: NodeAnswer): Told {
  const content: NodeContent | null = node ?? null;
  // Infinite ages (nothing was ever known) have no place in JSON.
  const age = Number.isFinite(age_ms) ? age_ms : -1;
  return {
    outcome: "ok",
    reply: found ? "found" : "missing",
    read: { found, source, stale, age_ms: age, mode, node: content },
  };
}

export function tellWrite(answer: { readonly kind: string; readonly version: StoreVersion } | Failure): Told {
  if (!("version" in answer)) return tellFailure(answer);
  return { outcome: "ok", reply: answer.kind, version: answer.version };
}

export function tellRegistration(
  answer: { readonly kind: string; readonly version: StoreVersion; readonly incarnation: string } | Failure,
): Told {
  const told = tellWrite(answer);
  return "incarnation" in answer ? { ...told, incarnation: answer.incarnation } : told;
}

export function tellFailure({ applied, cause }: Failure): Told {
  return { outcome: applied === "unknown" ? "info" : "fail", reply: cause };
}
