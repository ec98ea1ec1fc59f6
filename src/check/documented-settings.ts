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
  sweepLimit: 25,
  snapshotPage: 250,
  changesLimit: 250,
  maxCalls: 256,
  maxEntries: 100_000,
  dispatchCandidates: 5,
} as const;

/** The least and the most that docs/settings.md allows of each, and whether it has to be a whole number. */
export const documentedRanges: Readonly<
  Record<keyof typeof documentedSettings, readonly [least: number, most: number, isWhole: boolean]>
> = {
  partitions: [1, 4_096, true],
  readDeadline: [1, 10_000, false],
  writeDeadline: [1, 10_000, false],
  deadlineGrace: [0, 1_000, false],
  budget: [2, 60_000, false],
  l1Ttl: [1, 86_400_000, false],
  l2Ttl: [1, 86_400_000, false],
  missTtl: [1, 60_000, false],
  ttlSpread: [0, 0.5, false],
  pollInterval: [1, 60_000, false],
  pulseInterval: [1, 60_000, false],
  probeInterval: [1, 60_000, false],
  probesInARow: [1, 100, true],
  localOnlyAfter: [1, 86_400_000, false],
  calmAfter: [0, 86_400_000, false],
  dwell: [0, 60_000, false],
  dwellMax: [0, 60_000, false],
  heartbeatTtl: [2, 43_200_000, false],
  lease: [1, 86_400_000, true],
  retention: [1, 86_400_000, true],
  doneFor: [1, 86_400_000, true],
  doneMax: [1, 100_000, true],
  sweepInterval: [1, 86_400_000, false],
  sweepLimit: [1, 100, true],
  snapshotPage: [1, 1_000, true],
  changesLimit: [1, 10_000, true],
  maxCalls: [1, 100_000, true],
  maxEntries: [1, 10_000_000, true],
  dispatchCandidates: [1, 100, true],
};

/** ms that a read may take, and within which degradation is in force: D1 and D2 claim it of every scenario, whatever it sets. */
export const budget: number = documentedSettings.budget;

export type DocumentedSettings = { readonly [Name in keyof typeof documentedSettings]: number };

/** Returns the settings that a scenario promises of its instances: the documented defaults where it sets nothing else. */
export function promisedSettings(given: Partial<DocumentedSettings>): DocumentedSettings {
  return { ...documentedSettings, ...given };
}
