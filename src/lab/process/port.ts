/**
 * Free ports on loopback. Below the range from which the kernel takes ports for outgoing connections, where it can be:
 * a server that is down for a moment must find its port free again, and a client that dials a dead port in that range may even reach itself.
 * The range leaves room for a Cluster's bus, which listens 10000 above.
 */

import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { codeOf, LabError } from "../error.ts";

export const loopback = "127.0.0.1";
const lowest = 11_000;
const highest = 21_999;
const tries = 100;
/** So many ports in a row may be taken before an error is thrown. */
const races = 5;

/**
 * A port that was free a moment ago. Another process may take it first, so the caller has to be ready to try another one.
 * @throws LabError when a hundred ports in a row are taken
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const port = randomInt(lowest, highest + 1);
    if (await isFree(port)) return port;
  }
  throw new LabError({
    found: `${tries} ports in a row in use`,
    allowed: "a free port",
    where: `${loopback}, ports ${lowest} to ${highest}`,
    fix: "End the programs that hold them.",
  });
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host: loopback, port, exclusive: true });
    await once(server, "listening");
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EADDRINUSE" || codeOf(thrown) === "EACCES") return false;
    throw thrown;
  } finally {
    server.close();
  }
}

export class PortTakenError extends LabError {
  constructor(name: string, port: number) {
    super({
      found: "a port that is in use",
      allowed: "a free port",
      where: `${name} on ${loopback}:${port}`,
      fix: "Ask for another port, or for none: then a free one is taken.",
    });
  }
}

/**
 * Calls `listen` with the requested port, or else with a free one, and with another one when a process elsewhere has taken it.
 * @throws PortTakenError when the requested port is in use; any other error of `listen`
 */
export async function onPort<T>(asked: number | undefined, listen: (port: number) => Promise<T>): Promise<T> {
  if (asked !== undefined) return await listen(asked);
  for (let race = 1; ; race++) {
    try {
      return await listen(await freePort());
    } catch (thrown) {
      if (!(thrown instanceof PortTakenError) || race === races) throw thrown;
    }
  }
}
