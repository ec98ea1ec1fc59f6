/** Connects to one of several equal servers, to the next one at each attempt: one that is down does not keep us from the others. */
import { type NetConnectOpts, createConnection as openSocket, type Socket } from "node:net";
import { connect as openTls, type ConnectionOptions as TlsOptions } from "node:tls";
import { AbstractConnector, type RedisOptions } from "ioredis";
import type { Address } from "./topology.ts";

/** @param servers asked before each attempt; may change in between */
export function rotatingConnector(
  servers: () => readonly Address[],
  tls: TlsOptions | undefined,
): NonNullable<RedisOptions["Connector"]> {
  let attempts = 0;
  return class RotatingConnector extends AbstractConnector {
    constructor(options: unknown) {
      super((options as RedisOptions).disconnectTimeout ?? 100);
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      const known = servers();
      const { host, port = 6_379 } = known[attempts++ % known.length] ?? { host: "127.0.0.1" };
      const where: NetConnectOpts = { host, port };
      const stream = tls === undefined ? openSocket(where) : openTls({ ...tls, host, port });
      stream.once("error", (error) => {
        this.firstError = error;
      });
      this.stream = stream;
      return stream;
    }
  };
}
