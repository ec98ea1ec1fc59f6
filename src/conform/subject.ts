/** The store under test: a real Redis of the lab, to which calls and accidents happen one after another. */
import type { Redis } from "ioredis";
import type { Lab } from "../lab/lab.ts";
import type { RedisServer } from "../lab/servers/redis.ts";
import { createConnection } from "../redis/connection/connection.ts";
import { connectionDefaults } from "../redis/connection/defaults.ts";
import { late, within } from "../redis/deadline.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import { sendScript } from "../redis/scripts/send.ts";
import type { ScriptCall } from "../redis/scripts/wire.ts";
import { compileScripts } from "../redis/store.ts";
import { explainLoss } from "./lost-store.ts";
import { dumpScript } from "./store/dump.ts";
import { prefix } from "./store/expect.ts";

interface Observation {
  /** The script's reply as it came, or the error. */
  readonly raw: unknown;
  /** The content right after it, as `dumpScript` gives it. */
  readonly content: unknown;
}

export interface Subject extends AsyncDisposable {
  readonly redisVersion: string;
  /**
   * Runs the script, then reads the whole content; nothing comes in between, for calls are made one at a time.
   * @param from the connection that brings it, opened where it is new; absent: the subject's own
   */
  call(scripts: ScriptSet, call: ScriptCall, from?: string): Promise<Observation>;
  /** Ends all connections but its own. */
  hangUp(): void;
  content(): Promise<unknown>;
  scriptFlush(): Promise<void>;
  flushAll(): Promise<void>;
  /** Another replication id, the data kept: what a failover to a replica that lacks nothing looks like. */
  promote(): Promise<void>;
  restart(keepData: boolean): Promise<void>;
  /** Everything that the server runs while `work` runs, as MONITOR tells it; a restart would end it. */
  watched<T>(see: (args: readonly string[], source: string) => void, work: () => Promise<T>): Promise<T>;
}

/** A local Redis answers in well under a millisecond; past this it is not slow, but broken. */
const standardTimeout = 10_000;

/**
 * Every method of a subject throws LostStoreError when the store does not answer within `timeout` ms.
 * @throws LabError, ScriptError when Redis does not compile one of the scripts
 */
export async function openSubject(lab: Lab, scripts: ScriptSet, timeout = standardTimeout): Promise<Subject> {
  const server = await lab.redis();
  const connect = (): Promise<Redis> => connectTo(server, timeout);
  const answered = async <T>(doing: string, reply: Promise<T>): Promise<T> => {
    try {
      const found = await within(reply, timeout);
      if (found !== late) return found;
      throw new Error(`no answer within ${timeout} ms`);
    } catch (error) {
      if (isReply(error)) throw error;
      throw await explainLoss(server, doing, error);
    }
  };
  let client = await connect();
  try {
    await compileScripts(client, scripts);
  } catch (error) {
    client.disconnect(); // an open connection would keep the process alive
    throw error;
  }
  const content = (): Promise<unknown> =>
    answered("the script that reads the content", client.eval(dumpScript, 0, prefix));
  const callers = new Map<string, Redis>();
  const caller = async (from: string): Promise<Redis> => {
    const known = callers.get(from) ?? (await answered("a new connection", connect()));
    callers.set(from, known);
    return known;
  };
  const hangUp = (): void => {
    for (const each of callers.values()) each.disconnect();
    callers.clear();
  };
  return {
    redisVersion: server.version,
    hangUp,
    async call(set, call, from) {
      const sender = from === undefined ? client : await caller(from);
      const raw = answered(`${call.script}.lua`, sendScript(sender, set, call)).catch(replyError);
      const [found, after] = await Promise.all([raw, raw.then(content)]);
      return { raw: found, content: after };
    },
    content,
    async scriptFlush() {
      await answered("SCRIPT FLUSH", client.script("FLUSH"));
    },
    async flushAll() {
      await answered("FLUSHALL", client.flushall());
    },
    async promote() {
      await answered("REPLICAOF", client.replicaof("127.0.0.1", 1));
      await answered("REPLICAOF", client.replicaof("NO", "ONE"));
    },
    // What is on its way is sent again on another connection, as clients do that re-send: `caller` opens it.
    async restart(keepData) {
      hangUp();
      client.disconnect();
      await server.restart({ keepData });
      client = await answered("a new connection", connect());
    },
    async watched(see, work) {
      const monitor = await answered("MONITOR", client.monitor());
      const marker = "lockproof watched until here";
      try {
        const ended = new Promise<void>((resolve) => {
          monitor.on("monitor", (_time: string, args: string[], source: string) => {
            if (args[1] === marker) resolve();
            else see(args, source);
          });
        });
        const result = await work();
        await answered("ECHO", client.echo(marker));
        await answered("MONITOR", ended);
        return result;
      } finally {
        monitor.disconnect();
      }
    },
    async [Symbol.asyncDispose]() {
      hangUp();
      client.disconnect();
    },
  };
}

async function connectTo(server: RedisServer, silence: number): Promise<Redis> {
  const client = createConnection({ ...connectionDefaults, silence, url: server.url, name: "conform" }, "commands");
  try {
    await client.connect();
  } catch (error) {
    client.disconnect(); // an open connection would keep the process alive
    throw error;
  }
  return client;
}

function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

/** An error reply is an answer; anything else means that there is no Redis to judge. */
function replyError(error: unknown): Error {
  if (isReply(error)) return error;
  throw error;
}
