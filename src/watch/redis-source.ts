/** Reads partitions of a live Redis: each read is one transaction of reading commands, under the user's own rights (docs/acl.md). */
import type { ChainableCommander, Redis } from "ioredis";
import type { Millis } from "../check/history.ts";
import type { DumpedNode } from "../check/observed/observation.ts";
import { BrokenRunError } from "../evidence/failure.ts";
import { entryOf, readNode } from "../inject/observe/partition-read.ts";
import { createConnection } from "../redis/connection/connection.ts";
import { classify, isDenied } from "../redis/failure.ts";
import { type Keyspace, keyspace } from "../redis/scripts/keys.ts";
import { fieldsOf, integer, list, text, texts } from "../redis/scripts/reply.ts";
import { membersOfPage } from "./audit/look-queue.ts";
import type { Ask, FeedLine, Look, Meta, Reading, Source } from "./reading.ts";

const layout = 2;
/** Silence after which a connection is given up. */
const silence: Millis = 2_000;
const metaFields = ["epoch", "sequence", "replication_id", "layout", "partitions", "held_ms"] as const;
/** Replies of one look. */
const repliesOfLook = 5;

/** The store does not answer now, and may later. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

export interface SourceOptions {
  readonly url: string;
  readonly prefix: string;
  /** ms since the watch began. */
  readonly now: () => Millis;
}

export class RedisSource implements Source, Disposable {
  readonly #client: Redis;
  readonly #options: SourceOptions;
  #isOpen = false;
  /** The last error of the connection. */
  #trouble = "";
  #refused: Error | null = null;

