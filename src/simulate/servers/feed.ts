/** The Feed port of one life of an instance: wake-ups over a link of their own, and pings that notice when it has gone deaf. */

import type { Millis } from "../../protocol/time.ts";
import type { PartitionTag, Version } from "../../protocol/version.ts";
import { connectionDefaults } from "../../redis/connection/defaults.ts";
import type { Feed, FeedListener } from "../../scheduler/ports.ts";
import type { Interceptors } from "../faults/interceptor.ts";
import type { Connection } from "../world/connection.ts";
import { Link, type LinkPorts, silence } from "../world/link.ts";
import type { Server } from "./server.ts";

interface FeedPorts extends LinkPorts {
  readonly interceptors: Interceptors;
}

export class SimFeed implements Feed {
  readonly #ports: FeedPorts;
  readonly #link: Link;
  #listener: FeedListener | null = null;
  /** Since when a ping is unanswered; null: none is. */
  #unansweredSince: Millis | null = null;

  constructor(ports: FeedPorts) {
    this.#ports = ports;
    this.#link = new Link(ports, {
      up: () => this.#listener?.connected(),
      down: (_, reason) => {
        this.#unansweredSince = null;
        this.#listener?.disconnected(reason);
      },
    });
  }

  get link(): Link {
    return this.#link;
  }

  start(listener: FeedListener): void {
    this.#listener = listener;
    this.#link.open();
    this.#pingLater();
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  /** The server publishes a wake-up to its subscribers. */
  publish(server: Server, partition: PartitionTag, version: Version): void {
    const { connection } = this.#link;
    if (connection === null || connection.server !== server) return;
    const lose = (): void => this.#emitLost(partition, version);
    if (this.#ports.interceptors.meetWakeUp()) lose();
    else connection.reply(60, () => this.#wake(partition, version), lose);
  }

  #wake(partition: PartitionTag, version: Version): void {
    const { bus, instance, timeline } = this.#ports;
    this.#unansweredSince = null;
    bus.emit({ kind: "woken", at: timeline.now, instance, partition, version });
    this.#listener?.woken(partition, version);
  }

  #emitLost(partition: PartitionTag, version: Version): void {
    const { bus, instance, timeline } = this.#ports;
    bus.emit({ kind: "lost", at: timeline.now, instance, what: "wake_up", request: 0, partition, version });
  }

  #pingLater(): void {
    const { owner, timeline } = this.#ports;
    timeline.timer(connectionDefaults.pingEvery, owner, () => {
      this.#ping();
      this.#pingLater();
    });
  }

  /** Detects a silent connection. On a link without faults a ping would always be answered, so it is not sent. */
  #ping(): void {
    const { connection } = this.#link;
    if (connection === null) return;
    const { now } = this.#ports.timeline;
    if (this.#unansweredSince !== null && now - this.#unansweredSince >= silence) {
      this.#link.giveUp("nothing heard for too long");
      return;
    }
    if (connection.isClear && this.#unansweredSince === null) return;
    this.#unansweredSince ??= now;
    this.#send(connection);
  }

  #send(connection: Connection): void {
    const heard = (): void => {
      if (this.#link.connection === connection) this.#unansweredSince = null;
    };
    const nothing = (): void => {};
    connection.request(30, () => connection.server.ask(() => connection.reply(30, heard, nothing)), nothing);
  }
}
