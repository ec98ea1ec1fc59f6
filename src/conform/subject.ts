// cspell:ignore rpush
/** The store under test: a real Redis of the lab, to which calls and storeEvents happen one after another. */
import type { Redis } from "ioredis";
import type { Lab } from "../lab/lab.ts";
import type { RedisServer } from "../lab/servers/redis.ts";
import { createConnection } from "../redis/connection/connection.ts";
import { connectionDefaults } from "../redis/connection/defaults.ts";
import { late, within } from "../redis/deadline.ts";
import { list } from "../redis/scripts/reply.ts";
import type { ScriptSet } from "../redis/scripts/scripts.ts";
import { sendScript } from "../redis/scripts/send.ts";
import type { ScriptCall } from "../redis/scripts/wire.ts";
import { compileScripts } from "../redis/store.ts";
import { explainLoss, LostMonitorError, LostStoreError } from "./lost-store.ts";
import type { RedisType } from "./plan/world.ts";
import { dumpScript } from "./store/dump.ts";
import { prefix } from "./store/expect.ts";
import { bytesOf } from "./store/raw-bytes.ts";
import { channelOfMarks, type Published, WakeUps } from "./store/wake-ups.ts";

export interface Observation {
  /** The script's reply as it came, or the error. */
  readonly raw: unknown;
  /** The content right after it, as `dumpScript` gives it. */
  readonly content: unknown;
  /** The messages since the last observation, in order. */
  readonly published: readonly Published[];
  /** The server's time then, milliseconds since 1970. */
  readonly time: number;
}

export interface Subject extends AsyncDisposable {
  readonly redisVersion: string;
  /**
   * Runs the script, then reads the whole content; nothing comes in between, for calls are made one at a time.
   * @param from the connection that brings it, opened where it is new; absent: the subject's own
   */
  call(scripts: ScriptSet, call: ScriptCall, from?: string): Promise<Observation>;
  /** As `call`, for a script that has to refuse the call: the content is not read. */
  refused(scripts: ScriptSet, call: ScriptCall): Promise<unknown>;
  /** Ends all connections of the plan's clients. */
  hangUp(): void;
  content(): Promise<Omit<Observation, "raw">>;
  scriptFlush(): Promise<void>;
  flushAll(): Promise<void>;
  /** Another replication id, the data kept: what a failover to a replica that lacks nothing looks like. */
  promote(): Promise<void>;
  restart(keepData: boolean): Promise<void>;
  /** Puts the key aside, and something of another type in its place. */
  spoil(key: string, type: RedisType): Promise<void>;
  /** Takes away what `spoil` put there, and puts back what it had put aside. */
  mend(key: string): Promise<void>;
  /** Runs a command of another program. */
  meddle(command: string, key: string, args: readonly string[]): Promise<void>;
  /** Everything that the server runs while `work` runs, as MONITOR reports it; a restart would end it. */
  watched<T>(see: (args: readonly string[], source: string) => void, work: () => Promise<T>): Promise<T>;
}

/** Before the name of a key: where it is kept meanwhile. Not below the prefix of our keys. */
const aside = "aside:";
/** Without declared keys, since it is none of the scripts whose keys are watched. */
const spoilScript = `
redis.call('DEL', ARGV[2])
if redis.call('EXISTS', ARGV[1]) == 1 then redis.call('RENAME', ARGV[1], ARGV[2]) end
if ARGV[3] == 'zset' then redis.call('ZADD', ARGV[1], '1', 'not ours')
elseif ARGV[3] == 'hash' then redis.call('HSET', ARGV[1], 'not ours', '1')
elseif ARGV[3] == 'stream' then redis.call('XADD', ARGV[1], '1-0', 'not ours', '1')
elseif ARGV[3] == 'list' then redis.call('RPUSH', ARGV[1], 'not ours')
elseif ARGV[3] == 'set' then redis.call('SADD', ARGV[1], 'not ours')
else redis.call('SET', ARGV[1], 'not ours') end
return redis.status_reply('OK')`;
const mendScript = `
redis.call('DEL', ARGV[1])
if redis.call('EXISTS', ARGV[2]) == 1 then redis.call('RENAME', ARGV[2], ARGV[1]) end
return redis.status_reply('OK')`;

/** A local Redis answers in well under a millisecond; after this time it is not slow but broken. */
const standardTimeout = 10_000;

/**
 * Every method of a subject throws LostStoreError when the store does not answer within `timeout` ms.
 * @throws LabError, ScriptError when Redis does not compile one of the scripts
 */
export async function openSubject(
  lab: Pick<Lab, "redis">,
  scripts: ScriptSet,
  timeout = standardTimeout,
): Promise<Subject> {
  const server = await lab.redis();
  const client = await connectTo(server, timeout);
  try {
    await compileScripts(client, scripts);
  } catch (error) {
    client.disconnect(); // an open connection would keep the process alive
    throw error;
  }
  const subject = new RedisSubject(server, new Answers(server, timeout), client);
  await subject.listen();
  return subject;
}

/** Bounds the wait for each answer, `timeout` in ms, and explains why one did not come. */
class Answers {
  readonly timeout: number;
  readonly #server: RedisServer;

  constructor(server: RedisServer, timeout: number) {
    this.#server = server;
    this.timeout = timeout;
  }

