/** TCP servers of the harness on loopback. */
import type { Server } from "node:net";
import { loopback } from "../../lab/process/port.ts";

/** @param port 0: a free one. @throws Error when the port cannot be used */
export async function listen(server: Server, port = 0): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, loopback, resolve);
  });
}

/** @throws Error when the server is not listening */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server is not listening");
  return address.port;
}

/** Refuses new connections. @param end ends the existing ones; resolves when all have ended */
export async function close(server: Server, end: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  end();
  await closed;
}
