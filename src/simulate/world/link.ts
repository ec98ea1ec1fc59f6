/**
 * An instance's way to the store for commands, or for the feed: one connection at a time, made again by itself for as long as the instance lives.
 * It behaves as src/redis does over ioredis: nothing waits for a connection, a connection that stays silent is given up.
 */
import { connectionDefaults } from "../../redis/connection/defaults.ts";
import type { Millis, Random } from "../../scheduler/ports.ts";
import type { Server } from "../servers/server.ts";
import type { Bus } from "../trace/bus.ts";
import type { LinkName } from "../trace/events.ts";
import { Connection } from "./connection.ts";
import type { LinkConditions } from "./link-conditions.ts";
import type { Due, Owner, Timeline } from "./virtual-time.ts";

export const { silence } = connectionDefaults;

export interface LinkPorts {
  readonly timeline: Timeline;
  readonly bus: Bus;
  readonly owner: Owner;
  readonly instance: number;
  readonly name: LinkName;
  readonly conditions: LinkConditions;
  readonly latency: Random;
  readonly range: readonly [Millis, Millis];
  /** Whom this instance goes to now. */
  readonly server: () => Server;
}

export interface LinkHooks {
  /** It stands, and may be used. */
  up(connection: Connection): void;
  /** What was sent on it will not be answered. */
  down(connection: Connection, reason: string): void;
}

/** Of what a new connection asks before it is used. */
const greetingBytes = 200;

export class Link {
  readonly #ports: LinkPorts;
  readonly #hooks: LinkHooks;
  #connection: Connection | null = null;
  #isUp = false;
  #isClosed = false;
  #attempt = 0;
  #patience: Due | null = null;

  constructor(ports: LinkPorts, hooks: LinkHooks) {
    this.#ports = ports;
    this.#hooks = hooks;
  }

  /** null: there is none that may be used. */
  get connection(): Connection | null {
    return this.#isUp ? this.#connection : null;
  }

  /** Used or not. */
  get current(): Connection | null {
    return this.#connection;
  }

  /** What kept the connection silent has ended it. One that has been made since stands. */
  breakSilent(reason: string): void {
    if (this.#connection?.isSilent === true) this.#connection.breakSilence(reason);
  }

  open(): void {
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#drop("closed");
  }

  /** The instance gives up on the connection and makes another. */
  giveUp(reason: string): void {
    this.#drop(reason);
    this.#again();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const { latency, owner, range, server, timeline, conditions } = this.#ports;
    const to = server();
    const path = { timeline, conditions, latency, range };
    const connection = new Connection(path, owner, to, (broken, reason) => this.#broken(broken, reason));
    this.#connection = connection;
    this.#patience = timeline.timer(silence, owner, () => this.giveUp("no connection within the time"));
    if (conditions.refuses || !to.isUp) {
      connection.cut("connection refused");
      return;
    }
    // A handshake, then what a new connection is asked: two ways there and back.
    connection.request(
      greetingBytes,
      () =>
        connection.reply(
          greetingBytes,
          () => this.#greet(connection),
          () => {},
        ),
      () => {},
    );
  }

  #greet(connection: Connection): void {
    const answer = (): void =>
      connection.reply(
        greetingBytes,
        () => this.#stand(connection),
        () => {},
      );
    connection.request(
      greetingBytes,
      () => connection.server.ask(answer),
      () => {},
    );
  }

  #stand(connection: Connection): void {
    if (connection !== this.#connection || this.#isClosed) return;
    this.#rest();
    this.#isUp = true;
    this.#attempt = 0;
    this.#tell("up", "");
    this.#hooks.up(connection);
  }

  #broken(connection: Connection, reason: string): void {
    if (connection !== this.#connection) return;
    this.#drop(reason);
    this.#again();
  }

  #drop(reason: string): void {
    this.#rest();
    const connection = this.#connection;
    if (connection === null) return;
    this.#connection = null;
    connection.end();
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#tell("down", reason);
    this.#hooks.down(connection, reason);
  }

  #again(): void {
    if (this.#isClosed) return;
    this.#attempt += 1;
    this.#ports.timeline.timer(connectionDefaults.reconnectAfter(this.#attempt), this.#ports.owner, () =>
      this.#connect(),
    );
  }

  #rest(): void {
    if (this.#patience !== null) this.#patience.work = null;
    this.#patience = null;
  }

  #tell(state: "up" | "down", reason: string): void {
    const { bus, instance, name, timeline } = this.#ports;
    bus.emit({ kind: "link", at: timeline.now, instance, link: name, state, reason });
  }
}
