/**
 * A plan: the moves of a run, each of which keeps its meaning when others are removed. So a move names no token, incarnation or time by value but by
 * its place ("the former incarnation", "at the next deadline"), and is resolved to a command only when its turn comes (resolve.ts).
 */
import { z } from "zod";

const node = z.int().min(0).max(4);
/** A job by number, or one that the node has, or the one that it finished last. */
const job = z.union([z.int().min(0).max(999), z.enum(["live", "finished"])]);
const life = z.enum(["current", "former", "bogus"]);
const delivery = z.enum(["delivered", "request_lost", "reply_lost"]);
const duration = z.int().min(-1).max(100_000_000);
/** `none`: nothing is known, an epoch neither. */
const since = z.enum(["start", "one_behind", "three_behind", "current", "ahead", "former_epoch", "none"]);
const limit = z.int().min(0).max(20_000);
const maxBytes = { maxBytes: z.int().min(0).max(2_000_000).exactOptional() };
/** More than a generated plan has, and less than a script can be called with. */
const mostInList = 100;
/** A chunk of a heartbeat names no more jobs (docs/protocol.md). */
export const mostRunning = 500;
const call = {
  delivery,
  partitions: z.int().min(0).max(5_000).exactOptional(),
  /** The call passes no clock: the script reads that of its server. */
  clock: z.literal("server").exactOptional(),
  /** A text that this argument must not have, in place of its own (wrong-texts.ts). */
  instead: z.strictObject({ argument: z.string().max(40), which: z.string().max(40) }).exactOptional(),
};

const heartbeat = {
  node,
  life,
  seq: z.enum(["next", "same", "older", "jump", "negative"]),
  chunk: z.int().min(-1).max(200).default(0),
  health: z.int().min(-1).max(1_001),
  metrics: z.enum(["plain", "nan", "negative", "huge", "too_huge", "infinite", "tiny", "some", "none"]),
  running: z.array(job).max(mostRunning + 1),
  ttl: duration,
  lease: duration,
};
const reserve = {
  node,
  job,
  lease: duration,
  /** The number of finished jobs of the node that the caller knows of: all, one less, 0, one more, or -1. */
  seen: z.enum(["all", "all_but_one", "none", "more", "negative"]).default("all"),
};
const complete = { node, job, doneFor: duration, doneMax: z.int().min(0).max(200_000) };

/** More than the script takes. */
const mostItems = 33;
const itemSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("heartbeat"), ...heartbeat }),
  z.strictObject({ do: z.literal("reserve_job"), ...reserve }),
  z.strictObject({ do: z.literal("complete_job"), ...complete }),
  z.strictObject({ do: z.literal("release_job"), node, job }),
]);

const callSchema = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("register_node"),
    ...call,
    node,
    token: z.enum(["new", "same", "former"]),
    /** The incarnation to be replaced: the one that its client knows, none, the one before, or one that never was. */
    expected: z.enum(["right", "none", "former", "bogus"]),
    maxJobs: z.int().min(-1).max(200_000),
    pools: z.array(z.int().min(0).max(3)).max(mostInList),
    languages: z.array(z.int().min(0).max(2)).max(mostInList),
    ttl: duration,
    services: z.literal("ill_formed").exactOptional(),
  }),
  z.strictObject({ do: z.literal("heartbeat"), ...call, ...heartbeat }),
  z.strictObject({ do: z.literal("offline_node"), ...call, node, life, retention: duration }),
  z.strictObject({ do: z.literal("reserve_job"), ...call, ...reserve }),
  z.strictObject({ do: z.literal("complete_job"), ...call, ...complete }),
  z.strictObject({ do: z.literal("release_job"), ...call, node, job }),
  /** Items of another partition than that of the first are left out. */
  z.strictObject({ do: z.literal("group"), ...call, items: z.array(itemSchema).max(mostItems) }),
  z.strictObject({
    do: z.literal("sweep"),
    ...call,
    partition: z.int().min(0).max(1),
    candidates: z.enum(["none", "due", "all", "twice", "too_many"]),
    retention: duration,
    limit,
    jobLimit: z.int().min(0).max(2_000),
    offset: z.int().min(-1).max(999_999_999_999_999),
    gap: duration,
    grace: duration,
  }),
  z.strictObject({
    do: z.literal("changes_since"),
    ...call,
    partition: z.int().min(0).max(1),
    since,
    limit,
    ...maxBytes,
  }),
  z.strictObject({
    do: z.literal("read_orphans"),
    ...call,
    partition: z.int().min(0).max(1),
    after: z.enum(["start", "first", "last", "negative"]),
    limit: z.int().min(0).max(2_000),
  }),
  /** Which of the losses that its client knows of; `mistaken`: all, by the versions of others; `misplaced`: by the orders of others. */
  z.strictObject({
    do: z.literal("ack_orphans"),
    ...call,
    partition: z.int().min(0).max(1),
    losses: z.enum(["none", "first", "last", "all", "mistaken", "misplaced", "impossible"]),
  }),
  z.strictObject({
    do: z.literal("snapshot"),
    ...call,
    partition: z.int().min(0).max(1),
    records: z.array(node).max(mostInList),
    after: z.union([node, z.null()]),
    limit,
    ...maxBytes,
  }),
  z.strictObject({
    do: z.literal("put_config"),
    ...call,
    expected: z.enum(["right", "none", "older"]),
    content: z.int().min(0).max(19),
  }),
  z.strictObject({ do: z.literal("read_config"), ...call }),
  z.strictObject({ do: z.literal("config_changes"), ...call, since, limit, ...maxBytes }),
]);

