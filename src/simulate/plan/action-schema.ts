/** The actions of a plan, checked as they are read; src/load/plan/plan.ts says what each does. */
import { z } from "zod";
import { selectionNames } from "../../load/plan/offer.ts";
import type { Action } from "../../load/plan/plan.ts";

const when = { at: z.number().nonnegative(), instance: z.int().nonnegative() };
const node = z.string();
const job = z.string();

const ofNode = <Kind extends string>(...kinds: readonly [Kind, ...Kind[]]) =>
  z.strictObject({ kind: z.enum(kinds), ...when, node });

export const actionSchema: z.ZodType<Action> = z.discriminatedUnion("kind", [
  ofNode("read", "read_missing", "read_each", "look_up"),
  ofNode("heartbeat", "late_heartbeat", "arrive"),
  ofNode("repeat_heartbeat", "bad_heartbeat"),
  z.strictObject({ kind: z.literal("select"), ...when, wish: z.enum(selectionNames).exactOptional() }),
  z.strictObject({ kind: z.literal("dispatch"), ...when, job }),
  z.strictObject({ kind: z.literal("reserve"), ...when, node, job }),
  z.strictObject({ kind: z.literal("finish"), ...when, job, how: z.enum(["complete_job", "release_job"]) }),
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
