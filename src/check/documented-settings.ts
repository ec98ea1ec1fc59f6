/**
 * The defaults of the scheduler's settings as docs/settings.md documents them, which users rely on. Bounds come from here and from what a scenario
 * sets, never from the scheduler itself: otherwise a changed default would move the bound by which it is judged.
 */

/** Durations are milliseconds. */
export const documentedSettings = {
  partitions: 8,
  readDeadline: 25,
  writeDeadline: 30,
  deadlineGrace: 5,
  budget: 50,
  l1Ttl: 5_000,
  l2Ttl: 30_000,
  missTtl: 1_000,
  ttlSpread: 0.2,
  pollInterval: 200,
  pulseInterval: 15,
  probeInterval: 100,
  probesInARow: 3,
  localOnlyAfter: 10_000,
  calmAfter: 5_000,
  dwell: 250,
  dwellMax: 2_000,
  heartbeatTtl: 15_000,
  lease: 60_000,
  retention: 3_600_000,
  doneFor: 600_000,
  doneMax: 1_000,
  sweepInterval: 1_000,
  sweepLimit: 100,
  snapshotPage: 250,
  changesLimit: 500,
  maxCalls: 256,
  maxEntries: 100_000,
  dispatchCandidates: 5,
} as const;

export type DocumentedSettings = { readonly [Name in keyof typeof documentedSettings]: number };

/** What a scenario promises of its instances: the documented defaults where it sets nothing else. */
export function promisedSettings(given: Partial<DocumentedSettings>): DocumentedSettings {
  return { ...documentedSettings, ...given };
}
