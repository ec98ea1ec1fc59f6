/**
 * The Store port of one life of an instance: each call goes over the link to the server and is answered within its deadline. Failures have the same
 * cause and the same `applied` as those of src/redis in the same case.
 */
import type { Answer, Failure } from "../../protocol/replies.ts";
import type { Instant, Millis } from "../../protocol/time.ts";
import type { PartitionTag } from "../../protocol/version.ts";
import type { SchedulerEvent } from "../../scheduler/events.ts";
import type { CallInterceptor, Interceptors } from "../faults/interceptor.ts";
import type { Question, Script, Settled } from "../trace/events.ts";
import type { Connection } from "../world/connection.ts";
import { Link, type LinkPorts, silence } from "../world/link.ts";
import { type Due, sameTime } from "../world/virtual-time.ts";
import { failure, wrongType } from "./protocol-values.ts";
import { ScriptStore } from "./script-store.ts";
import type { Request, ServerAnswer } from "./server.ts";

interface StorePorts extends LinkPorts {
  readonly interceptors: Interceptors;
  /** The number of partitions that this instance believes there are. */
  readonly partitions: number;
  readonly nextRequest: () => number;
  /** Whether the client reports neither timeouts nor broken connections now, and a few calls throw. */
  readonly isBroken: () => boolean;
}

type StoreCall = Extract<SchedulerEvent, { readonly kind: "store_call" }>;

/** A call that has no answer yet. */
interface Open {
  readonly request: Request;
  readonly connection: Connection;
  readonly partition: PartitionTag;
  readonly from: Instant;
  readonly deadline: Millis;
  /** null: only a reply ends it, or the instance itself. */
  readonly late: Due | null;
  readonly resolve: (answer: unknown) => void;
  /** The instance has ended it, and no longer waits for a reply. */
  isGivenUp: boolean;
  isAborted: boolean;
}

const untimed = { isUntimed: true } as const;
const aborted = { isAborted: true } as const;
const notEnded = { isGivenUp: false, isAborted: false };
/** Ways in which an instance itself ends a call. */
const ownEnds: ReadonlySet<StoreCall["outcome"]> = new Set<StoreCall["outcome"]>(["deadline", "aborted", "closed"]);
/** Every so many calls of a broken client throw. */
const throwsEvery = 256;

const causesInWords: Readonly<Partial<Record<Failure["cause"], string>>> = {
  readonly: "READONLY You can't write against a read only replica",
  loading: "LOADING Redis is loading the dataset in memory",
  busy: "BUSY Redis is busy running a script",
  out_of_memory: "OOM command not allowed when used memory > 'maxmemory'",
  wrong_type: wrongType,
  moved: "MOVED and could not be followed",
};

export class SimStore extends ScriptStore {
  readonly #ports: StorePorts;
  readonly #link: Link;
  /** Calls in flight, in order; a few at a time. */
  readonly #open: Open[] = [];
  #isClosed = false;
  /** The timer that detects a silent connection. */
  #watch: Due | null = null;

  constructor(ports: StorePorts) {
    super();
    this.#ports = ports;
    this.#link = new Link(ports, { up: () => {}, down: (connection) => this.#lost(connection) });
  }

  get link(): Link {
    return this.#link;
  }

  connect(): void {
    this.#link.open();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#link.close();
  }

  /** The instance is dead: the replies to its requests are lost. */
  forsake(): void {
    for (const { request } of this.#open) this.#emitLost("reply", request.id);
  }

  /** The instance has ended a call, before its client has. Of one that hangs nothing else says so. */
  ended({ operation, outcome, partition, took }: StoreCall): void {
    if (!ownEnds.has(outcome)) return;
    const from = this.#ports.timeline.now - took;
    const script = operation === "version_check" ? "changes_since" : operation;
    const open = this.#open.find(
      (one) =>
        !one.isGivenUp &&
        !one.isAborted &&
        one.request.script === script &&
        one.partition === partition &&
        Math.abs(one.from - from) < sameTime,
    );
    if (open === undefined) return;
    open.isAborted = outcome === "aborted";
    if (open.late !== null) return;
    open.isGivenUp = true;
    this.#emitSettled(open, outcome);
  }

