/**
 * The one way to the store. Every call has a deadline that holds even if the store breaks its promise, and a report to the mode machine; nothing is
 * queued. The calls of clients are bounded in number. Those that the instance makes to follow, probe and sweep are not counted with them, so that no
 * load of clients keeps an instance from following: they are few by themselves, one or two for each partition.
 */

import type { Answer, Failure } from "../../protocol/replies.ts";
import type { Instant, Millis } from "../../protocol/time.ts";
import type { PartitionTag } from "../../protocol/version.ts";
import type { Emit, Operation } from "../events.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import { type Clock, isFailure } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
import { type Member, SwapRemoveSet } from "./swap-remove-set.ts";

export interface Call<Reply> {
  readonly operation: Operation;
  readonly partition: PartitionTag;
  run(deadline: Millis): Promise<Answer<Reply>>;
}

/** The kind of caller: only calls of clients are refused for their number. */
type Origin = "client" | "own";

export interface CallOptions {
  /** Ends the waiting. A call that was sent may have happened all the same: `aborted`, applied "unknown". */
  readonly signal?: AbortSignal;
}

interface WriteOptions extends CallOptions {
  /** A repetition that settles whether an earlier write happened: sent in every mode. */
  readonly urgent?: boolean;
  readonly origin?: Origin;
}

interface Sending {
  readonly deadline: Millis;
  readonly isRead: boolean;
  readonly origin: Origin;
  readonly signal?: AbortSignal | undefined;
}

interface InFlight extends Member {
  readonly origin: Origin;
  readonly late: Deadline;
  hasLeft: boolean;
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
  /** The number of calls of clients among those. */
  #ofClients = 0;
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

  /** Nothing is sent any more. */
  get #isEnding(): boolean {
    return this.#closed || this.#isDraining;
  }

  read<Reply extends { readonly kind: string }>(call: Call<Reply>, origin: Origin): Promise<Answer<Reply>> {
    this.#lastReadAt = this.#clock.now();
    return this.#send(call, { deadline: this.#settings.readDeadline, isRead: true, origin });
  }

  /** Fails fast where the mode refuses writes. */
  write<Reply extends { readonly kind: string }>(
    call: Call<Reply>,
    { origin = "client", signal, urgent = false }: WriteOptions = {},
  ): Promise<Answer<Reply>> {
    if (signal?.aborted) return this.#refuse(call, "aborted", "aborted before");
    if (!urgent && !this.#mode.allowsWrites && !this.#isEnding)
      return this.#refuse(call, "disconnected", `this instance is ${this.#mode.reason}`);
    return this.#send(call, { deadline: this.#settings.writeDeadline, isRead: false, origin, signal });
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
    { deadline, isRead, origin, signal }: Sending,
  ): Promise<Answer<Reply>> {
    if (this.#isEnding) return this.#refuse(call, "closed", "this instance is closed");
    if (origin === "client" && this.#ofClients >= this.#settings.maxCalls)
      return this.#refuse(call, "overloaded", `${this.#ofClients} calls of clients are in flight already`);
    const startedAt = this.#clock.now();
    const { promise, resolve, reject } = Promise.withResolvers<Answer<Reply>>();
    let given = false;
    const give = (answer: Answer<Reply>): void => {
      given = true;
      signal?.removeEventListener("abort", abort);
      try {
        this.#report(call, answer, startedAt, isRead);
        resolve(answer);
      } catch (error) {
        reject(error); // the observer has thrown; without this the caller would wait for ever
      }
    };
    const giveUp = (): void => {
      this.#leave(own);
      if (!given) give(this.#givenUp(startedAt, false));
    };
    // The caller waits no longer. The store does not know that, so the call is in flight until it is answered or due.
    const abort = (): void => give(this.#givenUp(startedAt, true));
    const late = this.#deadlines.set(deadline + this.#settings.deadlineGrace, giveUp);
    const own: InFlight = { origin, late, hasLeft: false, giveUp, place: 0 };
    const settle = (answer: Answer<Reply>): void => {
      this.#leave(own);
      if (!given) give(answer);
      else if (!this.#closed) this.#emitLateReply(call, startedAt);
    };
    signal?.addEventListener("abort", abort);
    this.#inFlight.join(own);
    if (origin === "client") this.#ofClients += 1;
    asked(call, deadline).then(settle, (error: unknown) => settle(brokenContract(error)));
    return promise;
  }

  /** Does nothing for a call that has left. */
  #leave(call: InFlight): void {
    if (call.hasLeft) return;
    call.hasLeft = true;
    call.late.met();
    this.#inFlight.leave(call);
    if (call.origin === "client") this.#ofClients -= 1;
    if (this.#inFlight.size === 0) this.#onIdle?.();
  }

  #refuse({ operation, partition }: Call<unknown>, cause: Failure["cause"], reason: string): Promise<Failure> {
    this.#emit({ kind: "call_refused", operation, partition, cause });
    return Promise.resolve({ kind: "failed", applied: "no", cause, after: 0, message: `not sent: ${reason}` });
  }

  #report(call: Call<unknown>, answer: Answer<{ readonly kind: string }>, startedAt: Instant, isRead: boolean): void {
    const { operation, partition } = call;
    const took = this.#clock.now() - startedAt;
    const failure = isFailure(answer) ? answer : null;
    this.#emit({ kind: "store_call", operation, partition, took, outcome: failure?.cause ?? "answered" });
    if (failure === null) this.#mode.report({ kind: "call_answered" });
    // A server that takes no writes may still be read: that is not away, and degrading would not help the writes.
    else if (isRead || failure.cause !== "readonly")
      this.#mode.report({ kind: "call_failed", cause: failure.cause, isRead });
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
