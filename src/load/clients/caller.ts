/** Calls a scheduler as a client does and records what the client saw: when it asked, when it was answered, and what. */
import type {
  Call,
  Configuration,
  HistoryEvent,
  Millis,
  NodeContent,
  NodeOffer,
  Op,
  ReadAnswer,
  Version,
  Wish,
} from "../../check/history.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { NodeAnswer, Registered, Target, Written } from "./target.ts";

/** Records what clients saw, by its own clock. */
export interface Ledger {
  now(): Millis;
  /** The next call's number. */
  nextCall(): number;
  /**
   * How a call ran that was measured in the process of its instance.
   * @param answer what it answered or threw
   * @returns undefined: it was measured by its caller
   */
  timesOf?(answer: object): Measured | undefined;
  /** A call is about to be made. */
  begun?(call: number, subject: Subject): void;
  event(event: HistoryEvent): void;
}

/** How a call ran, by the clock of the ledger. `ran` and `waited` are absent where the kernel does not report them. */
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
  /** Only for a heartbeat. */
  readonly seq?: number;
  /** The jobs that a heartbeat names. */
  readonly running?: readonly string[];
  readonly incarnation?: string | undefined;
  /** The incarnation that a registration is to replace, or the version of the configuration that a `put_config` is; null: none. Absent: the one that its instance sees. */
  readonly expected?: string | null | undefined;
  /** Only for a heartbeat. */
  readonly metrics?: Call["metrics"];
  /** Only for a registration. */
  readonly offer?: NodeOffer;
  /** Only for a selection or a dispatch. */
  readonly asked?: Wish;
  /** Only for a reserve: the lease that it asks for. */
  readonly lease?: Millis;
  /** With which its client gives it up. */
  readonly signal?: AbortSignal;
  /** Only for `put_config`. */
  readonly configuration?: Configuration;
  /** Whether its arguments are allowed, where its client chose one at a limit. */
  readonly allowed?: boolean;
}

/** A reply as its client reads it; `info`: the call may or may not have happened. */
export interface CallResult {
  readonly outcome: Call["outcome"];
  readonly reply: string;
  readonly version?: Version | undefined;
  /** The incarnation that a registration began; of a conflict the one that there is. */
  readonly incarnation?: string;
  /** Where a job was placed. */
  readonly node?: string;
  readonly read?: ReadAnswer;
  readonly searched?: readonly string[] | undefined;
  /** Only for a dispatch that found no node. */
  readonly tried?: readonly string[] | undefined;
  /** Only for a heartbeat: the jobs that have no place. */
  readonly unknown?: readonly string[] | undefined;
  /** Only for a selection. */
  readonly stale?: boolean | undefined;
  readonly selected?: readonly NodeContent[];
}

interface Unanswered {
  readonly from: Millis;
  readonly to: null;
  readonly ran?: undefined;
  readonly waited?: undefined;
}

interface Made {
  readonly subject: Subject;
  readonly from: Millis;
  /** When its client gave it up. */
  aborted: Millis | undefined;
}

export class Caller {
  readonly #ledger: Ledger;
  readonly #inFlight = new Map<number, Made>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Never rejects: a call that throws is a failure like any other, and is named. */
  async call<Answer>(
    subject: Subject,
    run: () => Answer | Promise<Answer>,
    read: (answer: Answer) => CallResult,
  ): Promise<CallResult> {
    const id = this.#ledger.nextCall();
    const from = this.#ledger.now();
    const { signal } = subject;
    const made: Made = { subject, from, aborted: signal?.aborted ? from : undefined };
    const aborted = (): void => {
      made.aborted = this.#ledger.now();
    };
    signal?.addEventListener("abort", aborted);
    this.#inFlight.set(id, made);
    this.#ledger.begun?.(id, signal === undefined ? subject : withoutSignal(subject));
    let result: CallResult;
    let times: Measured;
    try {
      const answer = await run();
      times = this.#timesOf(answer, from);
      result = read(answer);
    } catch (error) {
      times = this.#timesOf(error, from);
      result = {
        outcome: "fail",
        reply: `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
      };
    }
    signal?.removeEventListener("abort", aborted);
    if (this.#inFlight.delete(id)) this.#ledger.event(callOf(id, made, times, result));
    return result;
  }

  #timesOf(answer: unknown, from: Millis): Measured {
    const to = this.#ledger.now();
    const own = typeof answer === "object" && answer !== null ? this.#ledger.timesOf?.(answer) : undefined;
    return own ?? { from, to };
  }

  /** The run is over: calls without an answer are recorded as such, and are no longer waited for. */
  giveUp(): void {
    for (const [id, made] of this.#inFlight) {
      const times = { from: made.from, to: null };
      this.#ledger.event(callOf(id, made, times, { outcome: "info", reply: "never returned" }));
    }
    this.#inFlight.clear();
  }
}

/** A signal is no part of a record. */
function withoutSignal({ signal: _, ...recorded }: Subject): Subject {
  return recorded;
}

/**
 * Every call has every field, `undefined` where nothing is known: judges read calls by the million, and V8 finds a field quickly only in objects of
 * one shape.
 */
function callOf(id: number, { aborted, subject }: Made, times: Measured | Unanswered, result: CallResult): Call {
  const { allowed, asked, configuration, expected, instance, job, lease, metrics, offer, op, running, seq } = subject;
  const { outcome, read, reply, searched, selected, stale, tried, unknown, version } = result;
  const node = result.node ?? subject.node;
  const incarnation = result.incarnation ?? subject.incarnation;
  const { from, ran, to, waited } = times;
  const kind = "call";
  // biome-ignore format: the order of a line in a history
  return { kind, id, instance, op, node, job, seq, running, incarnation, expected, metrics, offer, asked, lease, configuration, allowed, from, to, outcome, reply, aborted, version, read, searched, tried, unknown, stale, selected, ran, waited };
}

/** Whether a call threw what no scheduler promises to throw: a mistake in its program. */
export function isMistake(reply: string): boolean {
  return reply.startsWith("threw ") && /^threw (TypeError|RangeError|ReferenceError|SyntaxError)\b/.test(reply);
}

/** A read always has an answer. */
export function readResult({ found, source, stale, age_ms, mode, node }: NodeAnswer): CallResult {
  const content: NodeContent | null = node ?? null;
  // Infinite ages (nothing was ever known) have no place in JSON.
  const age = Number.isFinite(age_ms) ? age_ms : -1;
  return {
    outcome: "ok",
    reply: found ? "found" : "missing",
    read: { found, source, stale, age_ms: age, mode, node: content },
  };
}

export function selectionResult({ mode, nodes, pools, stale }: Awaited<ReturnType<Target["selectNodes"]>>): CallResult {
  return { outcome: "ok", reply: mode, searched: pools, stale, selected: nodes };
}

export function writeResult(answer: Written | Failure): CallResult {
  if ("applied" in answer) return failureResult(answer);
  return { outcome: "ok", reply: answer.kind, version: answer.version, unknown: answer.unknown_jobs };
}

export function registrationResult(answer: Registered | Failure): CallResult {
  const result = writeResult(answer);
  return "incarnation" in answer && answer.incarnation !== null
    ? { ...result, incarnation: answer.incarnation }
    : result;
}

export function failureResult({ applied, cause }: Failure): CallResult {
  return { outcome: applied === "unknown" ? "info" : "fail", reply: cause };
}
