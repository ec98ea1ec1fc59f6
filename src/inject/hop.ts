/**
 * A hop between an instance's proxy and Redis that understands RESP: it withholds the reply of one chosen call after Redis has run it.
 * What follows a withheld reply on the same connection cannot be delivered either, since replies are told apart by their order alone:
 * so the connection is then cut, or stays silent.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { MessageReader } from "./resp.ts";

export interface Trap {
  /** Whether this request is the one; asked once for each request, in order. */
  readonly matches: (request: readonly string[]) => boolean;
  readonly connection: "cut" | "silent";
  /** Redis has run it, and its reply has just been withheld. */
  readonly sprung: (request: readonly string[], reply: readonly string[]) => void;
}

const loopback = "127.0.0.1";

export class Hop implements AsyncDisposable {
  readonly #server: Server;
  readonly #links = new Set<HopLink>();
  readonly #traps = new Set<Trap>();

  private constructor(redisPort: number) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const link = new HopLink(client, redisPort, this.#traps);
      this.#links.add(link);
      link.onClose(() => this.#links.delete(link));
    });
  }

  static async open(redisPort: number): Promise<Hop> {
    const hop = new Hop(redisPort);
    await new Promise<void>((resolve, reject) => {
      hop.#server.once("error", reject);
      hop.#server.listen(0, loopback, resolve);
    });
    return hop;
  }

  /** Where to connect to reach Redis through the hop. */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the hop is not listening");
    return `${loopback}:${address.port}`;
  }

  /** At work until it has sprung or is taken away. */
  set(trap: Trap): void {
    this.#traps.add(trap);
  }

  /** Takes the trap away; connections that it silenced are cut now. */
  remove(trap: Trap): void {
    this.#traps.delete(trap);
    for (const link of this.#links) link.endSilence(trap);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const link of this.#links) link.cut();
    await closed;
  }
}

interface Awaited {
  readonly trap: Trap;
  readonly request: readonly string[];
}

/** One connection through the hop. */
class HopLink {
  readonly #client: Socket;
  readonly #redis: Socket;
  readonly #requests = new MessageReader();
  readonly #replies = new MessageReader();
  readonly #traps: Set<Trap>;
  /** One a request that is under way, in order; null where nothing is to be done. */
  readonly #awaited: (Awaited | null)[] = [];
  #silencedBy: Trap | null = null;

  constructor(client: Socket, redisPort: number, traps: Set<Trap>) {
    this.#client = client;
    this.#traps = traps;
    this.#redis = connect({ host: loopback, port: redisPort, noDelay: true });
    client.on("data", (chunk: Buffer) => this.#request(chunk));
    this.#redis.on("data", (chunk: Buffer) => this.#reply(chunk));
    for (const socket of [client, this.#redis]) {
      socket.on("error", () => this.cut());
      socket.on("close", () => this.cut());
    }
  }

  onClose(told: () => void): void {
    this.#client.on("close", told);
  }

  cut(): void {
    this.#client.destroy();
    this.#redis.destroy();
  }

  endSilence(trap: Trap): void {
    if (this.#silencedBy === trap) this.cut();
  }

  #request(chunk: Buffer): void {
    for (const { parts } of this.#requests.read(chunk)) {
      const trap = [...this.#traps].find((each) => each.matches(parts));
      if (trap !== undefined) this.#traps.delete(trap);
      this.#awaited.push(trap === undefined ? null : { trap, request: parts });
    }
    this.#redis.write(chunk);
  }

  #reply(chunk: Buffer): void {
    for (const { raw, parts } of this.#replies.read(chunk)) {
      const awaited = this.#awaited.shift() ?? null;
      if (this.#silencedBy !== null) continue;
      if (awaited === null) this.#client.write(raw);
      else this.#spring(awaited, parts);
    }
  }

  #spring({ trap, request }: Awaited, reply: readonly string[]): void {
    this.#silencedBy = trap;
    trap.sprung(request, reply);
    if (trap.connection === "cut") this.cut();
  }
}