  /** @throws AddressError, PrefixError */
  constructor(options: SourceOptions) {
    const reconnectAfter = (attempt: number, drawn: number): Millis =>
      Math.min(100 * 2 ** Math.min(attempt, 5), 2_000) * (0.5 + drawn / 2);
    this.#options = options;
    keyspace(options.prefix, "cfg");
    this.#client = createConnection({ url: options.url, silence, reconnectAfter, name: "watch" }, "commands");
    this.#client.on("error", (error: unknown) => this.#note(error));
    this.#client.on("ready", () => {
      this.#refused = null;
    });
  }

  async partitions(): Promise<number | null> {
    await this.#connected();
    await this.#checkMode();
    const [, , , foundLayout, partitions] = await this.#call(() =>
      this.#client.hmget(this.#keys(0).meta, ...metaFields),
    );
    if (foundLayout === null || foundLayout === undefined || !partitions) return null;
    if (Number(foundLayout) === layout) return integer("partitions", partitions);
    throw new BrokenRunError(`the store has layout ${foundLayout}, allowed ${layout}`, {
      where: `${this.#options.prefix}{p0}:meta`,
      fix: "upgrade the store (docs/moving-over.md), or name another --namespace",
    });
  }

  async read(ask: Ask): Promise<Reading> {
    await this.#connected();
    const keys = this.#keys(ask.partition);
    const since = this.#options.now();
    const replies = await this.#call(() => this.#transaction(keys, ask));
    return readingOf(replies, ask, { since, at: this.#options.now() });
  }

  [Symbol.dispose](): void {
    this.#client.disconnect();
  }

  #keys(partition: number): Keyspace {
    return keyspace(this.#options.prefix, `p${partition}`);
  }

  async #connected(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    // Where the first attempt fails the client goes on by itself.
    await this.#client.connect().catch((error: unknown) => this.#note(error));
  }

  async #checkMode(): Promise<void> {
    const info = await this.#call(() => this.#client.info("server"));
    const mode = /^redis_mode:(\w+)/mu.exec(info)?.[1] ?? "standalone";
    if (mode === "standalone") return;
    throw new BrokenRunError(
      `the server is of a ${mode === "cluster" ? "Cluster" : "Sentinel"}, allowed a single one`,
      {
        where: "redis",
        fix: "give the URL of a server that holds all partitions",
      },
    );
  }

  async #transaction(keys: Keyspace, ask: Ask): Promise<readonly unknown[]> {
    const multi = this.#client.multi();
    queue(multi, keys, ask);
    const replies = await multi.exec();
    if (replies === null) throw new NoAnswerError("the transaction was discarded");
    return replies.map(([error, reply]) => error ?? reply);
  }

  async #call<Reply>(send: () => Promise<Reply>): Promise<Reply> {
    if (this.#refused !== null) throw denied(this.#refused);
    try {
      return await send();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    for (const each of [error, ...previousErrors(error)]) if (isDenied(each)) return denied(each);
    if (this.#refused !== null) return denied(this.#refused);
    const { cause, message } = classify(error, 0, true);
    if (cause === "loading" || cause === "busy" || cause === "readonly") return new NoAnswerError(message);
    return cause === "disconnected" ? new NoAnswerError(this.#trouble === "" ? message : this.#trouble) : error;
  }

  #note(error: unknown): void {
    if (!(error instanceof Error)) return;
    this.#trouble = error.message === "" && "code" in error ? String(error.code) : error.message;
    if (isDenied(error)) this.#refused = error;
  }
}

function denied(error: Error): BrokenRunError {
  return new BrokenRunError(`Redis refuses the user: ${error.message}`, {
    where: "redis",
    fix: "give the user the rights of docs/acl.md, and the URL its name and password",
  });
}

/** Returns the errors for which a transaction was discarded. */
function previousErrors(error: unknown): readonly unknown[] {
  const found = error instanceof Error && "previousErrors" in error ? error.previousErrors : [];
  return Array.isArray(found) ? found : [];
}

/** The commands of one read: none of them writes, and each names its key. */
function queue(multi: ChainableCommander, keys: Keyspace, { limit, looks, membersAfter, since }: Ask): void {
  multi.call("TIME");
  multi.call("INFO", "replication");
  multi.call("HMGET", keys.meta, ...metaFields);
  multi.call("XLEN", keys.feed);
  multi.call("XRANGE", keys.feed, "-", "+", "COUNT", "1");
  if (since !== null) multi.call("XRANGE", keys.feed, `(${since}-0`, "+", "COUNT", String(limit));
  if (membersAfter !== null) {
    const after = membersAfter === "" ? "-" : `(${membersAfter}`;
    multi.call("ZRANGE", keys.nodes, after, "+", "BYLEX", "LIMIT", "0", String(membersOfPage));
  }
  for (const node of looks) {
    multi.call("HGETALL", keys.node(node));
    multi.call("ZRANGE", keys.jobs(node), "0", "-1", "WITHSCORES");
    multi.call("ZSCORE", keys.nodes, node);
    multi.call("ZSCORE", keys.expiry, node);
    multi.call("ZSCORE", keys.leases, node);
  }
}

function readingOf(replies: readonly unknown[], ask: Ask, times: Pick<Reading, "since" | "at">): Reading {
  const { looks, membersAfter, since } = ask;
  const [time, info, meta, length, first, ...rest] = replies.map((reply, index) =>
    reply instanceof Error && index < replies.length - repliesOfLook * looks.length ? raise(reply) : reply,
  );
  const serverMs = Math.floor(
    integer("seconds", texts("time", time)[0]) * 1_000 + Number(texts("time", time)[1]) / 1e3,
  );
  const entries = since === null ? [] : list("feed", rest.shift());
  const members = membersAfter === null ? [] : texts("nodes", rest.shift());
  const state = metaOf(list("meta", meta), text("info", info));
  const place = { partition: ask.partition, at: times.at, epoch: state?.epoch ?? "" };
  return {
    ...{ ask, ...times, serverMs, meta: state, members },
    first: list("feed", first)[0] === undefined ? null : sequenceOf(list("feed", first)[0]),
    length: integer("length", length),
    entries: entries.map((entry) => lineOf(entry, place)),
    looks: looks.map((node, index) => lookOf(node, rest.slice(repliesOfLook * index, repliesOfLook * (index + 1)))),
  };
}

function raise(error: Error): never {
  throw error;
}

/** null: not whole, so that the next call begins an epoch. */
function metaOf(found: readonly unknown[], info: string): Meta | null {
  const [epoch, sequence, replicationId, , , held] = found;
  const server = /^master_replid:([0-9a-f]+)/mu.exec(info)?.[1];
  if (typeof epoch !== "string" || typeof sequence !== "string" || typeof replicationId !== "string") return null;
  const heldUntil = typeof held === "string" && held !== "" ? integer("held_ms", held) : null;
  return { epoch, sequence: integer("sequence", sequence), isCurrent: replicationId === server, heldUntil };
}

function sequenceOf(entry: unknown): number {
  return integer("sequence", /^(\d+)-0$/u.exec(text("id", list("entry", entry)[0]))?.[1]);
}

function lineOf(
  entry: unknown,
  place: { readonly partition: number; readonly at: Millis; readonly epoch: string },
): FeedLine {
  const sequence = sequenceOf(entry);
  try {
    return { sequence, change: entryOf(list("entry", entry)[1], { ...place, sequence }).change };
  } catch {
    return { sequence, change: null };
  }
}

function lookOf(node: string, [record, jobs, member, expiry, lease]: readonly unknown[]): Look {
  for (const reply of [record, jobs, member, expiry, lease])
    if (reply instanceof Error) return { kind: "unreadable", node, reason: reply.message };
  const flat = flatOf(record);
  if (flat.length === 0) return { kind: "none", node, isMember: member !== null };
  try {
    return { kind: "found", node, dumped: dumpedOf(node, flat, { jobs: texts("jobs", jobs), expiry, lease }) };
  } catch (error) {
    return { kind: "unreadable", node, reason: error instanceof Error ? error.message : String(error) };
  }
}

function dumpedOf(
  node: string,
  flat: readonly unknown[],
  { expiry, jobs, lease }: { readonly jobs: readonly string[]; readonly expiry: unknown; readonly lease: unknown },
): DumpedNode {
  const ids = jobs.filter((_, index) => index % 2 === 0);
  const deadlines = jobs.filter((_, index) => index % 2 === 1).map(Number);
  const expires = integer("expires_at_ms", fieldsOf("record", flat)["expires_at_ms"]);
  const scores = { expiry: scoreOf(expiry), lease: scoreOf(lease) };
  return { ...readNode([node, flat, ids]), times: { expires_at_ms: expires, ...scores, deadlines } };
}

function scoreOf(reply: unknown): number | null {
  return reply === null || reply === undefined ? null : Number(reply);
}

/** The client may have made an object of it. */
function flatOf(record: unknown): readonly unknown[] {
  if (Array.isArray(record)) return record;
  return typeof record === "object" && record !== null ? Object.entries(record).flat() : [];
}
