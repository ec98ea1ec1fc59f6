/** Asks a server and compares its reply: whether a fault is in force, or has healed. */
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisServer } from "../../lab/servers/redis.ts";

/** A server's own state changes at once; a slow machine may delay the reply. */
const replyWithin = { timeout: 5_000, interval: 2 };

export async function replies(server: RedisServer, wanted: RegExp, ...command: readonly string[]): Promise<boolean> {
  return wanted.test(await server.ask(...command).catch(() => ""));
}

/** @throws Error where the server does not reply as wanted within 5 s */
export async function untilReplies(server: RedisServer, wanted: RegExp, ...command: readonly string[]): Promise<void> {
  const look = async (): Promise<true | undefined> => ((await replies(server, wanted, ...command)) ? true : undefined);
  if ((await waitFor(look, replyWithin)) === true) return;
  const text = command.join(" ");
  throw new Error(`the redis-server on port ${server.port} did not answer ${text} as ${wanted.source} within 5 s`);
}
