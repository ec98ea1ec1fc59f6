/** The settings with their ranges and defaults, and the rules between them. */
import { z } from "zod";
import type { Millis } from "../protocol/time.ts";
import { type Complaint, SettingsError } from "./errors.ts";
import { defaultWeights, type HealthWeights } from "./selection/health.ts";

/** Every duration is in milliseconds, with fractions unless it says otherwise. The judges of lockproof hold an instance to these defaults. */
export interface Settings {
  /** Fixed at first use of the store: an instance with another number refuses to start with a `LayoutError`. Whole number, 1 to 4,096; default 8. */
  readonly partitions: number;
  /** Timeout of a read of Redis; after it the answer comes from the caches, and the instance degrades. Milliseconds, 1 to 10,000; default 25. */
  readonly readDeadline: Millis;
  /** Timeout of a write; after it the write answers `failed`. Milliseconds, 1 to 10,000; default 30. */
  readonly writeDeadline: Millis;
  /** How long after a timeout the connection may still say whether the call was sent. Milliseconds, 0 to 1,000; default 5. */
  readonly deadlineGrace: Millis;
  /** The longest `getNode`; `readDeadline` and `deadlineGrace` together fit into it. Milliseconds, 2 to 60,000; default 50. */
  readonly budget: Millis;
  /** How long an answer about a node is reused unchecked. Milliseconds, 1 to 86,400,000; default 5,000. */
  readonly l1Ttl: Millis;
  /** How long the view of a partition counts as current without confirmation; then the mode is `local_only`. Milliseconds, 1 to 86,400,000; default 30,000. */
  readonly l2Ttl: Millis;
  /** How long a missing node is not looked up again, unless a change of it arrives. Milliseconds, 1 to 60,000; default 1,000. */
  readonly missTtl: Millis;
  /** By which `l1Ttl`, `l2Ttl`, `heartbeatTtl` and `sweepInterval` vary, drawn evenly for each entry, so that not all expire at once. Share, 0 to 0.5; default 0.2. */
  readonly ttlSpread: number;
  /** The longest time for which a partition is not checked for changes; a lost wake-up is noticed so late. Milliseconds, 1 to 60,000; default 200. */
  readonly pollInterval: Millis;
  /** In `normal` some read is sent this often; a Redis that is gone is noticed a pulse and a timeout later. Milliseconds, 1 to 60,000; default 15. */
  readonly pulseInterval: Millis;
  /** Pause between the probes of a degraded instance. Milliseconds, 1 to 60,000; default 100. */
  readonly probeInterval: Millis;
  /** Probes that have to be answered in a row before the partitions are loaded again. Whole number, 1 to 100; default 3. */
  readonly probesInARow: number;
  /** How long `l2_only` lasts without any answer before it becomes `local_only`. Milliseconds, 1 to 86,400,000; default 10,000. */
  readonly localOnlyAfter: Millis;
  /** A return to `normal` that lasts less than this is a relapse. Milliseconds, 0 to 86,400,000; default 5,000. */
  readonly calmAfter: Millis;
  /** The least time degraded after a relapse; it doubles with each further one. Milliseconds, 0 to 60,000; default 250. */
  readonly dwell: Millis;
  /** The most that `dwell` becomes. Milliseconds, 0 to 60,000; default 2,000. */
  readonly dwellMax: Millis;
  /** A node that sends no heartbeat for so long expires, and its jobs are orphaned. Milliseconds, 2 to 43,200,000; default 15,000. */
  readonly heartbeatTtl: Millis;
  /** How long a job keeps its place without a heartbeat that names it. Whole milliseconds, 1 to 86,400,000; default 60,000. */
  readonly lease: Millis;
  /** How long an offline or expired node is still known. Whole milliseconds, 1 to 86,400,000; default 3,600,000. */
  readonly retention: Millis;
  /** How long a completed job is remembered, so that a late reserve does not place it again. Whole milliseconds, 1 to 86,400,000; default 600,000. */
  readonly doneFor: Millis;
  /** Completed jobs that are remembered of a node; beyond them a late reserve answers `finished_unknown`. Whole number, 1 to 100,000; default 1,000. */
  readonly doneMax: number;
  /** Pause between an instance's sweeps of a partition, in `normal`; expiries and lapsed leases are found so late. Milliseconds, 1 to 86,400,000; default 1,000. */
  readonly sweepInterval: Millis;
  /** Nodes in one call of a sweep, which takes their places from ten times as many jobs at most. Whole number, 1 to 100; default 25. */
  readonly sweepLimit: number;
  /** Nodes in a page of a load, at most; each page has to come within `readDeadline`. Whole number, 1 to 1,000; default 250. */
  readonly snapshotPage: number;
  /** Changes in one read of the feed, at most. Whole number, 1 to 10,000; default 250. */
  readonly changesLimit: number;
  /** Calls of clients in flight; more are refused at once as `overloaded`, `applied: "no"`. The calls by which the instance follows, probes and
   * sweeps are not among them. Whole number, 1 to 100,000; default 256. */
  readonly maxCalls: number;
  /** Entries of L1, remembered misses, placements, reported losses and kinds of requests, each; the oldest is evicted first. Whole number, 1 to 10,000,000;
   * default 100,000. */
  readonly maxEntries: number;
  /** Nodes that a `dispatch` tries where it names no `attempts`. Whole number, 1 to 100; default 5. */
  readonly dispatchCandidates: number;
  /** The weight of each metric in the health score; only their proportions count, and one is above 0. Each 0 to 1,000,000; default
   * cpu 0.25, gpu 0.2, memory 0.15, load 0.15, latency_ms 0.1, error_rate 0.15. */
  readonly healthWeights: HealthWeights;
  /** Which writes are repeated at once where their outcome is unknown, which is safe: every write is idempotent. none, dispatch or all; default dispatch. */
  readonly retryAmbiguous: "none" | "dispatch" | "all";
}

