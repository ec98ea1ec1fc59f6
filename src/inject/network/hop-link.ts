/** One connection through a hop. */
import { type Call, CallReader, type CommandCounts, nameOf } from "./calls.ts";
import type { Interceptor, MessageFilter, Stamp } from "./interceptor.ts";
import { OwedReplies } from "./owed-replies.ts";
import { type Message, MessageReader, ProtocolError } from "./resp.ts";

/** One of the two sockets of a connection through a hop. */
export interface Wire {
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "error" | "close", listener: () => void): unknown;
  once(event: "data", listener: (chunk: Buffer) => void): unknown;
  write(bytes: Buffer): unknown;
  destroy(): unknown;
  readonly destroyed: boolean;
}

export interface Watched {
  /** An interceptor that has chosen its call is removed. */
  readonly interceptors: Set<Interceptor>;
  readonly filters: ReadonlySet<MessageFilter>;
  readonly stamp: Stamp;
  readonly counts: CommandCounts;
  /** Called with each reply that the client gets. */
  readonly onAnswer: () => void;
  /** Called with each error that Redis answers. */
  readonly onError: (text: string) => void;
  /** Called when Redis has closed the connection. */
  readonly onClosed: () => void;
}

/** The treatment of a reply. */
type Treatment = { readonly kind: "pass" } | { readonly kind: "drop" } | Losing;

interface Losing {
  readonly kind: "lose";
  readonly interceptor: Interceptor;
  readonly call: Call;
  readonly connection: "cut" | "silent";
}

const pass: Treatment = { kind: "pass" };
const drop: Treatment = { kind: "drop" };

export class HopLink {
  readonly #client: Wire;
  readonly #redis: Wire;
  readonly #requests = new MessageReader("requests");
  readonly #replies = new MessageReader();
  readonly #calls = new CallReader();
  readonly #owed = new OwedReplies<Treatment>();
  readonly #watched: Watched;
  /** Bytes that wait for a delay to end; null: nothing is delayed. */
  #delayed: Buffer[] | null = null;
  #held: { readonly interceptor: Interceptor; readonly raw: Buffer } | null = null;
  #silencedBy: Interceptor | null = null;
  #isDead = false;
  /** Requests, or replies, that are not RESP pass as they are, and so does all that follows. */
  #isOpaque = false;
  #isUnreadable = false;
  /** Whether the harness asks here; null: nothing has been asked yet. */
  #isProbe: boolean | null = null;
  #onEnd: () => void = () => {};

