/** The identity of a run: code, choices and shard. Merging needs it to count nothing twice and to notice what is missing. */
import { z } from "zod";

/** The most shards that `--shard` can name, and more rounds than a week has: limits for foreign reports. */
const mostShards = 999_999;
const mostRounds = 1_000_000;

const names = z.array(z.string()).nullable();

export const identitySchema = z.strictObject({
  /** The version of the package. */
  version: z.string(),
  /** The commit of the checkout; null: there is no git checkout. */
  commit: z.string().nullable(),
  /** Whether the checkout had uncommitted changes. */
  dirty: z.boolean().nullable(),
  /**
   * The scripts that ran, as tokens name them: `lua@5f0c1d2e3a4b`. null: there were none of ours, or they could not be read. Absent in reports of
   * earlier versions, like the next.
   */
  script_set: z.string().nullable().exactOptional(),
  /** The scheduler that was judged. */
  system_under_test: z.strictObject({ name: z.string(), version: z.string() }).exactOptional(),
  shard: z
    .strictObject({ index: z.int().positive(), of: z.int().positive().max(mostShards) })
    .refine(({ index, of }) => index <= of),
  /** The number of rounds that began: round r runs the seed `seed + index - 1 + r * of`. */
  rounds: z.int().nonnegative().max(mostRounds),
  /** The choices by flags; null: everything in the profile. */
  chosen: z.strictObject({
    layers: names,
    scenarios: names,
    redis: z.string().nullable(),
    /** A hash of the scripts of `--lua`; null: our own scripts. */
    scripts: z.string().nullable(),
    /** The scheduler written elsewhere that ran, and the properties that it has to keep. Absent: our own ran. */
    system: z.strictObject({ name: z.string(), version: z.string(), asked: z.array(z.string()) }).exactOptional(),
  }),
});

export type RunIdentity = z.infer<typeof identitySchema>;

/** `3/8`. */
export function shardText({ index, of }: RunIdentity["shard"]): string {
  return `${index}/${of}`;
}

/** `a1b2c3d4`, `a1b2c3d4 with changes`, `version 0.1.0`. */
export function codeText({ commit, dirty, version }: RunIdentity): string {
  if (commit === null) return `version ${version}`;
  return `${commit.slice(0, 12)}${dirty === true ? " with changes" : ""}`;
}
