/**
 * The thread that holds the connections to the real servers. A simulated step cannot await, so it blocks in sync-client.ts until this thread has
 * answered. Real clocks and timers are used in this thread only, so that none gets into the run.
 */

import { type MessagePort, workerData } from "node:worker_threads";
import type { Redis } from "ioredis";
import { waitFor } from "../lab/process/wait.ts";
import { createConnection } from "../redis/connection/connection.ts";
import { connectionDefaults } from "../redis/connection/defaults.ts";
import { late, within } from "../redis/deadline.ts";
import type { Request, Response } from "./request.ts";

interface ThreadData {
  readonly port: MessagePort;
  /** Goes up by one with each answer. */
  readonly bell: Int32Array;
}

/** Milliseconds. A local Redis answers in well under one; after this time it is not slow but broken. */
const deadline = 10_000;
/** Milliseconds between two attempts of `until`. */
const pause = 2;

const { bell, port } = workerData as ThreadData;
const connections = new Map<string, Redis>();

async function connection(url: string, name: string): Promise<Redis> {
  const known = connections.get(`${url} ${name}`);
  if (known !== undefined) return known;
  const made = createConnection(
    { ...connectionDefaults, silence: deadline, url, name: `lockstep-${name}` },
    "commands",
  );
  await made.connect();
  connections.set(`${url} ${name}`, made);
  return made;
}

/** Runs a pipeline. */
async function callAll(redis: Redis, commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
  const pipeline = redis.pipeline(commands.map((command) => ["call", ...command]));
  const replies = await within(pipeline.exec(), deadline);
  if (replies === late) throw new Error(`Redis did not answer ${commands[0]?.[0]} within ${deadline} ms`);
  if (replies === null) throw new Error("a pipeline without replies");
  return replies.map(([error, reply]) => (error === null ? reply : errorReply(error)));
}

/** An error reply is an answer; anything else means that there is no Redis to compare with. */
function errorReply(error: unknown): unknown {
  if (error instanceof Error && error.name === "ReplyError") return { error: error.message };
  throw error;
}

async function run(request: Request): Promise<readonly unknown[]> {
  switch (request.kind) {
    case "commands": {
      const redis = await connection(request.url, "main");
      return await callAll(redis, request.commands);
    }
    case "unanswered": {
      const redis = await connection(request.url, "aside");
      const [command = "", ...args] = request.command;
      redis.call(command, ...args).catch(() => {}); // ended by other means
      return [];
    }
    case "until": {
      const redis = await connection(request.url, "main");
      const wanted = new RegExp(request.reply, "u");
      const look = async (): Promise<readonly unknown[] | undefined> => {
        const [reply] = await callAll(redis, [request.command]);
        return wanted.test(typeof reply === "string" ? reply : JSON.stringify(reply)) ? [reply] : undefined;
      };
      const found = await waitFor(look, { timeout: deadline, interval: pause });
      if (found === undefined)
        throw new Error(`${request.command.join(" ")}: no ${request.reply} within ${deadline} ms`);
      return found;
    }
    case "copy": {
      const from = await connection(request.from, "main");
      const to = await connection(request.to, "main");
      const dumps = await within(Promise.all(request.keys.map((key) => from.dumpBuffer(key))), deadline);
      if (dumps === late) throw new Error(`Redis did not answer DUMP within ${deadline} ms`);
      const restored = request.keys.map((key, index) => to.restore(key, 0, dumps[index] ?? "").catch(errorReply));
      return await Promise.all(restored);
    }
    case "end":
      for (const each of connections.values()) each.disconnect();
      port.close();
      return [];
  }
}

port.on("message", async (request: Request) => {
  let answered: Response;
  try {
    answered = { kind: "replies", replies: await run(request) };
  } catch (error) {
    answered = { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
  if (request.kind !== "end") port.postMessage(answered);
  Atomics.add(bell, 0, 1);
  Atomics.notify(bell, 0);
});
