/** Which runs may be merged, and which parts of the whole are missing. */
import { UsageError } from "../../evidence/failure.ts";
import type { OpenItem } from "../schema.ts";
import { codeText, type RunIdentity, shardText } from "./identity.ts";

/** One run of `verify`, given by itself or as a part of a merged report. */
export interface Leaf {
  /** The folder that the command line names. */
  readonly folder: string;
  readonly run: string;
  readonly seed: number;
  readonly profile: string;
  readonly started_at: string;
  /** null: its report is of version 1, which has none. */
  readonly identity: RunIdentity | null;
  /** false: it was killed or is still running. */
  readonly finished: boolean;
}

export const mixtures = ["commits", "profiles", "seeds"] as const;
export type Mixture = (typeof mixtures)[number];

/** Seeds wrap around at 2^32. */
const seeds = 0x1_0000_0000;
/** The most missing shards that are named; further ones are only counted. */
const mostNamed = 20;

/** @throws UsageError for runs that are not parts of one whole, and for runs that would be counted twice */
export function refuseUnmergeable(leaves: readonly Leaf[], allowed: readonly Mixture[]): void {
  refuseTwice(leaves);
  refuseSchedulers(leaves);
  for (const mixture of mixtures) if (!allowed.includes(mixture)) refuseMixed(leaves, mixture);
  if (!allowed.includes("seeds")) refuseOverlap(leaves);
}

/** The same run must not be counted twice. */
function refuseTwice(leaves: readonly Leaf[]): void {
  const seen = new Map<string, Leaf>();
  for (const leaf of leaves) {
    const { identity, profile, seed, started_at } = leaf;
    // Folders are not compared, because a copy may have another name.
    const key = JSON.stringify([seed, profile, started_at, identity?.shard, identity?.chosen]);
    const before = seen.get(key);
    if (before !== undefined) {
      throw new UsageError(`${leaf.folder} holds the same run as ${before.folder}, and would be counted twice`, {
        where: leaf.folder,
        fix: "name each run once",
      });
    }
    seen.set(key, leaf);
  }
}

/** Refuses runs of several schedulers: the evidence of one says nothing about another. */
function refuseSchedulers(leaves: readonly Leaf[]): void {
  const [first, ...others] = leaves.filter(({ identity }) => identity !== null);
  const other = others.find((leaf) => first !== undefined && schedulerOf(leaf) !== schedulerOf(first));
  if (first === undefined || other === undefined) return;
  throw new UsageError(
    `mixed schedulers: ${first.run} has ${schedulerOf(first)}, ${other.run} has ${schedulerOf(other)}`,
    { where: other.folder, fix: "merge the runs of each scheduler by themselves" },
  );
}

function schedulerOf({ identity }: Leaf): string {
  const system = identity?.chosen.system;
  return system === undefined ? "that of lockproof" : `${system.name} ${system.version}`;
}

function refuseMixed(leaves: readonly Leaf[], mixture: Mixture): void {
  const [first, ...others] = leaves.filter((leaf) => wordOf(leaf, mixture) !== null);
  const other = others.find((leaf) => first !== undefined && wordOf(leaf, mixture) !== wordOf(first, mixture));
  if (first === undefined || other === undefined) return;
  throw new UsageError(
    `mixed ${mixture}: ${first.run} has ${wordOf(first, mixture)}, ${other.run} has ${wordOf(other, mixture)}`,
    { where: other.folder, fix: `merge runs of one kind, or allow it with --mixed ${mixture}` },
  );
}

function wordOf({ identity, profile, seed }: Leaf, mixture: Mixture): string | null {
  if (mixture === "profiles") return profile;
  if (mixture === "seeds") return String(seed);
  if (identity === null) return null;
  const { scripts } = identity.chosen;
  return scripts === null ? codeText(identity) : `${codeText(identity)}, scripts ${scripts.slice(0, 12)}`;
}

function refuseOverlap(leaves: readonly Leaf[]): void {
  const ran = new Map<number, Leaf[]>();
  for (const leaf of leaves) {
    for (const seed of seedsOf(leaf)) {
      const others = ran.get(seed) ?? [];
      const same = others.find((other) => isSameChoice(leaf, other));
      if (same !== undefined) throw overlap(same, leaf, seed);
      ran.set(seed, [...others, leaf]);
    }
  }
}

function overlap(one: Leaf, other: Leaf, seed: number): UsageError {
  const name = ({ identity, run }: Leaf) =>
    `${run} (shard ${identity === null ? "unknown" : shardText(identity.shard)})`;
  return new UsageError(`${name(one)} and ${name(other)} both ran seed ${seed}, which would be counted twice`, {
    where: other.folder,
    fix: "leave one of them out, or allow it with --mixed seeds",
  });
}

function* seedsOf({ identity, seed }: Leaf): Iterable<number> {
  if (identity === null) return;
  const { rounds, shard } = identity;
  for (let round = 0; round < rounds; round += 1) yield (seed + shard.index - 1 + round * shard.of) % seeds;
}

/** Whether both ran the same scenario of the same layer on the same servers. */
function isSameChoice({ identity: one }: Leaf, { identity: other }: Leaf): boolean {
  if (one === null || other === null || one.chosen.redis !== other.chosen.redis) return false;
  return meet(one.chosen.layers, other.chosen.layers) && meet(one.chosen.scenarios, other.chosen.scenarios);
}

/** null: everything. */
function meet(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return one === null || other === null || one.some((name) => other.includes(name));
}

/** Why the merged report is incomplete. */
export function missingParts(leaves: readonly Leaf[]): readonly OpenItem[] {
  const known = leaves.filter(({ identity }) => identity !== null);
  const groups = Map.groupBy(known, ({ identity, profile, seed }) =>
    JSON.stringify([profile, seed, identity?.shard.of, identity?.chosen, identity && codeText(identity)]),
  );
  return [
    ...leaves.filter(({ finished }) => !finished).map(unfinished),
    ...leaves.filter(({ identity }) => identity === null).map(unidentified),
    ...[...groups.values()].flatMap(missingShards),
  ];
}

function missingShards(group: readonly Leaf[]): readonly OpenItem[] {
  const [first] = group;
  if (first === undefined || first.identity === null) return [];
  const { of } = first.identity.shard;
  const there = new Set(group.flatMap(({ identity }) => identity?.shard.index ?? []));
  if (there.size === of) return [];
  const named: string[] = [];
  for (let index = 1; index <= of && named.length < mostNamed; index += 1)
    if (!there.has(index)) named.push(`${index}/${of}`);
  const rest = of - there.size - named.length;
  const id = `${named.join(", ")}${rest === 0 ? "" : `, and ${rest} more`}`;
  const reason = `not among the reports that were merged: shard ${id} of profile ${first.profile}, seed ${first.seed}`;
  return [{ kind: "shard", id, verdict: "unknown", cause: "missing_shard", reason }];
}

function unidentified({ run }: Leaf): OpenItem {
  const reason = `${run} is a report of version 1: it does not say which shard or which commit it is of, so nothing shows that the merged report is whole`;
  return { kind: "shard", id: run, verdict: "unknown", cause: "missing_shard", reason };
}

function unfinished({ run }: Leaf): OpenItem {
  const reason = `${run} has not ended: it goes on, or was killed`;
  return { kind: "run", id: run, verdict: "broken", cause: "interrupted", reason };
}
