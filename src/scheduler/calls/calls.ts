/**
 * The one way to the store. Every call has a deadline that holds even if the store breaks its promise, a bound on how many are under
 * way, and a report to the mode machine; nothing is queued.
 */

import type { Emit, Operation } from "../events.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import {
  type Answer,
  type Clock,
  type Failure,
  type Instant,
  isFailure,
  type Millis,
  type PartitionTag,
} from "../ports.ts";
import type { Settings } from "../settings.ts";
import { Deadlines } from "./deadlines.ts";
import { type Member, SwapRemoveSet } from "./swap-remove-set.ts";

export interface Call<Reply> {
  readonly operation: Operation;
  readonly partition: PartitionTag;
  run(deadline: Millis): Promise<Answer<Reply>>;
}

export interface CallOptions {
  /** Ends the waiting. A call that was sent may have happened all the same: `aborted`, applied "unknown". */
  readonly signal?: AbortSignal;
}

interface WriteOptions extends CallOptions {
  /** A repetition that settles whether an earlier write happened: sent in every mode. */
  readonly urgent?: boolean;
}

interface InFlight extends Member {
  /** Ends the waiting. */
  giveUp(): void;
}

export class Calls {
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #mode: ModeKeeper;
  readonly #emit: Emit;
  readonly #deadlines: Deadlines;
  readonly #inFlight = new SwapRemoveSet<InFlight>();
  #isDraining = false;
  #closed = false;
  #onIdle: (() => void) | null = null;
  #lastReadAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, settings: Settings, mode: ModeKeeper, emit: Emit) {
    this.#clock = clock;
    this.#settings = settings;
    this.#mode = mode;
    this.#emit = emit;
    this.#deadlines = new Deadlines(clock);
  }

  /** For callers that wait for calls. */
  get deadlines(): Deadlines {
    return this.#deadlines;
  }

  /** When the last read was sent. */
  get lastReadAt(): Instant {
    return this.#lastReadAt;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  read<Reply extends { readonly kind: string }>(call: Call<Reply>): Promise<Answer<Reply>> {
    this.#lastReadAt = this.#clock.now();
    return this.#send(call, this.#settings.readDeadline, true);
  }

  /** Fails fast while degraded, unless Redis has answered a probe. */
  write<Reply extends { readonly kind: string }>(
    call: Call<Reply>,
    { signal, urgent = false }: WriteOptions = {},
  ): Promise<Answer<Reply>> {
    if (signal?.aborted) return Promise.resolve(notSent("aborted", "not sent: aborted before"));
    if (!urgent && !this.#mode.allowsWrites)
      return Promise.resolve(notSent("disconnected", `not sent: this instance is ${this.#mode.reason}`));
    return this.#send(call, this.#settings.writeDeadline, false, signal);
  }

  /** Sends nothing more; resolves when all calls in flight have ended, each by its deadline. */
  async drained(): Promise<void> {
    this.#isDraining = true;
    if (this.#inFlight.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Ends all calls in flight, now. */
  close(): void {
    this.#closed = true;
    for (const call of this.#inFlight) call.giveUp();
    this.#deadlines.close();
  }

  /** One promise for each call, the one that is returned: this is the way of everything that is ever asked. */
  #send<Reply extends { readonly kind: string }>(
    call: Call<Reply>,
    deadline: Millis,
    isRead: boolean,
    signal?: AbortSignal,
  ): Promise<Answer<Reply>> {
    if (this.#closed || this.#isDraining)
      return Promise.resolve(notSent("closed", "not sent: this instance is closed"));
    if (this.#inFlight.size >= this.#settings.maxCalls)
      return Promise.resolve(notSent("overloaded", `not sent: ${this.#inFlight.size} calls are in flight already`));
    const startedAt = this.#clock.now();
    const { promise, resolve, reject } = Promise.withResolvers<Answer<Reply>>();
    let given = false;
    const giveUp = (): void => give(this.#givenUp(startedAt, signal?.aborted === true));
    const give = (answer: Answer<Reply>): void => {
      if (given) {
        if (!this.#closed) this.#emitLateReply(call, startedAt);
        return;
      }
      given = true;
      late.met();
      signal?.removeEventListener("abort", giveUp);
      this.#inFlight.leave(own);
      if (this.#inFlight.size === 0) this.#onIdle?.();
      try {
        this.#report(call, answer, startedAt, isRead);
        resolve(answer);
      } catch (error) {
        reject(error); // the observer has thrown; without this the caller would wait for ever
      }
    };
    const own: InFlight = { giveUp, place: 0 };
    const late = this.#deadlines.set(deadline + this.#settings.deadlineGrace, giveUp);
    signal?.addEventListener("abort", giveUp);
    this.#inFlight.join(own);
    asked(call, deadline).then(give, (error: unknown) => give(brokenContract(error)));
    return promise;
  }

  #report(call: Call<unknown>, answer: Answer<{ readonly kind: string }>, startedAt: Instant, isRead: boolean): void {
    const { operation, partition } = call;
    const took = this.#clock.now() - startedAt;
    const failure = isFailure(answer) ? answer : null;
    this.#emit({ kind: "store_call", operation, partition, took, outcome: failure?.cause ?? "answered" });
    if (failure === null) this.#mode.report({ kind: "call_answered" });
    // A server that takes no writes may still be read: that is not away, and degrading would not help the writes.
    else if (isRead || failure.cause !== "readonly") this.#mode.report({ kind: "call_failed", cause: failure.cause });
  }

  #givenUp(startedAt: Instant, isAborted: boolean): Failure {
    const after = this.#clock.now() - startedAt;
    const given = { kind: "failed", applied: "unknown", after } as const;
    if (this.#closed) return { ...given, cause: "closed", message: "closed meanwhile" };
    if (isAborted) return { ...given, cause: "aborted", message: "aborted meanwhile" };
    return { ...given, cause: "deadline", message: "no answer in time" };
  }

  #emitLateReply(call: Call<unknown>, startedAt: Instant): void {
    const { operation, partition } = call;
    this.#emit({ kind: "late_reply", operation, partition, after: this.#clock.now() - startedAt });
  }
}

function notSent(cause: Failure["cause"], message: string): Failure {
  return { kind: "failed", applied: "no", cause, after: 0, message };
}

/** A port that throws at once breaks its contract no less than one that rejects. */
function asked<Reply>(call: Call<Reply>, deadline: Millis): Promise<Answer<Reply>> {
  try {
    return call.run(deadline);
  } catch (error) {
    return Promise.resolve(brokenContract(error));
  }
}

/** Reported like any reply that cannot be understood. */
function brokenContract(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "failed", applied: "unknown", cause: "protocol", after: 0, message };
}
