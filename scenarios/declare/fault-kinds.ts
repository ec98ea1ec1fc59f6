/** What can be done to the world, by name; a layer says how it does each (docs/faults.md), `fault-places.ts` where it can be done. */
import { z } from "zod";
import { duration } from "./units.ts";

/** Which instances are met; absent: all of them. */
const on = { instances: z.array(z.int().nonnegative()).min(1).exactOptional() };
/** A fault that begins and ends. */
const spell = { at: duration, lasts: duration.positive(), ...on };
/** A fault of the server that begins and ends: all instances meet it. */
const serverSpell = { at: duration, lasts: duration.positive() };
/** Which of an instance's two connections is met. */
const link = { link: z.enum(["both", "commands", "feed"]).default("both") };
/** Which way: what the instance sends, or what it is sent. */
const direction = { direction: z.enum(["requests", "replies", "both"]).default("both") };
const nth = { nth: z.int().positive() };

const writeScripts = ["reserve_job", "complete_job", "release_job", "register_node", "heartbeat"] as const;
const script = { script: z.enum(writeScripts) };

export const faultSchema = z.discriminatedUnion("kind", [
  // The network between an instance and the store.

  /** Every reply comes later by `adds`; with `requests` every request too. */
  z.strictObject({
    kind: z.literal("redis_latency"),
    ...spell,
    ...link,
    direction: z.enum(["requests", "replies", "both"]).default("replies"),
    adds: duration.positive(),
  }),
  /** No more than so many kilobytes a second pass, each way. */
  z.strictObject({ kind: z.literal("redis_bandwidth"), ...spell, ...link, kb_per_second: z.int().positive() }),
  /** Silence without a close: bytes are lost, and the connection breaks on healing; or held, and delivered on healing. One way: an asymmetric partition. */
  z.strictObject({
    kind: z.literal("redis_blackhole"),
    ...spell,
    ...link,
    ...direction,
    bytes: z.enum(["lost", "held"]),
  }),
  /** Connections are closed and new ones refused. */
  z.strictObject({ kind: z.literal("redis_refused"), ...spell, ...link }),
  /** Every connection is reset as soon as something is sent on it. */
  z.strictObject({ kind: z.literal("redis_reset"), ...spell, ...link }),
  /** The connections that there are stay open and silent for ever; new ones work: the peer has gone without a word. */
  z.strictObject({ kind: z.literal("redis_half_open"), ...spell, ...link }),
  /** A close reaches the other side only `delay` later. */
  z.strictObject({ kind: z.literal("redis_slow_close"), ...spell, ...link, delay: duration.positive() }),
  /** What is sent arrives in pieces of `bytes`, `gap` apart. */
  z.strictObject({
    kind: z.literal("redis_sliced"),
    ...spell,
    ...link,
    bytes: z.int().positive(),
    gap: duration,
  }),

  // One command or message.

  /** The reply of the `nth` call of `script` from `at` on is withheld after Redis has run it; then the connection is cut, or silent until the fault ends. */
  z.strictObject({
    kind: z.literal("reply_lost"),
    ...spell,
    ...script,
    ...nth,
    connection: z.enum(["cut", "silent"]),
  }),
  /** The `nth` call of `script` reaches Redis only `adds` later, past its deadline where that is longer; what others send overtakes it. */
  z.strictObject({ kind: z.literal("command_delayed"), ...spell, ...script, ...nth, adds: duration.positive() }),
  /** The `nth` call of `script` is held until the fault ends, though the connection has been cut meanwhile: then Redis runs it, and nobody waits for the reply. */
  z.strictObject({ kind: z.literal("command_held"), ...spell, ...script, ...nth }),
  /** Redis is given the `nth` call of `script` twice. */
  z.strictObject({ kind: z.literal("command_repeated"), ...spell, ...script, ...nth }),
  /** `count` messages of the feed, from the `nth` from `at` on, never arrive, and no connection breaks. */
  z.strictObject({ kind: z.literal("wake_up_dropped"), ...spell, ...nth, count: z.int().positive().default(1) }),

  // The process of the store.

  /** The server stands still: nothing is answered, nothing is lost. */
  z.strictObject({ kind: z.literal("redis_pause"), ...serverSpell }),
  /** The server ends at once and begins a new life, with or without what it held. */
  z.strictObject({ kind: z.literal("redis_restart"), at: duration, data: z.enum(["lost", "kept"]) }),
  /** From `at` the replica gets nothing any more; after `lasts` it is promoted, everybody follows it, and what was written meanwhile is lost. */
  z.strictObject({ kind: z.literal("redis_failover"), ...serverSpell }),
  /** At `at` a replica is promoted and followed by all but `instances`, who go on with the old primary until `lasts` is over and its writes are lost. */
  z.strictObject({ kind: z.literal("redis_split_brain"), ...spell, instances: z.array(z.int().nonnegative()).min(1) }),
  /** At `at` a replica is promoted and followed by all; in the second half `instances` are led back to the old primary, which nobody has told that it is one no longer. */
  z.strictObject({
    kind: z.literal("redis_former_primary"),
    ...spell,
    instances: z.array(z.int().nonnegative()).min(1),
  }),
  /** A Cluster moves the slots of one partition to another primary, key by key, for as long as it lasts. */
  z.strictObject({ kind: z.literal("slot_migration"), ...serverSpell, partition: z.int().nonnegative() }),

  // The store itself.

  z.strictObject({ kind: z.literal("script_flush"), at: duration }),
  /** All client connections are closed by the server; they may come again at once. */
  z.strictObject({ kind: z.literal("client_kill"), at: duration, ...link }),
  /** Writes wait at the server (`CLIENT PAUSE WRITE`). */
  z.strictObject({ kind: z.literal("client_pause"), ...serverSpell }),
  /** Another client's script keeps the server busy: BUSY. */
  z.strictObject({ kind: z.literal("redis_busy"), ...serverSpell }),
  /** No memory left and `noeviction`: scripts that write are refused with OOM. */
  z.strictObject({ kind: z.literal("redis_out_of_memory"), ...serverSpell }),
  /** Writes are refused with READONLY. */
  z.strictObject({ kind: z.literal("redis_readonly"), ...serverSpell }),
  /** Everything is refused with LOADING. */
  z.strictObject({ kind: z.literal("redis_loading"), ...serverSpell }),
  /** Somebody empties the database, without a restart. */
  z.strictObject({ kind: z.literal("flush_all"), at: duration }),
  /** Somebody deletes the newest entry of every partition's feed: what it told is told to nobody who had not read it. */
  z.strictObject({ kind: z.literal("feed_entry_deleted"), at: duration }),
  /** A key of ours holds what is not ours, until it is put right at the end. */
  z.strictObject({ kind: z.literal("wrong_type"), ...serverSpell, key: z.enum(["meta", "expiry", "feed"]) }),

  // An instance, and time.

  /** It ends at once, with all that it knew; after `lasts` it starts again under the same name. */
  z.strictObject({ kind: z.literal("instance_crash"), ...spell }),
  /** It stands still, as in a long collection of garbage; then everything that was due happens at once. */
  z.strictObject({ kind: z.literal("instance_pause"), ...spell }),
  /** Its event loop is blocked for `blocks` of every `every`. */
  z.strictObject({
    kind: z.literal("instance_slow"),
    ...spell,
    blocks: duration.positive(),
    every: duration.positive(),
  }),
  /** The server's clock goes forward or, below 0, back by `by`. */
  z.strictObject({ kind: z.literal("clock_jump"), at: duration, by: z.number().min(-3_600_000).max(3_600_000) }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault["kind"];

export const faultKinds: readonly FaultKind[] = faultSchema.options.map(({ shape }) => shape.kind.value);

/** Until when the fault may be in force; one without a length takes its own time. */
export function endOf(fault: Fault): number {
  return "lasts" in fault ? fault.at + fault.lasts : fault.at;
}

/** Its `instances` go to one primary while the others go to another: it meets all of them. */
export function isOfTwoPrimaries({ kind }: Fault): boolean {
  return kind === "redis_split_brain" || kind === "redis_former_primary";
}

/** Whom it meets: those that it names, or all. */
export function instancesOf(fault: Fault, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (isOfTwoPrimaries(fault) || !("instances" in fault)) return all;
  return fault.instances ?? all;
}

/** The instances that a fault names, for checks of the declaration. */
export function namedInstances(fault: Fault): readonly number[] {
  return "instances" in fault ? (fault.instances ?? []) : [];
}

/** What two faults of one kind must not both be at work on at the same time. */
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
