/** PINGs over a plain socket: what the machine and the server cost a caller, with no line of the scheduler or of its client in it. */
import { once } from "node:events";
import { connect } from "node:net";

export interface BarePing extends AsyncDisposable {
  /** @returns resolves to true with the answer, and to false when the connection ends first */
  ping(): Promise<boolean>;
}

/** @param url `redis://host:port` @throws Error where nothing listens there */
export async function openBarePing(url: string): Promise<BarePing> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  const waiting: ((answered: boolean) => void)[] = [];
  socket.on("data", (chunk) => {
    for (const byte of chunk) if (byte === newline) waiting.shift()?.(true);
  });
  socket.on("error", () => {}); // `close` follows
  socket.on("close", () => {
    for (const answer of waiting.splice(0)) answer(false);
  });
  return {
    ping: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve(false);
        waiting.push(resolve);
        socket.write("PING\r\n");
      }),
    async [Symbol.asyncDispose]() {
      if (socket.destroyed) return;
      socket.destroy();
      await once(socket, "close");
    },
  };
}

const newline = 10;
