/** A TCP relay before Redis that the contract's checks control: it can drop all traffic silently, refuse connections, and lose the reply of one script call. */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Millis } from "../../check/history.ts";
import { loopback } from "../../lab/process/port.ts";
import { close, listen, portOf } from "../network/loopback.ts";

export class Relay implements AsyncDisposable {
  #target: number;
  readonly #arrivals: Millis[] = [];
  readonly #links = new Set<RelayLink>();
  readonly #server: Server;
  #port = 0;
  #isArmed = false;
  #bytesPerMs = Number.POSITIVE_INFINITY;
  #newcomers: "served" | "met with silence" | "sent away" = "served";

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ noDelay: true }, (client) => this.#join(client));
  }

  /** @param target the port of the Redis */
  static async open(target: number): Promise<Relay> {
    const relay = new Relay(target);
    await listen(relay.#server);
    relay.#port = portOf(relay.#server);
    return relay;
  }

  get url(): string {
    return `redis://${loopback}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Existing connections stay open, and nothing passes on them any more, as when the peer disappears silently. */
  mute(): void {
    for (const link of this.#links) link.mute();
  }

  /** New connections are accepted, and never answered. */
  meetWithSilence(): void {
    this.#newcomers = "met with silence";
  }

  /** New connections go to another server; those that stand stay where they are, as behind an address that moves. */
  retarget(port: number): void {
    this.#target = port;
  }

  /** New connections bring no more than so many bytes a millisecond to their client. */
  slowDown(bytesPerMs: number): void {
    this.#bytesPerMs = bytesPerMs;
  }

  /** New connections are closed at once. */
  sendAway(): void {
    this.#newcomers = "sent away";
    for (const link of this.#links) link.cut();
  }

  /** New connections are served again. */
  serve(): void {
    this.#newcomers = "served";
  }

  /** When each connection came. */
  get arrivals(): readonly Millis[] {
    return this.#arrivals;
  }

  /** Connections are closed and new ones refused. */
  async refuse(): Promise<void> {
    await close(this.#server, () => {
      for (const link of this.#links) link.cut();
    });
  }

  async accept(): Promise<void> {
    await listen(this.#server, this.#port);
  }

  /** The reply of the next script call is lost after Redis has run it, and its connection is cut. Resolves when that has happened. */
  loseNextReply(): Promise<void> {
    this.#isArmed = true;
    const lost = Promise.withResolvers<void>();
    this.#onLost = lost.resolve;
    return lost.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  #onLost: () => void = () => {};

  #join(client: Socket): void {
    this.#arrivals.push(performance.now());
    if (this.#newcomers === "sent away") {
      client.on("error", () => {});
      client.destroy();
      return;
    }
    const link = new RelayLink(client, this.#target, {
      bytesPerMs: this.#bytesPerMs,
      takesReply: (request) => {
        if (!this.#isArmed || !isScriptCall(request)) return false;
        this.#isArmed = false;
        return true;
      },
      lost: () => this.#onLost(),
    });
    if (this.#newcomers === "met with silence") link.mute();
    this.#links.add(link);
    client.on("close", () => this.#links.delete(link));
  }
}

function isScriptCall(request: Buffer): boolean {
  const text = request.toString("latin1").toLowerCase();
  return text.includes("\r\nevalsha\r\n") || text.includes("\r\neval\r\n");
}

interface LinkEvents {
  readonly bytesPerMs: number;
  readonly takesReply: (request: Buffer) => boolean;
  readonly lost: () => void;
}

class RelayLink {
  readonly #client: Socket;
  readonly #redis: Socket;
  #isMute = false;
  #busyUntil: Millis = 0;

  constructor(client: Socket, target: number, { bytesPerMs, lost, takesReply }: LinkEvents) {
    this.#client = client;
    this.#redis = connect({ host: loopback, port: target, noDelay: true });
    let isTaken = false;
    client.on("data", (chunk: Buffer) => {
      if (this.#isMute) return;
      isTaken ||= takesReply(chunk);
      this.#redis.write(chunk);
    });
    this.#redis.on("data", (chunk: Buffer) => {
      if (this.#isMute) return;
      if (!isTaken) {
        if (bytesPerMs === Number.POSITIVE_INFINITY) client.write(chunk);
        else this.#bring(chunk, bytesPerMs);
        return;
      }
      this.cut();
      lost();
    });
    for (const socket of [client, this.#redis]) {
      socket.on("error", () => this.cut());
      socket.on("close", () => this.cut());
    }
  }

  mute(): void {
    this.#isMute = true;
  }

  /** The last byte of a chunk arrives when all before it, and itself, have had their time. */
  #bring(chunk: Buffer, bytesPerMs: number): void {
    const now = performance.now();
    this.#busyUntil = Math.max(now, this.#busyUntil) + chunk.length / bytesPerMs;
    setTimeout(() => this.#client.write(chunk), this.#busyUntil - now);
  }

  cut(): void {
    this.#client.destroy();
    this.#redis.destroy();
  }
}
