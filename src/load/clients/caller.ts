/** Calls a scheduler as a client does and takes down what the client saw: when it asked, when it was told, and what. */
import type { Call, HistoryEvent, Millis, NodeContent, Op, ReadAnswer, Version, Wish } from "../../check/history.ts";
import type { Failure } from "../../scheduler/ports.ts";
import type { NodeAnswer } from "../../scheduler/reading/reads.ts";
import type { Registered, Written } from "./target.ts";

/** Where what clients saw is taken down, and by whose clock. */
export interface Ledger {
  now(): Millis;
  /** The next call's number. */
  nextCall(): number;
  /** How a call ran that was measured in the process of its instance. @param answer what it answered or threw; absent: it was measured by its caller */
  timesOf?(answer: object): Measured | undefined;
  /** A call is about to be made. */
  begun?(call: number, subject: Subject): void;
  event(event: HistoryEvent): void;
}

/** How a call ran, by the clock of the ledger. Ran and waited are absent where the system does not tell. */
export interface Measured {
  readonly from: Millis;
  readonly to: Millis;
  /** How long the instance's thread was on a processor, and how long it was ready and had none. */
  readonly ran?: Millis;
  readonly waited?: Millis;
}

export interface Subject {
  readonly instance: number;
  readonly op: Op;
  readonly node?: string;
  readonly job?: string;
  /** Of a heartbeat. */
  readonly seq?: number;
  /** Of a heartbeat: the jobs that it names. */
  readonly running?: readonly string[];
  readonly incarnation?: string;
  /** Of a selection. */
  readonly asked?: Wish;
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

interface Unanswered {
  readonly from: Millis;
  readonly to: null;
}

export class Caller {
  readonly #ledger: Ledger;
  readonly #underWay = new Map<number, { readonly subject: Subject; readonly from: Millis }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
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
    const id = this.#ledger.nextCall();
    const from = this.#ledger.now();
    this.#underWay.set(id, { subject, from });
    this.#ledger.begun?.(id, subject);
    let told: Told;
    let times: Measured;
    try {
      const answer = await run();
      times = this.#timesOf(answer, from);
      told = read(answer);
    } catch (error) {
      times = this.#timesOf(error, from);
      told = {
        outcome: "fail",
        reply: `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      };
    }
    if (this.#underWay.delete(id)) this.#ledger.event(callOf(id, subject, times, told));
    return told;
  }

  #timesOf(answer: unknown, from: Millis): Measured {
    const to = this.#ledger.now();
    const own = typeof answer === "object" && answer !== null ? this.#ledger.timesOf?.(answer) : undefined;
    return own ?? { from, to };
  }

  /** The run is over: what has not come back is taken down as such, and is no longer waited for. */
  giveUp(): void {
    for (const [id, { from, subject }] of this.#underWay) {
      this.#ledger.event(callOf(id, subject, { from, to: null }, { outcome: "info", reply: "never returned" }));
    }
    this.#underWay.clear();
  }
}

/** Every call has every field, what there is nothing to say of undefined: judges read them by the million, and a field stands in one place only in objects made alike. */
function callOf(id: number, subject: Subject, times: Measured | Unanswered, told: Told): Call {
  const { asked, instance, job, op, running, seq } = subject;
  const { outcome, read, reply, selected, version } = told;
  const node = told.node ?? subject.node;
  const incarnation = told.incarnation ?? subject.incarnation;
  const { from, ran, to, waited } = { ran: undefined, waited: undefined, ...times };
  const kind = "call";
  // biome-ignore format: the order of a line in a history
  return { kind, id, instance, op, node, job, seq, running, incarnation, asked, from, to, outcome, reply, version, read, selected, ran, waited };
}

/** Whether a call threw what no scheduler promises to throw: a mistake in its program. */
export function isMistake(reply: string): boolean {
  return reply.startsWith("threw ") && /^threw (TypeError|RangeError|ReferenceError|SyntaxError)\b/.test(reply);
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

export function tellWrite(answer: Written | Failure): Told {
  if ("applied" in answer) return tellFailure(answer);
  return { outcome: "ok", reply: answer.kind, ...versionOf(answer) };
}

export function tellRegistration(answer: Registered | Failure): Told {
  const told = tellWrite(answer);
  return "incarnation" in answer ? { ...told, incarnation: answer.incarnation } : told;
}

/** What has no version says nothing of one. */
export function versionOf({ version }: { readonly version?: Version }): { readonly version?: Version } {
  return version === undefined ? {} : { version };
}

export function tellFailure({ applied, cause }: Failure): Told {
  return { outcome: applied === "unknown" ? "info" : "fail", reply: cause };
}
