/** One script call on one connection: by its SHA, and with the source only where the server says that it does not know it. */
import { Cluster, type Redis } from "ioredis";
import type { Client } from "../connection/connection.ts";
import { isNoScript } from "../failure.ts";
import type { ScriptSet } from "./scripts.ts";
import type { ScriptCall } from "./wire.ts";

/** Its arguments may be any bytes. */
interface RawCall extends Omit<ScriptCall, "args"> {
  readonly args: readonly (string | Buffer)[];
}

export async function sendScript(client: Client, { scripts }: ScriptSet, call: RawCall): Promise<unknown> {
  const { sha, source } = scripts[call.script];
  const rest = [...call.keys, ...call.args];
  writeTogether(client);
  try {
    return await client.evalsha(sha, call.keys.length, ...rest);
  } catch (error) {
    // Said by the server before it ran anything: the one error after which sending again is safe.
    if (!isNoScript(error)) throw error;
    return await client.eval(source, call.keys.length, ...rest);
  }
}

/** Joins the commands of one turn of the event loop into one write: one system call each would take a sixth of a busy process's time. */
function writeTogether(client: Client): void {
  if (client instanceof Cluster) return; // which of its connections a call takes is not known here
  const stream: Redis["stream"] | undefined = client.stream; // absent before the first connection
  if (stream === undefined || stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
