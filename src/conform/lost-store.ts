/** Explains why the store under test gave no answer: its process ended, a script does not end, or the server is silent. */

import { BrokenRunError, messageOf } from "../evidence/failure.ts";
import type { RedisServer } from "../lab/servers/redis.ts";

/** The store gave no answer, so the run says nothing about the scripts. */
export class LostStoreError extends Error {
  override readonly name = "LostStoreError";
}

/** The connection with MONITOR was lost: the store runs, but what its scripts touched meanwhile is not known. */
export class LostMonitorError extends LostStoreError {
  constructor() {
    super("the connection with MONITOR was lost: what the scripts touched meanwhile is not known");
  }
}

/** An exit is reported a moment after the connections break. */
const exitTimeout = 500;

/**
 * @param doing what was sent last: `reserve_job.lua`, `FLUSHALL`
 * @param thrown what the client reported
 */
export async function explainLoss(server: RedisServer, doing: string, thrown: unknown): Promise<LostStoreError> {
  const name = `redis-server on port ${server.port} (pid ${server.pid})`;
  const ending = await server.ending(exitTimeout);
  if (ending !== null) return lost(`${name} ended by ${ending} during ${doing}`, thrown);
  const answer = await server.ask("PING").catch(messageOf);
  if (answer.startsWith("-BUSY")) return lost(`${doing} does not end: ${name} answers only BUSY`, thrown);
  return lost(`${name} runs but did not answer ${doing}: ${messageOf(thrown)}`, thrown);
}

function lost(message: string, cause: unknown): LostStoreError {
  return new LostStoreError(message, { cause });
}

/** @param token replays the plan during which the store was lost */
export function brokenRun(thrown: unknown, run: string, token: string): unknown {
  if (!(thrown instanceof LostStoreError)) return thrown;
  const detail = { where: run, fix: `make this run again: lockproof replay ${token}` };
  return new BrokenRunError(`conform: ${thrown.message}`, detail, thrown);
}
