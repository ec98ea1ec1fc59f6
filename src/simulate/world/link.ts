/**
 * The link of an instance to the store, for commands or for the feed: one connection at a time, reconnected for as long as the instance lives. It behaves
 * as src/redis does over ioredis: no call waits for a connection, and a connection that stays silent is given up.
 */

import type { Millis } from "../../protocol/time.ts";
import { connectionDefaults } from "../../redis/connection/defaults.ts";
import type { Random } from "../../scheduler/ports.ts";
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
  /** The server that this instance is routed to now. */
  readonly server: () => Server;
}

export interface LinkHooks {
  /** The connection is ready for use. */
  up(connection: Connection): void;
  /** Requests on it will not be answered. */
  down(connection: Connection, reason: string): void;
}

/** Size of a message of the handshake. */
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

  /** The connection that is ready for use; null: there is none. */
  get connection(): Connection | null {
    return this.#isUp ? this.#connection : null;
  }

  /** The connection, ready or not. */
  get current(): Connection | null {
    return this.#connection;
  }

  /** The fault that kept the connection silent has ended. A newer connection is not affected. */
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

  /** The instance gives up the connection and makes another. */
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
    // The handshake, then the examination of the connection: two round trips.
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
    this.#emitState("up", "");
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
    this.#emitState("down", reason);
    this.#hooks.down(connection, reason);
  }

  #again(): void {
    if (this.#isClosed) return;
    this.#attempt += 1;
    const { latency, owner, timeline } = this.#ports;
    const pause = connectionDefaults.reconnectAfter(this.#attempt, latency.nextUint32() / 2 ** 32);
    timeline.timer(pause, owner, () => this.#connect());
  }

  #rest(): void {
    if (this.#patience !== null) this.#patience.work = null;
    this.#patience = null;
  }

  #emitState(state: "up" | "down", reason: string): void {
    const { bus, instance, name, timeline } = this.#ports;
    bus.emit({ kind: "link", at: timeline.now, instance, link: name, state, reason });
  }
}
