/** The thread that makes the calls to one Toxiproxy, with the client's own HTTP. client.ts sends them. */

import { parentPort } from "node:worker_threads";
import { Toxiproxy } from "toxiproxy-node-client";
import type { ToxiproxyAnswer, ToxiproxyCall } from "./call.ts";

// Addresses come whole, with the call.
const api = new Toxiproxy("").getApi();

async function answer({ id, method, url, body }: ToxiproxyCall): Promise<ToxiproxyAnswer> {
  try {
    if (method === "get") return { id, data: (await api.get(url)).data };
    if (method === "post") return { id, data: (await api.post(url, body)).data };
    await api.delete(url);
    return { id, data: undefined };
  } catch (thrown) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { id, error: { name, message } };
  }
}

parentPort?.on("message", async (call: ToxiproxyCall) => parentPort?.postMessage(await answer(call)));
