/** The outcome of a mutant. */
import { z } from "zod";
import { propertyIds } from "../check/properties.ts";
import { layerNames } from "../evidence/evidence.ts";

/**
 * - `killed`: a run of the gate found it, while the same run passes without it.
 * - `survived`: runs reached its place, and none found it.
 * - `no_coverage`: no run of the gate reaches its place.
 * - `equivalent`: the program does the same with it, by proof or by an argument that is written down.
 * - `broken`: with it there is no program: it cannot be loaded.
 */
export const outcomeKinds = ["killed", "survived", "no_coverage", "equivalent", "broken"] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** How a mutant was killed: a property was violated; the run could not be judged, with a reason; the process ended; a run did not end. */
const killKinds = ["violated", "broken", "crash", "timeout"] as const;

/** One line of the file of results. */
export const outcomeSchema = z.strictObject({
  /** The id of the mutant. */
  id: z.string(),
  file: z.string(),
  kind: z.enum(outcomeKinds),
  how: z.enum(killKinds).nullable(),
  layer: z.enum(layerNames).nullable(),
  property: z.enum(propertyIds).nullable(),
  /** The run that found it: `simulate random-nemesis, seed 7`. */
  run: z.string().nullable(),
  /** Repeats that run on the code as it is. */
  token: z.string().nullable(),
  /** The finding of the run; or why the mutant is equivalent or broken. */
  reason: z.string().nullable(),
  /** Runs that were made. */
  runs: z.int().nonnegative(),
  seconds: z.number().nonnegative(),
});

export type Outcome = Readonly<z.infer<typeof outcomeSchema>>;

const open = { how: null, layer: null, property: null, run: null, token: null, reason: null, runs: 0, seconds: 0 };

export function outcomeOf(
  { file, id }: { readonly id: string; readonly file: string },
  kind: OutcomeKind,
  found: Partial<Omit<Outcome, "id" | "file" | "kind">> = {},
): Outcome {
  return { ...open, ...found, id, file, kind };
}
