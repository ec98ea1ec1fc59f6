/** What a run is a run of: the code, the choice of what was run, and its share of the seeds. Merging needs it to count nothing twice and miss nothing. */
import { z } from "zod";

/** As many shards as `--shard` can name, and more rounds than a week has: a foreign report must not keep its reader busy. */
const mostShards = 999_999;
const mostRounds = 1_000_000;

const names = z.array(z.string()).nullable();

export const identitySchema = z.strictObject({
  /** Of the package. */
  version: z.string(),
  /** The commit of the checkout. null: it is no checkout of git. */
  commit: z.string().nullable(),
  /** Whether the checkout had changes that are in no commit. */
  dirty: z.boolean().nullable(),
  shard: z
    .strictObject({ index: z.int().positive(), of: z.int().positive().max(mostShards) })
    .refine(({ index, of }) => index <= of),
  /** Rounds that were begun: round r runs the seed `seed + index - 1 + r * of`. */
  rounds: z.int().nonnegative().max(mostRounds),
  /** What was chosen by flags; null: everything that the profile has. */
  chosen: z.strictObject({
    layers: names,
    scenarios: names,
    redis: z.string().nullable(),
    /** A hash of the scripts of `--lua`; null: lockproof's own. */
    scripts: z.string().nullable(),
  }),
});

export type RunIdentity = z.infer<typeof identitySchema>;

/** `3/8`. */
export function shardText({ index, of }: RunIdentity["shard"]): string {
  return `${index}/${of}`;
}

/** `a1b2c3d4`, `a1b2c3d4 with changes`, `version 0.1.0`: what a reader compares. */
export function codeText({ commit, dirty, version }: RunIdentity): string {
  if (commit === null) return `version ${version}`;
  return `${commit.slice(0, 12)}${dirty === true ? " with changes" : ""}`;
}
