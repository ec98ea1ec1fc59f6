/**
 * The line protocol of a scheduler in a process of its own: one JSON object a line, requests in, replies out in any order.
 * docs/sut-protocol.md explains them. Fields that are not known are ignored, in both directions.
 */
import { z } from "zod";

export const protocolVersion = 1;
/** A longer line is not one of the protocol. Characters. */
export const longestLine = 4_000_000;

const count = z.int().nonnegative();
const version = z.object({ epoch: z.string(), sequence: count });
const pair = z.object({ source: z.string(), target: z.string() });
const texts = z.array(z.string());

/** All that is material about a node (docs/protocol.md, section 6). */
const content = z.object({
  node: z.string(),
  status: z.enum(["online", "offline", "expired"]),
  incarnation: z.string(),
  version,
  max_jobs: count,
  finished: count.optional(),
  current_jobs: z.int(), // a wrong one may be below 0, and has to be seen
  health_milli: count,
  pools: texts,
  languages: z.array(pair),
  services: texts,
});

/** JSON has neither NaN nor infinity: they arrive as null. What is no number costs the reading, not the heartbeat. */
const reading = z.number().nullable().catch(null);
const metrics = z.object({
  cpu: reading,
  gpu: reading,
  memory: reading,
  load: reading,
  latency_ms: reading,
  error_rate: reading,
});
const config = z.object({
  enabled: z.boolean(),
  pool_count: count,
  hash_seed: count,
  fallback_scan_all_pools: z.boolean(),
  pools: z.array(
    z.object({ id: z.string(), name: z.string(), required_services: texts, language_pairs: z.array(pair) }),
  ),
});

const id = count;
const node = z.string();
const job = z.string();
const mode = z.enum(["normal", "l2_only", "local_only"]);

export const requestSchema = z.discriminatedUnion("op", [
  z.object({
    id,
    op: z.literal("init"),
    protocol: z.literal(protocolVersion),
    instance: count,
    redis: z.string(),
    /** Where subscriptions are to be made, where that is another way to the same Redis. */
    redis_feed: z.string().exactOptional(),
    namespace: z.string(),
    /** Changes that the feed of a partition keeps. */
    feed_max: z.int().positive().exactOptional(),
    settings: z.record(z.string(), z.number()),
  }),
  z.object({
    id,
    op: z.literal("register_node"),
    node,
    /** The same on every try of one registration. */
    registration: z.string().exactOptional(),
    /** The incarnation that it replaces; null: there is no such node. Absent: the one that this instance sees. */
    expected: z.string().nullable().optional(),
    max_jobs: z.number(),
    pools: texts,
    languages: z.array(pair),
    services: texts,
  }),
  z.object({
    id,
    op: z.literal("heartbeat"),
    node,
    seq: z.number(),
    incarnation: z.string(),
    metrics,
    running: texts,
  }),
  z.object({ id, op: z.literal("offline_node"), node, incarnation: z.string().optional() }),
  z.object({ id, op: z.literal("reserve_job"), node, job, lease_ms: z.number().optional() }),
  z.object({ id, op: z.literal("complete_job"), node, job }),
  z.object({ id, op: z.literal("release_job"), node, job }),
  z.object({ id, op: z.literal("get_node"), node }),
  z.object({
    id,
    op: z.literal("select_nodes"),
    pool: z.string().exactOptional(),
    /** Without a pool: requests with the same key go to the same pool. */
    key: z.string().exactOptional(),
    source: z.string(),
    target: z.string(),
    services: texts,
    count: z.number(),
  }),
  z.object({ id, op: z.literal("put_config"), config, expected: version.nullable() }),
  /** `contents`: with all nodes, whole. */
  z.object({ id, op: z.literal("status"), contents: z.boolean().exactOptional() }),
  z.object({ id, op: z.literal("shutdown") }),
]);

export type Request = z.infer<typeof requestSchema>;
export type Op = Request["op"];
/** As its sender gives it: the id is the client's business. */
export type Ask<O extends Op = Op> = O extends Op ? Omit<Extract<Request, { op: O }>, "id"> : never;