const day = 86_400_000;
const duration = (least: number, most: number) => z.number().min(least).max(most);
const count = (least: number, most: number) => z.int().min(least).max(most);
const weight = (usual: number) => z.number().min(0).max(1_000_000).default(usual);

/** The ranges and defaults that the interface documents: a test compares the two. */
export const settingsSchema = z.strictObject({
  partitions: count(1, 4096).default(8),
  readDeadline: duration(1, 10_000).default(25),
  writeDeadline: duration(1, 10_000).default(30),
  deadlineGrace: duration(0, 1_000).default(5),
  budget: duration(2, 60_000).default(50),
  l1Ttl: duration(1, day).default(5_000),
  l2Ttl: duration(1, day).default(30_000),
  missTtl: duration(1, 60_000).default(1_000),
  ttlSpread: z.number().min(0).max(0.5).default(0.2),
  pollInterval: duration(1, 60_000).default(200),
  pulseInterval: duration(1, 60_000).default(15),
  probeInterval: duration(1, 60_000).default(100),
  probesInARow: count(1, 100).default(3),
  localOnlyAfter: duration(1, day).default(10_000),
  calmAfter: duration(0, day).default(5_000),
  dwell: duration(0, 60_000).default(250),
  dwellMax: duration(0, 60_000).default(2_000),
  heartbeatTtl: duration(2, day / 2).default(15_000),
  lease: count(1, day).default(60_000),
  retention: count(1, day).default(3_600_000),
  doneFor: count(1, day).default(600_000),
  doneMax: count(1, 100_000).default(1_000),
  sweepInterval: duration(1, day).default(1_000),
  sweepLimit: count(1, 100).default(25),
  snapshotPage: count(1, 1_000).default(250),
  changesLimit: count(1, 10_000).default(250),
  maxCalls: count(1, 100_000).default(256),
  maxEntries: count(1, 10_000_000).default(100_000),
  dispatchCandidates: count(1, 100).default(5),
  healthWeights: z
    .strictObject({
      cpu: weight(defaultWeights.cpu),
      gpu: weight(defaultWeights.gpu),
      memory: weight(defaultWeights.memory),
      load: weight(defaultWeights.load),
      latency_ms: weight(defaultWeights.latency_ms),
      error_rate: weight(defaultWeights.error_rate),
    })
    .default(defaultWeights),
  retryAmbiguous: z.enum(["none", "dispatch", "all"]).default("dispatch"),
} satisfies { readonly [Name in keyof Settings]: z.ZodType<Settings[Name]> });

const contradictions: readonly ((settings: Settings) => Complaint | null)[] = [
  (s) => atMost(["readDeadline", s.readDeadline + s.deadlineGrace], ["budget", s.budget], "with deadlineGrace, "),
  (s) => atMost(["l1Ttl", s.l1Ttl], ["l2Ttl", s.l2Ttl]),
  (s) => atMost(["missTtl", s.missTtl], ["l1Ttl", s.l1Ttl]),
  (s) =>
    atMost(
      ["pollInterval", s.pollInterval],
      ["l2Ttl", s.l2Ttl * (1 - s.ttlSpread) - s.readDeadline],
      "l2Ttl less its spread and one read: ",
    ),
  (s) => atMost(["pulseInterval", s.pulseInterval], ["pollInterval", s.pollInterval]),
  (s) => atMost(["dwell", s.dwell], ["dwellMax", s.dwellMax]),
  (s) => atMost(["sweepInterval", s.sweepInterval], ["retention", s.retention]),
  ({ healthWeights }) => {
    if (Object.values(healthWeights).some((each) => each > 0)) return null;
    const fix = "give at least one weight above 0";
    return { where: "settings.healthWeights", found: "a sum of 0", allowed: "a sum above 0", fix };
  },
];

type Duration = readonly [name: keyof Settings, ms: number];

/** @param note explains how the bound is computed */
function atMost([smaller, found]: Duration, [larger, allowed]: Duration, note = ""): Complaint | null {
  if (found <= allowed) return null;
  return {
    where: `settings.${smaller}`,
    found: `${found} ms`,
    allowed: `${note}at most ${larger} (${allowed} ms)`,
    fix: `lower ${smaller} or raise ${larger}`,
  };
}

/** Fills in the defaults.
 * @throws SettingsError for the first setting that is unknown, out of range or in contradiction with another
 */
export function resolveSettings(given: Partial<Settings>): Settings {
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : (issue?.path.join(".") ?? "");
    const found = issue?.code === "unrecognized_keys" ? "no such setting" : textOf(given, name);
    throw new SettingsError({
      where: `settings.${name}`,
      found,
      allowed: issue?.message ?? "a value in range",
      fix: "see docs/settings.md for names, ranges and defaults",
    });
  }
  for (const contradiction of contradictions) {
    const complaint = contradiction(parsed.data);
    if (complaint !== null) throw new SettingsError(complaint);
  }
  return parsed.data;
}

function textOf(given: object, path: string): string {
  const found = path.split(".").reduce<unknown>(memberOf, given);
  return typeof found === "object" ? JSON.stringify(found) : String(found);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : value;
}
