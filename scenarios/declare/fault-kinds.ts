/** The faults, by name. docs/faults.md says how each layer injects them, `fault-places.ts` where that is possible. */
import { z } from "zod";
import { duration } from "./units.ts";

/** The affected instances; absent: all of them. */
const on = { instances: z.array(z.int().nonnegative()).min(1).exactOptional() };
/** A fault that begins and ends. */
const interval = { at: duration, lasts: duration.positive(), ...on };
/** A fault of the server that begins and ends: it affects all instances. */
const serverInterval = { at: duration, lasts: duration.positive() };
/** The affected one of an instance's two connections. */
const link = { link: z.enum(["both", "commands", "feed"]).default("both") };
/** Which way: what the instance sends, or what it is sent. */
const direction = { direction: z.enum(["requests", "replies", "both"]).default("both") };
const nth = { nth: z.int().positive() };

const writeScripts = ["reserve_job", "complete_job", "release_job", "register_node", "heartbeat"] as const;
const script = { script: z.enum(writeScripts) };
/** The question by which an instance follows a partition can be delayed too. */
const anyScript = { script: z.enum([...writeScripts, "changes_since"]) };

export const faultSchema = z.discriminatedUnion("kind", [
  // The network between an instance and the store.

  /** Every reply comes later by `adds`; with `requests` every request too. */
  z.strictObject({
    kind: z.literal("redis_latency"),
    ...interval,
    ...link,
    direction: z.enum(["requests", "replies", "both"]).default("replies"),
    adds: duration.positive(),
  }),
  /** No more than so many kilobytes a second pass, each way. */
  z.strictObject({ kind: z.literal("redis_bandwidth"), ...interval, ...link, kb_per_second: z.int().positive() }),
  /** Silence without a close: bytes are lost, and the connection breaks on healing; or held, and delivered on healing. One way: an asymmetric partition. */
  z.strictObject({
    kind: z.literal("redis_blackhole"),
    ...interval,
    ...link,
    ...direction,
    bytes: z.enum(["lost", "held"]),
  }),
  /** Connections are closed and new ones refused. */
  z.strictObject({ kind: z.literal("redis_refused"), ...interval, ...link }),
  /** Every connection is reset as soon as something is sent on it. */
  z.strictObject({ kind: z.literal("redis_reset"), ...interval, ...link }),
  /** The connections that there are stay open and silent for ever; new ones work: the peer has gone without a word. */
  z.strictObject({ kind: z.literal("redis_half_open"), ...interval, ...link }),
  /** A close reaches the other side only `delay` later. */
  z.strictObject({ kind: z.literal("redis_slow_close"), ...interval, ...link, delay: duration.positive() }),
  /** Bytes arrive in pieces of `bytes`, `gap` apart. */
  z.strictObject({
    kind: z.literal("redis_sliced"),
    ...interval,
    ...link,
    bytes: z.int().positive(),
    gap: duration,
  }),

  // One command or message.

  /** The reply of the `nth` call of `script` from `at` on is withheld after Redis has run it; then the connection is cut, or silent until the fault ends. */
  z.strictObject({
    kind: z.literal("reply_lost"),
    ...interval,
    ...script,
    ...nth,
    connection: z.enum(["cut", "silent"]),
  }),
  /** The `nth` call of `script` reaches Redis only `adds` later, past its deadline where that is longer; what others send overtakes it. */
  z.strictObject({ kind: z.literal("command_delayed"), ...interval, ...anyScript, ...nth, adds: duration.positive() }),
  /** The `nth` call of `script` is held until the fault ends, though the connection has been cut meanwhile: then Redis runs it, and the reply has no receiver. */
  z.strictObject({ kind: z.literal("command_held"), ...interval, ...script, ...nth }),
  /** Redis is given the `nth` call of `script` twice. */
  z.strictObject({ kind: z.literal("command_repeated"), ...interval, ...script, ...nth }),
  /** `count` messages of the feed, from the `nth` from `at` on, never arrive, and no connection breaks. */
  z.strictObject({ kind: z.literal("wake_up_dropped"), ...interval, ...nth, count: z.int().positive().default(1) }),

  // The process of the store.

  /** The server's process is stopped: nothing is answered, nothing is lost. */
  z.strictObject({ kind: z.literal("redis_pause"), ...serverInterval }),
  /** The server is killed and restarted, with or without its data. */
  z.strictObject({ kind: z.literal("redis_restart"), at: duration, data: z.enum(["lost", "kept"]) }),
  /** From `at` the replica gets nothing any more; after `lasts` it is promoted, all follow it, and what was written meanwhile is lost. */
  z.strictObject({ kind: z.literal("redis_failover"), ...serverInterval }),
  /** At `at` a replica is promoted and followed by all but `instances`, who go on with the old primary until `lasts` is over and its writes are lost. */
  z.strictObject({
    kind: z.literal("redis_split_brain"),
    ...interval,
    instances: z.array(z.int().nonnegative()).min(1),
  }),
  /** At `at` a replica is promoted and followed by all; in the second half `instances` are routed back to the old primary, which still believes to be one. */
  z.strictObject({
    kind: z.literal("redis_former_primary"),
    ...interval,
    instances: z.array(z.int().nonnegative()).min(1),
  }),
  /** A Cluster moves the slots of one partition to another primary, key by key, for as long as it lasts. */
  z.strictObject({ kind: z.literal("slot_migration"), ...serverInterval, partition: z.int().nonnegative() }),

  // The store itself.

  z.strictObject({ kind: z.literal("script_flush"), at: duration }),
  /** All client connections are closed by the server; they may come again at once. */
  z.strictObject({ kind: z.literal("client_kill"), at: duration, ...link }),
  /** Writes wait at the server (`CLIENT PAUSE WRITE`). */
  z.strictObject({ kind: z.literal("client_pause"), ...serverInterval }),
  /** Another client's script keeps the server busy: BUSY. */
  z.strictObject({ kind: z.literal("redis_busy"), ...serverInterval }),
  /** No memory left and `noeviction`: scripts that write are refused with OOM. */
  z.strictObject({ kind: z.literal("redis_out_of_memory"), ...serverInterval }),
  /** Writes are refused with READONLY. */
  z.strictObject({ kind: z.literal("redis_readonly"), ...serverInterval }),
  /** Everything is refused with LOADING. */
  z.strictObject({ kind: z.literal("redis_loading"), ...serverInterval }),
  /** The database is emptied, without a restart. */
  z.strictObject({ kind: z.literal("flush_all"), at: duration }),
  /** The newest entry of every partition's feed is deleted: instances that have not read it never will. */
  z.strictObject({ kind: z.literal("feed_entry_deleted"), at: duration }),
  /** A key of the store holds a foreign value, until it is restored at the end. */
  z.strictObject({ kind: z.literal("wrong_type"), ...serverInterval, key: z.enum(["meta", "expiry", "feed"]) }),

  // An instance, and time.

  /** It ends at once, with all that it knew; after `lasts` it starts again under the same name. */
  z.strictObject({ kind: z.literal("instance_crash"), ...interval }),
  /** It is closed, as a deployment does it: calls in flight end, and nothing new is taken; after `lasts` it starts again under the same name. */
  z.strictObject({ kind: z.literal("instance_close"), ...interval }),
  /** Its Redis client reports neither timeouts nor broken connections, so that only a reply ends a call, or the instance itself; and a few calls throw. */
  z.strictObject({ kind: z.literal("client_broken"), ...interval }),
  /** Its process is stopped, as in a long garbage collection; then everything that was due happens at once. */
  z.strictObject({ kind: z.literal("instance_pause"), ...interval }),
  /** Its event loop is blocked for `blocks` of every `every`. */
  z.strictObject({
    kind: z.literal("instance_slow"),
    ...interval,
    blocks: duration.positive(),
    every: duration.positive(),
  }),
  /** The server's clock goes forward or, below 0, back by `by`. */
  z.strictObject({ kind: z.literal("clock_jump"), at: duration, by: z.number().min(-3_600_000).max(3_600_000) }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault["kind"];

export const faultKinds: readonly FaultKind[] = faultSchema.options.map(({ shape }) => shape.kind.value);

/** The end of the fault; one without a length ends by itself later. */
export function endOf(fault: Fault): number {
  return "lasts" in fault ? fault.at + fault.lasts : fault.at;
}

/** Whether its `instances` use one primary while the others use another: it affects all of them. */
export function isOfTwoPrimaries({ kind }: Fault): boolean {
  return kind === "redis_split_brain" || kind === "redis_former_primary";
}

/** The instances that the fault affects: those that it names, or all. */
export function instancesOf(fault: Fault, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (isOfTwoPrimaries(fault) || !("instances" in fault)) return all;
  return fault.instances ?? all;
}

/** The instances that a fault names, for checks of the declaration. */
export function namedInstances(fault: Fault): readonly number[] {
  return "instances" in fault ? (fault.instances ?? []) : [];
}

/** The targets that two faults of one kind must not share at the same time. */
export function targetsOf(fault: Fault, count: number): readonly string[] {
  const instances = instancesOf(fault, count);
  if ("script" in fault) return instances.map((instance) => `instance ${instance}, ${fault.script}`);
  if ("link" in fault) {
    return instances.flatMap((instance) => linksOf(fault.link).map((each) => `instance ${instance}, ${each}`));
  }
  if (isOfTwoPrimaries(fault) || !("instances" in fault)) return ["the server"];
  return instances.map((instance) => `instance ${instance}`);
}

export function linksOf(wanted: "both" | "commands" | "feed"): readonly ("commands" | "feed")[] {
  return wanted === "both" ? ["commands", "feed"] : [wanted];
}
