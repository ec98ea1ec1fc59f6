/** One script call on one connection: by its SHA, and with the source only where the server says that it does not know it. */
import type { Client } from "./connection.ts";
import { isNoScript } from "./failure.ts";
import type { ScriptSet } from "./scripts.ts";
import type { ScriptCall } from "./wire.ts";

export async function sendScript(client: Client, { scripts }: ScriptSet, call: ScriptCall): Promise<unknown> {
  const { sha, source } = scripts[call.script];
  const rest = [...call.keys, ...call.args];
  try {
    return await client.evalsha(sha, call.keys.length, ...rest);
  } catch (error) {
    // Said by the server before it ran anything: the one error after which sending again is safe.
    if (!isNoScript(error)) throw error;
    return await client.eval(source, call.keys.length, ...rest);
  }
}
