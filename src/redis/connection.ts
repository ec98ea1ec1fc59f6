/**
 * A connection that neither queues without bound nor hangs. The settings are those measured in the field:
 * nothing is queued while there is no connection, nothing is sent again by the client (a re-sent write is a second write),
 * what was in flight when a connection broke is given up at once, and a connection that stays silent is closed.
 */
import { Redis } from "ioredis";
import type { Millis } from "../scheduler/ports.ts";

export interface ConnectionOptions {
  /** `redis://[user:password@]host:port[/db]`, or rediss:// for TLS. */
  readonly url: string;
  /** Silence after which a connection with calls under way is given up. Well above the latencies to be lived with. */
  readonly silence: Millis;
  /** The pause before attempt n (1, 2, …) to connect again. */
  readonly reconnectAfter: (attempt: number) => Millis;
  readonly name: string;
}

export const connectionDefaults = {
  silence: 1_000,
  reconnectAfter: (attempt: number): Millis => Math.min(20 * 2 ** Math.min(attempt - 1, 4), 200),
} as const;

/** Not yet connecting: the owner adds its listeners first. An `error` listener is there already; failures show in the calls. */
export function createConnection(options: ConnectionOptions, role: "commands" | "subscriber"): Redis {
  const client = new Redis(options.url, {
    lazyConnect: true,
    protocol: 2,
    connectionName: `lockproof-${options.name}-${role}`,
    connectTimeout: options.silence,
    socketTimeout: options.silence,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: options.reconnectAfter,
    reconnectOnError: null,
    stringNumbers: true,
  });
  client.on("error", () => {});
  return client;
}
