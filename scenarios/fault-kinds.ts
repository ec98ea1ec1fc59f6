/** What can be done to the world, by name; a layer says how it does each (docs/faults.md). */
import { z } from "zod";
import { duration } from "./units.ts";

/** Which instances are met; absent: all of them. */
const on = { instances: z.array(z.int().nonnegative()).min(1).exactOptional() };
/** A fault that begins and ends. */
const spell = { at: duration, lasts: duration.positive(), ...on };
/** Which of an instance's two connections is met. */
const link = { link: z.enum(["both", "commands", "feed"]).default("both") };

const writeScripts = ["reserve_job", "complete_job", "release_job", "register_node", "heartbeat"] as const;

export const faultSchema = z.discriminatedUnion("kind", [
  /** Every reply comes later by `adds`. */
  z.strictObject({ kind: z.literal("redis_latency"), ...spell, ...link, adds: duration.positive() }),
  /** Silence without a close: bytes are lost, and the connection breaks on healing; or held, and delivered on healing. */
  z.strictObject({ kind: z.literal("redis_blackhole"), ...spell, ...link, bytes: z.enum(["lost", "held"]) }),
  /** Connections are closed and new ones refused. */
  z.strictObject({ kind: z.literal("redis_refused"), ...spell, ...link }),
  /** The server ends at once and begins a new life, with or without what it held. */
  z.strictObject({ kind: z.literal("redis_restart"), at: duration, data: z.enum(["lost", "kept"]) }),
  /** The reply of the `nth` call of `script` from `at` on is withheld after Redis has run it; then the connection is cut, or silent until the fault ends. */
  z.strictObject({
    kind: z.literal("reply_lost"),
    ...spell,
    script: z.enum(writeScripts),
    nth: z.int().positive(),
    connection: z.enum(["cut", "silent"]),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;

/** Until when the fault may be in force; a restart takes its own time. */
export function endOf(fault: Fault): number {
  return fault.kind === "redis_restart" ? fault.at : fault.at + fault.lasts;
}

export function instancesOf(fault: Fault, count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  if (fault.kind === "redis_restart") return all;
  return fault.instances ?? all;
}

/** What two faults of one kind must not both be at work on at the same time. */
export function targetsOf(fault: Fault, count: number): readonly string[] {
  if (fault.kind === "redis_restart") return ["the server"];
  const links = fault.kind === "reply_lost" ? [fault.script] : linksOf(fault.link);
  return instancesOf(fault, count).flatMap((instance) => links.map((each) => `instance ${instance}, ${each}`));
}

export function linksOf(wanted: "both" | "commands" | "feed"): readonly ("commands" | "feed")[] {
  return wanted === "both" ? ["commands", "feed"] : [wanted];
}
