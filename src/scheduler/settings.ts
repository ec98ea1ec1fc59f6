/** The settings with their ranges and defaults, and the rules between them. Durations are milliseconds. */
import { z } from "zod";
import { type Complaint, SettingsError } from "./errors.ts";
import { defaultWeights } from "./selection/health.ts";

const day = 86_400_000;
const duration = (least: number, most: number) => z.number().min(least).max(most);
const count = (least: number, most: number) => z.int().min(least).max(most);

const weight = (usual: number) => z.number().min(0).max(1_000_000).default(usual);

const schema = z.strictObject({
  /** Fixed at first use of the store; an instance that disagrees refuses to start. */
  partitions: count(1, 4096).default(8),
  /** How long any read of the store may take. */
  readDeadline: duration(1, 10_000).default(25),
  /** How long any write may take. */
  writeDeadline: duration(1, 10_000).default(30),
  /** How long past a deadline we wait for the store's own word on it, which knows better whether a write was sent. */
  deadlineGrace: duration(0, 1_000).default(5),
  /** The longest that any read of ours may take, whatever the store does. */
  budget: duration(2, 60_000).default(50),
  l1Ttl: duration(1, day).default(5_000),
  l2Ttl: duration(1, day).default(30_000),
  missTtl: duration(1, 60_000).default(1_000),
  /** TTLs are drawn from base ± this share of it, uniformly, for each entry. */
  ttlSpread: z.number().min(0).max(0.5).default(0.2),
  /** No partition goes unchecked for longer, wake-ups or not. */
  pollInterval: duration(1, 60_000).default(200),
  /** In `normal` some read is sent at least this often, so that a Redis that has gone is noticed within pulse + deadline. */
  pulseInterval: duration(1, 60_000).default(15),
  probeInterval: duration(1, 60_000).default(100),
  probesInARow: count(1, 100).default(3),
  /** Without any answer for this long, `l2_only` becomes `local_only`. */
  localOnlyAfter: duration(1, day).default(10_000),
  /** A return to `normal` that lasts less than this counts as a relapse. */
  calmAfter: duration(0, day).default(5_000),
  /** A relapse keeps the instance degraded for at least this, doubled with each further one, up to `dwellMax`. */
  dwell: duration(0, 60_000).default(250),
  dwellMax: duration(0, 60_000).default(2_000),
  heartbeatTtl: duration(2, day / 2).default(15_000),
  lease: count(1, day).default(60_000),
  /** How long an offline or expired node is still known. */
  retention: count(1, day).default(3_600_000),
  doneFor: count(1, day).default(600_000),
  doneMax: count(1, 100_000).default(1_000),
  sweepInterval: duration(1, day).default(1_000),
  sweepLimit: count(1, 100).default(50),
  /** Nodes of one page of a cold start or a resync; each page has to come within `readDeadline`. */
  snapshotPage: count(1, 1_000).default(250),
  changesLimit: count(1, 10_000).default(250),
  /** Store calls of clients in flight at once; more are refused as `overloaded`, never queued. The calls that an instance makes to follow, probe and
   * sweep are not among them: at most two for each partition, one for the configuration, and a probe. */
  maxCalls: count(1, 100_000).default(256),
  /** Entries of L1, miss marks, placements and buckets of the index, each; the oldest entry is evicted first. */
  maxEntries: count(1, 10_000_000).default(100_000),
  /** How many nodes `dispatch` tries by default. */
  dispatchCandidates: count(1, 100).default(5),
  /** The weight of each reading in the health score; at least one above 0. See health.ts for the formula. */
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
  /** Whether a write that may have happened is repeated within the call: safe, since every write is idempotent. */
  retryAmbiguous: z.enum(["none", "dispatch", "all"]).default("dispatch"),
});

export type Settings = Readonly<z.infer<typeof schema>>;

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
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : (issue?.path.join(".") ?? "");
    const found = issue?.code === "unrecognized_keys" ? "no such setting" : textOf(given, name);
    throw new SettingsError({
      where: `settings.${name}`,
      found,
      allowed: issue?.message ?? "a value in range",
      fix: "see src/scheduler/settings.ts for names, ranges and defaults",
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
