/** One connection through a hop. */
import { connect, type Socket } from "node:net";
import { loopback } from "../../lab/process/port.ts";
import type { Interceptor, MessageFilter, Stamp, Traffic } from "./interceptor.ts";
import { MessageReader } from "./resp.ts";

interface Watched {
  readonly traffic: Traffic;
  /** An interceptor that has chosen its call is removed. */
  readonly interceptors: Set<Interceptor>;
  readonly filters: ReadonlySet<MessageFilter>;
  readonly stamp: Stamp;
}

/** The treatment of a reply. */
type Awaited =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  | {
      readonly kind: "lose";
      readonly interceptor: Interceptor;
      readonly request: readonly string[];
      readonly connection: "cut" | "silent";
    };

const pass: Awaited = { kind: "pass" };

export class HopLink {
  readonly #client: Socket;
  readonly #redis: Socket;
  readonly #requests = new MessageReader();
  readonly #replies = new MessageReader();
  readonly #watched: Watched;
  /** One for each call that went to Redis, in order. */
  readonly #awaited: Awaited[] = [];
  /** Bytes that wait for a delay to end; null: nothing is delayed. */
  #delayed: Buffer[] | null = null;
  #held: { readonly interceptor: Interceptor; readonly raw: Buffer } | null = null;
  #silencedBy: Interceptor | null = null;
  #isDead = false;
  #onEnd: () => void = () => {};

  constructor(client: Socket, redisPort: number, watched: Watched) {
    this.#client = client;
    this.#watched = watched;
    this.#redis = connect({ host: loopback, port: redisPort, noDelay: true });
    client.on("data", (chunk: Buffer) => this.#fromClient(chunk));
    this.#redis.on("data", (chunk: Buffer) => this.#fromRedis(chunk));
    client.on("error", () => this.#clientGone());
    client.on("close", () => this.#clientGone());
    this.#redis.on("error", () => this.#redisGone());
    this.#redis.on("close", () => this.#redisGone());
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
    if (!this.#isDead) this.cut();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#isDead || this.#held !== null) return;
    if (this.#watched.traffic === "messages") {
      this.#redis.write(chunk);
      return;
    }
    const onward: Buffer[] = [];
    for (const { raw: sent, parts } of this.#requests.read(chunk)) {
      const raw = this.#watched.stamp(sent, parts);
      const interceptor = [...this.#watched.interceptors].find((each) => each.matches(parts));
      if (interceptor === undefined) this.#send(onward, raw, pass);
      else if (this.#trigger(interceptor, raw, parts, onward) === "cut") break;
    }
    if (onward.length > 0) this.#redis.write(onward.length === 1 ? (onward[0] ?? chunk) : Buffer.concat(onward));
  }

  #trigger(interceptor: Interceptor, raw: Buffer, request: readonly string[], onward: Buffer[]): "cut" | "on" {
    this.#watched.interceptors.delete(interceptor);
    const { effect } = interceptor;
    switch (effect.kind) {
      case "lose_reply":
        this.#send(onward, raw, { kind: "lose", interceptor, request, connection: effect.connection });
        return "on";
      case "repeat":
        this.#send(onward, raw, pass);
        this.#send(onward, raw, { kind: "drop" });
        interceptor.triggered(request, []);
        return "on";
      case "delay":
        this.#delayed ??= [];
        this.#send(onward, raw, pass);
        setTimeout(() => this.#endDelay(), effect.by);
        interceptor.triggered(request, []);
        return "on";
      case "hold":
        this.#held = { interceptor, raw: Buffer.from(raw) };
        this.#client.destroy();
        interceptor.triggered(request, []);
        return "cut";
    }
  }

  /** Keeps the order: after bytes that are delayed. */
  #send(onward: Buffer[], raw: Buffer, awaited: Awaited): void {
    this.#awaited.push(awaited);
    if (this.#delayed === null) onward.push(raw);
    else this.#delayed.push(Buffer.from(raw));
  }

  #endDelay(): void {
    const waiting = this.#delayed ?? [];
    this.#delayed = null;
    if (!this.#redis.destroyed) for (const raw of waiting) this.#redis.write(raw);
  }

  #fromRedis(chunk: Buffer): void {
    if (this.#isDead) return;
    const isFiltered = this.#watched.traffic === "messages";
    for (const { raw, parts } of this.#replies.read(chunk)) {
      if (isFiltered) {
        if (!this.#isDropped(parts)) this.#client.write(raw);
        continue;
      }
      const awaited = this.#awaited.shift() ?? pass;
      if (this.#silencedBy !== null) continue;
      if (awaited.kind === "pass") this.#client.write(raw);
      else if (awaited.kind === "lose") this.#lose(awaited, parts);
    }
  }

  #isDropped(parts: readonly string[]): boolean {
    return parts[0] === "message" && [...this.#watched.filters].some((filter) => filter(parts));
  }

  #lose({ connection, request, interceptor }: Extract<Awaited, { kind: "lose" }>, reply: readonly string[]): void {
    this.#silencedBy = interceptor;
    interceptor.triggered(request, reply);
    if (connection === "cut") this.cut();
  }
}