  /** @throws LostStoreError when the store gives no answer; an error reply is thrown as it is */
  async receive<T>(doing: string, reply: Promise<T>): Promise<T> {
    try {
      const found = await within(reply, this.timeout);
      if (found !== late) return found;
      throw new Error(`no answer within ${this.timeout} ms`);
    } catch (error) {
      if (isReply(error) || error instanceof LostStoreError) throw error;
      throw await explainLoss(this.#server, doing, error);
    }
  }
}

class RedisSubject implements Subject {
  readonly redisVersion: string;
  readonly #server: RedisServer;
  readonly #answers: Answers;
  #client: Redis;
  /** The connections of the plan's clients, by name. */
  readonly #callers = new Map<string, Redis>();
  readonly #wakeUps = new WakeUps();
  #listener: Redis | null = null;
  #marks = 0;

  constructor(server: RedisServer, answers: Answers, client: Redis) {
    this.redisVersion = server.version;
    this.#server = server;
    this.#answers = answers;
    this.#client = client;
  }

  async call(set: ScriptSet, call: ScriptCall, from?: string): Promise<Observation> {
    const sender = from === undefined ? this.#client : await this.#caller(from);
    const raw = this.#send(sender, set, call);
    const [found, after] = await Promise.all([raw, raw.then(() => this.content())]);
    return { raw: found, ...after };
  }

  refused(set: ScriptSet, call: ScriptCall): Promise<unknown> {
    return this.#send(this.#client, set, call);
  }

  #send(sender: Redis, set: ScriptSet, call: ScriptCall): Promise<unknown> {
    const sent = sendScript(sender, set, { ...call, args: call.args.map(bytesOf) });
    return this.#answers.receive(`${call.script}.lua`, sent).catch(replyError);
  }

  /** Begins to receive what is published, on a connection of its own. */
  async listen(): Promise<void> {
    this.#listener = await this.#connect();
    await this.#answers.receive("PSUBSCRIBE", this.#wakeUps.listenOn(this.#listener));
  }

  hangUp(): void {
    for (const each of this.#callers.values()) each.disconnect();
    this.#callers.clear();
  }

  async content(): Promise<Omit<Observation, "raw">> {
    this.#marks += 1;
    const mark = String(this.#marks);
    const heard = this.#wakeUps.until(mark);
    const read = this.#client.eval(dumpScript, 0, prefix, channelOfMarks, mark);
    const [content, time] = list("dump", await this.#answers.receive("the script that reads the content", read));
    return { content, time: Number(time), published: await this.#answers.receive("a message of that script", heard) };
  }

  async spoil(key: string, type: RedisType): Promise<void> {
    await this.#answers.receive("a foreign key", this.#client.eval(spoilScript, 0, key, aside + key, type));
  }

  async mend(key: string): Promise<void> {
    await this.#answers.receive("the end of a foreign key", this.#client.eval(mendScript, 0, key, aside + key));
  }

  async meddle(command: string, key: string, args: readonly string[]): Promise<void> {
    await this.#answers.receive(command, this.#client.call(command, key, ...args.map(bytesOf)));
  }

  async scriptFlush(): Promise<void> {
    await this.#answers.receive("SCRIPT FLUSH", this.#client.script("FLUSH"));
  }

  async flushAll(): Promise<void> {
    await this.#answers.receive("FLUSHALL", this.#client.flushall());
  }

  async promote(): Promise<void> {
    await this.#answers.receive("REPLICAOF", this.#client.replicaof("127.0.0.1", 1));
    await this.#answers.receive("REPLICAOF", this.#client.replicaof("NO", "ONE"));
  }

  /** Requests that are still in flight are sent again on a new connection, as clients that re-send do: `#caller` opens it. */
  async restart(keepData: boolean): Promise<void> {
    this.hangUp();
    this.#client.disconnect();
    this.#listener?.disconnect();
    await this.#server.restart({ keepData });
    this.#client = await this.#connect();
    await this.listen();
  }

  async watched<T>(see: (args: readonly string[], source: string) => void, work: () => Promise<T>): Promise<T> {
    const marker = "lockproof watched until here";
    const monitor = this.#client.duplicate({ monitor: true, lazyConnect: false });
    const begun = new Promise<void>((resolve) => monitor.once("monitoring", resolve));
    const ended = new Promise<void>((resolve, reject) => {
      // A line that the client could not read, or that came while its connection was opened again: lines are missing. The first line may come
      // with the reply to MONITOR, from a call that was in flight: then the client takes it for an error, before it is in that mode.
      const lose = (): void => {
        monitor.disconnect();
        reject(new LostMonitorError());
      };
      monitor.on("error", lose);
      monitor.once("close", lose);
      monitor.on("monitor", (_time: string, args: string[], source: string) => {
        if (args[1] === marker) resolve();
        else see(args, source);
      });
    });
    ended.catch(() => {}); // it is awaited once the work has ended
    try {
      await this.#answers.receive("MONITOR", Promise.race([begun, ended]));
      const result = await work();
      await this.#answers.receive("ECHO", this.#client.echo(marker));
      await this.#answers.receive("MONITOR", ended);
      return result;
    } finally {
      monitor.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    this.#client.disconnect();
    this.#listener?.disconnect();
  }

  async #caller(from: string): Promise<Redis> {
    const known = this.#callers.get(from) ?? (await this.#connect());
    this.#callers.set(from, known);
    return known;
  }

  #connect(): Promise<Redis> {
    return this.#answers.receive("a new connection", connectTo(this.#server, this.#answers.timeout));
  }
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
