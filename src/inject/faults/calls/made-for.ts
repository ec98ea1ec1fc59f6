/**
 * For which request a call to Redis was made: the request in flight of which it carries most. Keys, arguments and texts within them count, so it does
 * not matter in which words a scheduler writes to its store.
 */
import type { SentRequest } from "../../instances/in-flight.ts";
import type { Call } from "../../network/calls.ts";
import { nameOf } from "../../network/calls.ts";

/** @returns null where it carries none of them, or as much of several that ask for different things */
export function requestOf(call: Call, inFlight: Iterable<SentRequest>): SentRequest | null {
  const parts = call.commands.flat();
  const canOnlyWrite = call.commands.some((command) => writing.has(nameOf(command)));
  let most = 0;
  let found: SentRequest | null = null;
  for (const sent of inFlight) {
    const weight = weightOf(parts, sent, canOnlyWrite);
    if (weight > most) found = sent;
    else if (weight > 0 && weight === most && found?.op !== sent.op) found = null;
    most = Math.max(most, weight);
  }
  return found;
}

/** A scheduler reads nodes at any time: a call that names a node alone was made for a write only where its command writes. */
const writing: ReadonlySet<string> = new Set([
  ...["SET", "SETEX", "PSETEX", "GETSET", "MSET", "DEL", "UNLINK", "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"],
  ...["HSET", "HMSET", "HSETNX", "HDEL", "HINCRBY", "ZADD", "ZREM", "SADD", "SREM", "XADD", "JSON.SET", "JSON.MERGE"],
]);

/** How many characters of the request the call carries; 0: it may have been made for something else. */
function weightOf(parts: readonly string[], { further, job, node }: SentRequest, canOnlyWrite: boolean): number {
  const carried = (text: string): number => (parts.some((part) => carries(part, text)) ? text.length : 0);
  const [ofJob, ofNode] = [carried(job), carried(node)];
  if (job !== "") return ofJob === 0 ? 0 : ofJob + ofNode;
  if (ofNode === 0) return 0;
  const more = further.reduce((sum, text) => sum + carried(text), 0);
  return more > 0 || canOnlyWrite ? ofNode + more : 0;
}

/** Whether the text stands in it by itself: `node-1` is not in `node-12`. */
function carries(part: string, text: string): boolean {
  if (text === "") return false;
  for (let at = part.indexOf(text); at >= 0; at = part.indexOf(text, at + 1)) {
    if (!isOfWord(part[at - 1]) && !isOfWord(part[at + text.length])) return true;
  }
  return false;
}

function isOfWord(character: string | undefined): boolean {
  return character !== undefined && /[0-9A-Za-z]/.test(character);
}
