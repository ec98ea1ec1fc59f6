/** The actions of a plan, checked as they are read; src/load/plan/plan.ts says what each does. */
import { z } from "zod";
import type { Action } from "../../load/plan/plan.ts";

const when = { at: z.number().nonnegative(), instance: z.int().nonnegative() };
const node = z.string();
const job = z.string();
const wish = z.strictObject({
  pool: z.string().exactOptional(),
  key: z.string().exactOptional(),
  source: z.string(),
  target: z.string(),
  services: z.array(z.string()),
  count: z.int().positive().exactOptional(),
  attempts: z.int().positive().exactOptional(),
  lease: z.int().positive().exactOptional(),
});
const abort = z.number().nonnegative().exactOptional();

const ofNode = <Kind extends string>(...kinds: readonly [Kind, ...Kind[]]) =>
  z.strictObject({ kind: z.enum(kinds), ...when, node });

export const actionSchema: z.ZodType<Action> = z.discriminatedUnion("kind", [
  ofNode("read", "read_missing", "read_each", "look_up"),
  ofNode("heartbeat", "late_heartbeat", "late_goodbye", "arrive"),
  ofNode("repeat_heartbeat", "bad_heartbeat"),
  z.strictObject({ kind: z.literal("select"), ...when, wish: wish.exactOptional() }),
  z.strictObject({ kind: z.literal("dispatch"), ...when, job, wish: wish.exactOptional(), abort }),
  z.strictObject({ kind: z.literal("reserve"), ...when, node, job, lease: z.int().positive().exactOptional(), abort }),
  z.strictObject({ kind: z.literal("finish"), ...when, job, how: z.enum(["complete_job", "release_job"]) }),
  z.strictObject({ kind: z.literal("odd_call"), ...when, nth: z.int().nonnegative(), name: z.string() }),
  z.strictObject({ kind: z.enum(["impersonate", "impostor_beats"]), ...when, node, name: z.string() }),
  z.strictObject({
    kind: z.literal("put_config"),
    ...when,
    hashSeed: z.int().nonnegative(),
    enabled: z.boolean(),
  }),
  z.strictObject({
    kind: z.enum(["go_offline", "fall_silent", "come_back"]),
    ...when,
    node,
    absence: z.string(),
  }),
]);
