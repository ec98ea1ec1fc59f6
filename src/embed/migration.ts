/** `lockproof/scheduler/migration`: moving over from another scheduler. */
import "./node-version.ts";

export type { Difference, DifferenceKind } from "../scheduler/migration/differences.ts";
export type { Audit, DualCounts, DualPorts, DualSettings, DualWrites } from "../scheduler/migration/dual-writes.ts";
export type { LegacyBounds } from "../scheduler/migration/legacy.ts";
export * from "../scheduler/migration/move.ts";
export type { ReconcileReport } from "../scheduler/migration/reconciler.ts";
export type {
  Beat,
  Ended,
  HeartbeatResult,
  Lookup,
  OfflineResult,
  Registered,
  Registries,
  Registry,
  RegistryFailure,
  Reserved,
  Selected,
  Side,
} from "../scheduler/migration/registry.ts";
export type { MigrationScheduler } from "../scheduler/migration/scheduler-registry.ts";
export type { ShadowCounts, ShadowPorts, ShadowReads, ShadowSettings } from "../scheduler/migration/shadow-reads.ts";
export type { Advance, Proof, StageSettings } from "../scheduler/migration/stages.ts";
export type { Share } from "../scheduler/migration/switch.ts";
export type { Wanted } from "../scheduler/selection/select.ts";
