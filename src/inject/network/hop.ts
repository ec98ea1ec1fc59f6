/**
 * A hop between an instance's proxy and Redis that parses RESP2 and RESP3 and can affect single calls and messages.
 * Replies are matched to calls by their order alone, so nothing that follows a withheld reply on the same connection can be delivered.
 */
import { connect, createServer, type Server } from "node:net";
import { loopback } from "../../lab/process/port.ts";
import { CommandCounts } from "./calls.ts";
import { HopLink } from "./hop-link.ts";
import type { Interceptor, MessageFilter } from "./interceptor.ts";
import { close, listen, portOf } from "./loopback.ts";
import type { ServerClock } from "./server-clock.ts";

/** Callbacks for events of the traffic. */
export interface HopEvents {
  /** Redis has answered with an error. */
  readonly onError?: (text: string) => void;
  /** Redis has closed a connection, and the client had not asked for that. */
  readonly onClosed?: () => void;
}

export class Hop implements AsyncDisposable {
  /** The commands of the client, not those of the harness. */
  readonly commands = new CommandCounts();
  /** Replies that the client got. */
  answers = 0;
  readonly #server: Server;
  readonly #links = new Set<HopLink>();
  readonly #interceptors = new Set<Interceptor>();
  readonly #filters = new Set<MessageFilter>();
  #redisPort: number;

  private constructor(redisPort: number, clock: ServerClock, { onClosed = () => {}, onError = () => {} }: HopEvents) {
    this.#redisPort = redisPort;
    const stamp = (raw: Buffer, request: readonly string[]) => clock.stamp(this, raw, request);
    const chosen = { interceptors: this.#interceptors, filters: this.#filters };
    const onAnswer = (): void => {
      this.answers += 1;
    };
    const watched = { ...chosen, stamp, counts: this.commands, onAnswer, onClosed, onError };
    this.#server = createServer({ noDelay: true }, (client) => {
      const redis = connect({ host: loopback, port: this.#redisPort, noDelay: true });
      const link = new HopLink(client, redis, watched);
      this.#links.add(link);
      link.onEnd(() => this.#links.delete(link));
    });
  }

  /** @param clock stamps calls with the time once it has jumped */
  static async open(redisPort: number, clock: ServerClock, events: HopEvents = {}): Promise<Hop> {
    const hop = new Hop(redisPort, clock, events);
    await listen(hop.#server);
    return hop;
  }

  /** The address at which the hop listens. */
  get address(): string {
    return `${loopback}:${portOf(this.#server)}`;
  }

  /** Connects to another server from now on; existing connections are cut. */
  pointAt(redisPort: number): void {
    this.#redisPort = redisPort;
    for (const link of [...this.#links]) link.cut();
  }

  /** Active until it has triggered or is removed. */
  add(interceptor: Interceptor): void {
    this.#interceptors.add(interceptor);
  }

  /** Removes the interceptor: connections that it silenced are cut now, and what it held goes to Redis. */
  remove(interceptor: Interceptor): void {
    this.#interceptors.delete(interceptor);
    for (const link of [...this.#links]) link.release(interceptor);
  }

  addFilter(filter: MessageFilter): void {
    this.#filters.add(filter);
  }

  removeFilter(filter: MessageFilter): void {
    this.#filters.delete(filter);
  }

  /** Existing connections stay open and silent from now on; new ones work. @returns how many there are */
  deaden(): number {
    const links = [...this.#links].filter((link) => link.deaden());
    return links.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server, () => {
      for (const link of [...this.#links]) link.cut();
    });
  }
}
