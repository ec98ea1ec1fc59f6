/** One command to a Redis over a socket of its own: enough for a readiness check and for administration. */

import { connect } from "node:net";
import { loopback } from "../process/port.ts";

/**
 * Sends one command and answers the first line of the reply, with its type character (`+PONG`, `-LOADING …`, `:1`);
 * for a bulk string, its text after a `$`.
 * @param timeout milliseconds for connection and reply together
 * @throws Error when the connection is refused or breaks, or after the timeout
 */
export function askRedis(port: number, command: readonly string[], timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: loopback, port });
    let received = Buffer.alloc(0);
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      finish();
    };
    const timer = setTimeout(() => {
      settle(() => reject(new Error(`${command[0]} on ${loopback}:${port} got no answer within ${timeout} ms`)));
    }, timeout);
    socket.on("connect", () => socket.write(encode(command)));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      const reply = readReply(received);
      if (reply !== undefined) settle(() => resolve(reply));
    });
    socket.on("error", (error) => settle(() => reject(error)));
    socket.on("close", () => settle(() => reject(new Error(`${loopback}:${port} closed the connection`))));
  });
}

export function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join("")}`;
}

/** @returns nothing while the reply is incomplete */
export function readReply(received: Buffer): string | undefined {
  const end = received.indexOf("\r\n");
  if (end < 0) return undefined;
  const line = received.toString("utf8", 0, end);
  if (!line.startsWith("$")) return line;
  const length = Number(line.slice(1));
  if (length < 0) return "$";
  const start = end + 2;
  if (received.length < start + length + 2) return undefined;
  return `$${received.toString("utf8", start, start + length)}`;
}