export const ops: readonly Op[] = requestSchema.options.map(({ shape }) => shape.op.value);

/** A write's answer beside its outcome, where the system has versions. */
const written = { version: version.exactOptional() };
const finished = z.object({ outcome: z.enum(["completed", "unknown"]), ...written });

const replySchemas = {
  init: z.object({
    name: z.string(),
    version: z.string(),
    capabilities: z.object({ ops: texts, properties: texts }),
  }),
  register_node: z.object({
    /** null: there is no such node, of a conflict. */
    incarnation: z.string().nullable(),
    outcome: z.enum(["registered", "already", "superseded", "conflict"]).default("registered"),
    ...written,
  }),
  heartbeat: z.object({
    outcome: z.enum(["renewed", "already", "stale", "superseded", "unknown_node", "not_online"]).default("renewed"),
    ...written,
  }),
  offline_node: z.object({
    outcome: z.enum(["offline", "already", "superseded", "unknown_node"]).default("offline"),
    ...written,
  }),
  reserve_job: z.object({
    outcome: z.enum(["reserved", "already", "full", "not_online", "finished", "finished_unknown"]),
    ...written,
  }),
  complete_job: finished,
  release_job: finished,
  get_node: z.object({
    found: z.boolean(),
    status: z.string().exactOptional(),
    version: version.exactOptional(),
    current_jobs: z.int().exactOptional(),
    max_jobs: z.int().exactOptional(),
    source: z.enum(["l1", "l2", "redis", "miss", "none"]),
    /** null: nothing was ever known. */
    age_ms: z.number().nullable(),
    stale: z.boolean(),
    mode: mode.exactOptional(),
    content: content.exactOptional(),
  }),
  select_nodes: z.object({ nodes: texts, mode, contents: z.array(content).exactOptional() }),
  put_config: z.object({
    outcome: z.enum(["stored", "already", "conflict"]).default("stored"),
    /** The version that is stored now; null: none is. */
    version: version.nullable(),
  }),
  status: z.object({
    mode,
    /** By partition, as decimal text; a partition of which nothing is known is absent. */
    view: z.record(z.string().regex(/^\d{1,4}$/), version),
    /** Whether it is subscribed. */
    connected: z.boolean().exactOptional(),
    contents: z.array(content).exactOptional(),
  }),
  shutdown: z.object({}),
} satisfies Record<Op, z.ZodType>;

export type Reply<O extends Op> = z.output<(typeof replySchemas)[O]>;
/** As a system writes it, before defaults. */
export type SentReply<O extends Op> = z.input<(typeof replySchemas)[O]>;

/** Codes for which `definite` counts. A request that fails with any other code may have been performed, whatever `definite` says. */
export const errorCodes = [
  "invalid", // the request: a field that is missing or out of range; an id that is too long
  "unsupported", // an operation that the system does not have
  "not_ready", // before `init`, or after `shutdown`
  "deadline",
  "disconnected",
  "overloaded",
  "readonly",
  "loading",
  "busy",
  "out_of_memory",
  "denied",
  "wrong_type",
  "moved",
  "layout_mismatch",
  "protocol",
  "aborted",
  "closed",
  "unknown_node",
  "internal", // a fault of the system's own
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  /** true: it did not happen, and never will. */
  definite: z.boolean(),
});

/** A reply before its operation is known: its id, and which of the two it is. */
export const envelopeSchema = z.union([
  z.object({ id, ok: z.literal(true) }),
  z.object({ id: id.nullable(), error: errorSchema }),
]);

/** Returns the schema of a reply without its `id` and `ok`. */
export function replySchemaOf(op: Op): z.ZodType {
  return replySchemas[op];
}

/** @throws z.ZodError for a reply that is not one of `op` */
export function parseReply<O extends Op>(op: O, raw: unknown): Reply<O> {
  return replySchemas[op].parse(raw) as Reply<O>;
}