/** A call is known by a name; of several with one name, the newest is meant. So others can be taken out of a plan. */
const name = z.int().min(0).max(999);

const moveSchema = z.discriminatedUnion("do", [
  ...callSchema.options,
  /**
   * A client makes the call now; it reaches the store when it is delivered. It knows what it has received by now,
   * or all that there is: as one that has just caught up with the feed.
   */
  z.strictObject({
    do: z.literal("send"),
    client: z.int().min(0).max(2),
    name,
    knows: z.enum(["all", "heard"]),
    call: callSchema,
  }),
  /** The store runs it. Its client hears the answer at once, or when that is brought (`answer`), or never. */
  z.strictObject({ do: z.literal("deliver"), name, answer: z.enum(["heard", "late", "lost"]) }),
  z.strictObject({ do: z.literal("answer"), name }),
  /** The client has no answer and sends the same call once more; the first may still be in flight. */
  z.strictObject({ do: z.literal("retry"), name }),
  /** The request is in flight twice without the knowledge of its client, as with a connection that re-sends. */
  z.strictObject({ do: z.literal("duplicate"), name }),
  z.strictObject({ do: z.literal("drop"), name }),
  /** The client has another connection. Requests on the old one may still run; their answers are lost. */
  z.strictObject({ do: z.literal("reconnect"), client: z.int().min(0).max(2) }),
  z.strictObject({ do: z.literal("wait"), by: z.int().min(-600_000).max(600_000) }),
  /** To `off` ms after the earliest expiry or lease deadline there is. */
  z.strictObject({ do: z.literal("wait_until_due"), what: z.enum(["expiry", "lease"]), off: z.int().min(-1).max(1) }),
  z.strictObject({ do: z.literal("script_flush") }),
  /** All data gone, the server the same. */
  z.strictObject({ do: z.literal("flush_all") }),
  /** As after a failover: the data kept, another replication id. */
  z.strictObject({ do: z.literal("promote") }),
  z.strictObject({ do: z.literal("restart"), keepData: z.boolean() }),
  /** Another program writes something of another type into a key of ours; `mend` puts all such keys back as they were. */
  z.strictObject({
    do: z.literal("spoil"),
    partition: z.union([z.int().min(0).max(1), z.literal("cfg")]),
    key: z.enum([
      ...(["meta", "feed", "nodes", "expiry", "leases", "orphans", "node", "jobs", "done", "phase3"] as const),
    ]),
    /** The number of the node. */
    of: z.int().min(0).max(2),
    type: z.enum(["string", "list", "hash", "set", "zset", "stream"]),
  }),
  z.strictObject({ do: z.literal("mend") }),
  /** Another program changes something in a key of the first node's partition, and leaves its type. */
  z.strictObject({
    do: z.literal("meddle"),
    what: z.enum([
      ...(["epoch_gone", "sequence_gone", "server_gone", "layout_gone", "partitions_gone"] as const),
      ...(["sequence_no_number", "layout_no_number", "partitions_no_number", "older_layout", "newer_layout"] as const),
      ...(["record_gone", "miscounted", "foreign_id"] as const),
    ]),
  }),
]);

export type ItemMove = z.infer<typeof itemSchema>;
export type CallMove = z.infer<typeof callSchema>;
export type Move = z.infer<typeof moveSchema>;
/** Events of the store and its clock: neither calls nor their delivery. */
export type StoreEvent = Extract<
  Move,
  {
    do: "wait" | "wait_until_due" | "script_flush" | "flush_all" | "promote" | "restart" | "spoil" | "mend" | "meddle";
  }
>;
export type JobAt = z.infer<typeof job>;
export type Since = z.infer<typeof since>;

export const planSchema = z.strictObject({
  /** How many entries the feed keeps: small, so that trimming happens. */
  feedMax: z.int().min(1).max(1_000_000),
  moves: z.array(moveSchema).max(10_000),
});

export type Plan = z.infer<typeof planSchema>;