  constructor(client: Wire, redis: Wire, watched: Watched) {
    this.#client = client;
    this.#redis = redis;
    this.#watched = watched;
    client.on("data", (chunk) => this.#fromClient(chunk));
    redis.on("data", (chunk) => this.#fromRedis(chunk));
    client.on("error", () => this.#clientGone());
    client.on("close", () => this.#clientGone());
    redis.on("error", () => this.#redisGone());
    redis.on("close", () => this.#redisGone());
  }

  onEnd(callback: () => void): void {
    this.#onEnd = callback;
  }

  cut(): void {
    this.#held = null;
    this.#client.destroy();
    this.#redis.destroy();
    this.#onEnd();
  }

  release(interceptor: Interceptor): void {
    if (this.#silencedBy === interceptor) this.cut();
    if (this.#held?.interceptor !== interceptor) return;
    // The reply has no receiver; once it has come, the connection is no longer needed.
    this.#redis.once("data", () => this.cut());
    this.#redis.write(this.#held.raw);
    this.#held = null;
  }

  /** @returns false where it had been deadened before */
  deaden(): boolean {
    if (this.#isDead) return false;
    this.#isDead = true;
    return true;
  }

  /** A held call goes to Redis though its client has disconnected. */
  #clientGone(): void {
    if (this.#held === null) this.cut();
  }

  #redisGone(): void {
    if (this.#isDead) return;
    if (!this.#client.destroyed && this.#isProbe === false) this.#watched.onClosed();
    this.cut();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#isDead || this.#held !== null) return;
    const onward: Buffer[] = [];
    if (this.#isOpaque) this.#forward(onward, chunk);
    else this.#readRequests(chunk, onward);
    if (onward.length > 0) this.#redis.write(onward.length === 1 ? (onward[0] ?? chunk) : Buffer.concat(onward));
  }

  #readRequests(chunk: Buffer, onward: Buffer[]): void {
    try {
      for (const message of this.#requests.read(chunk)) {
        if (this.#request(message, onward) === "cut") break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isOpaque = true;
      this.#forward(onward, this.#requests.rest);
    }
  }

  #request(message: Message, onward: Buffer[]): "cut" | "on" {
    const { parts } = message;
    // Requests of the harness itself, and a close that the client asks for, say nothing of the instance.
    this.#isProbe ??= isOfProbe(parts);
    if (nameOf(parts) === "QUIT") this.#isProbe = true;
    if (!this.#isProbe && parts.length > 0) this.#watched.counts.add(parts);
    const raw = this.#watched.stamp(message.raw, parts);
    const call = this.#calls.take(message, raw);
    const interceptor = call && [...this.#watched.interceptors].find((each) => each.matches(call));
    if (call && interceptor) return this.#trigger(interceptor, call, onward);
    this.#owed.expect(parts, pass);
    this.#forward(onward, raw);
    return "on";
  }

  #trigger(interceptor: Interceptor, call: Call, onward: Buffer[]): "cut" | "on" {
    this.#watched.interceptors.delete(interceptor);
    const { effect } = interceptor;
    switch (effect.kind) {
      case "lose_reply":
        this.#send(onward, call, { kind: "lose", interceptor, call, connection: effect.connection });
        return "on";
      case "repeat":
        this.#send(onward, call, pass);
        for (const raw of call.requests) {
          this.#owed.expect(["repeated"], drop);
          this.#forward(onward, raw);
        }
        interceptor.triggered(call, []);
        return "on";
      case "delay":
        this.#delayed ??= [];
        this.#send(onward, call, pass);
        setTimeout(() => this.#endDelay(), effect.by);
        interceptor.triggered(call, []);
        return "on";
      case "hold":
        this.#held = { interceptor, raw: lastOf(call) };
        this.#client.destroy();
        interceptor.triggered(call, []);
        return "cut";
    }
  }

  /** The request that completes a call. */
  #send(onward: Buffer[], call: Call, treatment: Treatment): void {
    this.#owed.expect(call.requests.length > 1 ? ["EXEC"] : (call.commands[0] ?? []), treatment);
    this.#forward(onward, lastOf(call));
  }

  /** Keeps the order: after bytes that are delayed. */
  #forward(onward: Buffer[], raw: Buffer): void {
    if (this.#delayed === null) onward.push(raw);
    else this.#delayed.push(raw);
  }

  #endDelay(): void {
    const waiting = this.#delayed ?? [];
    this.#delayed = null;
    if (!this.#redis.destroyed) for (const raw of waiting) this.#redis.write(raw);
  }

  #fromRedis(chunk: Buffer): void {
    if (this.#isDead) return;
    const onward: Buffer[] = [];
    if (!this.#isUnreadable) this.#readReplies(chunk, onward);
    else if (this.#silencedBy === null) onward.push(chunk);
    if (onward.length === 0 || this.#client.destroyed) return;
    this.#client.write(onward.length === 1 ? (onward[0] ?? chunk) : Buffer.concat(onward));
  }

  #readReplies(chunk: Buffer, onward: Buffer[]): void {
    try {
      for (const message of this.#replies.read(chunk)) this.#reply(message, onward);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isUnreadable = true;
      onward.push(this.#replies.rest);
    }
  }

  #reply(message: Message, onward: Buffer[]): void {
    if (this.#owed.isWakeUp(message)) {
      const isDropped = [...this.#watched.filters].some((filter) => filter(message.parts));
      if (!isDropped && this.#silencedBy === null) onward.push(message.raw);
      return;
    }
    const treatment = this.#owed.next(message) ?? pass;
    for (const text of message.errors) this.#watched.onError(text);
    if (this.#silencedBy !== null) return;
    if (treatment.kind === "lose") this.#lose(treatment, message, onward);
    if (treatment.kind !== "pass") return;
    onward.push(message.raw);
    if (this.#isProbe === false) this.#watched.onAnswer();
  }

  #lose({ call, connection, interceptor }: Losing, reply: Message, onward: Buffer[]): void {
    this.#silencedBy = interceptor;
    interceptor.triggered(call, reply.parts);
    if (connection !== "cut") return;
    // Earlier replies that came with it have been read by the client, as far as it knows.
    if (onward.length > 0) this.#client.write(Buffer.concat(onward.splice(0)));
    this.cut();
  }
}

/** A WireProbe sends numbered texts. */
function isOfProbe(request: readonly string[]): boolean {
  return nameOf(request) === "ECHO" && /^\d+:x*$/.test(request[1] ?? "");
}

function lastOf({ requests }: Call): Buffer {
  return requests.at(-1) ?? Buffer.alloc(0);
}