  protected ask<Reply>(
    script: Script,
    question: Question,
    partition: PartitionTag,
    deadline: Millis,
  ): Promise<Answer<Reply>> {
    if (this.#isClosed) return Promise.resolve(failure("closed", "the store has been closed"));
    const { connection } = this.#link;
    if (connection === null) return Promise.resolve(failure("disconnected", "the connection is not there"));
    const { bus, instance, isBroken, nextRequest, owner, partitions, timeline } = this.#ports;
    const request: Request = { id: nextRequest(), instance, script, question, partitions, withSource: false };
    const from = timeline.now;
    bus.emit({ kind: "sent", at: from, instance, request: request.id, script, partition, question, deadline });
    const hangs = isBroken();
    if (hangs && request.id % throwsEvery === 0) return this.#thrown(request, partition, deadline);
    return new Promise<unknown>((resolve) => {
      const late = hangs ? null : timeline.timer(deadline, owner, () => this.#settle(request.id, "deadline"));
      this.#open.push({ request, connection, partition, from, deadline, late, resolve, ...notEnded });
      this.#send(request, connection, this.#ports.interceptors.meetCall(script));
      this.#watchSilence(connection);
    }) as Promise<Answer<Reply>>;
  }

  /** The client breaks its contract: every second time by a rejection. */
  #thrown({ id: request, script }: Request, partition: PartitionTag, deadline: Millis): Promise<never> {
    const { bus, instance, timeline } = this.#ports;
    const at = timeline.now;
    bus.emit({ kind: "settled", at, instance, request, script, partition, from: at, deadline, outcome: "protocol" });
    const error = new Error("the client is broken");
    if (request % (2 * throwsEvery) === 0) return Promise.reject(error);
    throw error;
  }

  #send(request: Request, connection: Connection, interceptor: CallInterceptor | null): void {
    const lose = (): void => this.#emitLost("request", request.id);
    const bytes = 300;
    const interception = interceptor?.interception ?? null;
    const arrive = (): void => this.#arrive(request, connection, interceptor);
    switch (interception?.kind) {
      case "held":
        // The hop keeps the command, and nothing else that is sent on this connection arrives.
        interceptor?.held.push(() => connection.server.take(request, () => this.#emitLost("reply", request.id)));
        connection.cut("the hop keeps a command back");
        interceptor?.caught();
        return;
      case "delayed":
        interceptor?.caught();
        connection.request(bytes, arrive, lose, interception.by);
        return;
      case "repeated":
        interceptor?.caught();
        connection.request(bytes, arrive, lose);
        connection.request(bytes, () => connection.server.take(request, () => {}), lose, interception.after);
        return;
      default:
        connection.request(bytes, arrive, lose);
    }
  }

  #arrive(request: Request, connection: Connection, interceptor: CallInterceptor | null): void {
    connection.server.take(request, (said) => {
      const isMet = interceptor?.interception.kind === "withheld" && this.#ports.interceptors.hasCall(interceptor);
      if (isMet && said.kind === "reply") {
        this.#withhold(request, connection, said, interceptor.interception.connection);
        interceptor.caught();
        return;
      }
      const bytes = said.kind === "reply" ? said.bytes : 60;
      connection.reply(
        bytes,
        () => this.#hear(request, connection, said),
        () => this.#emitLost("reply", request.id),
      );
    });
  }

  #withhold(request: Request, connection: Connection, said: ServerAnswer, how: "cut" | "silent"): void {
    const { bus, instance, timeline } = this.#ports;
    const { asked } = request.question;
    bus.emit({
      kind: "withheld",
      at: timeline.now,
      instance,
      request: request.id,
      script: request.script,
      node: "node" in asked ? asked.node : "",
      job: "job" in asked ? asked.job : "",
      reply: said.kind === "reply" ? said.word : said.cause,
    });
    if (how === "cut") connection.cut("cut after a reply was withheld");
    else connection.silence();
  }

  #hear(request: Request, connection: Connection, said: ServerAnswer): void {
    if (said.kind === "reply") {
      this.#settle(request.id, "answered", said.answer);
      return;
    }
    if (said.cause !== "no_script") {
      this.#settle(request.id, said.cause);
      return;
    }
    // Only after this error is sending again safe; the deadline stays.
    if (connection.isOpen) this.#send({ ...request, withSource: true }, connection, null);
  }

  #lost(connection: Connection): void {
    if (this.#watch !== null) this.#watch.work = null;
    for (const open of [...this.#open]) {
      if (open.connection === connection && open.late !== null) this.#settle(open.request.id, "disconnected");
    }
  }

  #settle(id: number, outcome: "answered" | Failure["cause"], answer?: unknown): void {
    const index = this.#open.findIndex(({ request }) => request.id === id);
    const open = this.#open[index];
    if (open === undefined) return; // answered too late: the call has ended
    this.#open.splice(index, 1);
    if (open.late !== null) open.late.work = null;
    const { deadline, from, isGivenUp, resolve } = open;
    if (!isGivenUp) this.#emitSettled(open, outcome);
    if (outcome === "answered") resolve(answer);
    else resolve({ ...failureOf(outcome, deadline), after: this.#ports.timeline.now - from });
  }

  #emitSettled(open: Open, outcome: Settled["outcome"]): void {
    const { bus, instance, timeline } = this.#ports;
    const { deadline, from, isAborted, late, partition, request } = open;
    const [at, { id, script }] = [timeline.now, request];
    const settled: Settled = { kind: "settled", at, instance, request: id, script, partition, from, deadline, outcome };
    if (late !== null && !isAborted) bus.emit(settled);
    else bus.emit({ ...settled, ...(late === null && untimed), ...(isAborted && aborted) });
  }

  #emitLost(what: "request" | "reply", request: number): void {
    const { bus, instance, timeline } = this.#ports;
    bus.emit({ kind: "lost", at: timeline.now, instance, what, request, partition: null, version: null });
  }

  /** As a socket's timeout: gives the connection up when a request has had no reply for too long. */
  #watchSilence(connection: Connection): void {
    if (this.#watch !== null && this.#watch.work !== null) return;
    const { owner, timeline } = this.#ports;
    const look = (): void => {
      const quiet = timeline.now - connection.unansweredSince;
      if (connection !== this.#link.connection || quiet < 0) return;
      if (quiet >= silence) this.#link.giveUp("nothing heard for too long");
      else this.#watch = timeline.timer(silence - quiet, owner, look);
    };
    this.#watch = timeline.timer(silence, owner, look);
  }
}

function failureOf(cause: Failure["cause"], deadline: Millis): Failure {
  if (cause === "deadline") return failure(cause, `no answer within ${deadline} ms`, "unknown");
  if (cause === "disconnected") return failure(cause, "the connection broke", "unknown");
  return failure(cause, causesInWords[cause] ?? cause);
}
