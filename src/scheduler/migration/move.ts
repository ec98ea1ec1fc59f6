/** The move as a whole: callers use it in place of either scheduler, and its operator raises, lowers or kills the share. */
import type { Clock, Random } from "../ports.ts";
import { type DualSettings, DualWrites } from "./dual-writes.ts";
import { type LegacyBounds, type LegacyRegistry, legacyRegistry } from "./legacy.ts";
import type { Registry } from "./registry.ts";
import { type MigrationScheduler, schedulerRegistry } from "./scheduler-registry.ts";
import { ShadowReads, type ShadowSettings } from "./shadow-reads.ts";
import { type Advance, type Proof, type StageSettings, Stages } from "./stages.ts";
import type { Share } from "./switch.ts";

export { type LegacyRegistry, NotAppliedError } from "./legacy.ts";
export type { NodeFacts } from "./registry.ts";

export interface MovePorts {
  readonly legacy: LegacyRegistry;
  readonly scheduler: MigrationScheduler;
  readonly clock: Clock;
  readonly random: (concern: string) => Random;
}

export interface MoveSettings {
  readonly legacy: Partial<LegacyBounds>;
  readonly shadow: Partial<ShadowSettings>;
  readonly dual: Partial<DualSettings>;
  readonly stages: Partial<StageSettings>;
}

/** Nodes move by their id, selections by their pool. */
export class Move {
  readonly reads: ShadowReads;
  readonly writes: DualWrites;
  readonly #stages: Stages;

  /** @throws SettingsError */
  constructor({ legacy, scheduler, clock, random }: MovePorts, settings: Partial<MoveSettings> = {}) {
    const registries: Readonly<Record<"legacy" | "next", Registry>> = {
      legacy: legacyRegistry(legacy, clock, settings.legacy),
      next: schedulerRegistry(scheduler),
    };
    this.#stages = new Stages(settings.stages);
    const leadOf = (key: string) => this.#stages.leadOf(key);
    this.reads = new ShadowReads({ registries, leadOf, clock, random: random("shadow_reads") }, settings.shadow);
    this.writes = new DualWrites({ registries, leadOf, clock }, settings.dual);
  }

  /** Hundredths of a percent of the keys for which this scheduler leads. */
  get share(): Share {
    return this.#stages.share;
  }

  /** The figures that decide on the next stage: an unfinished write counts like a node that waits for reconciliation. */
  get proof(): Proof {
    const { compared, differing } = this.reads.counts;
    const { backlog, overflowed, waiting } = this.writes.counts;
    return { compared, differing, backlog: backlog + overflowed + waiting };
  }

  /** To the next stage, unless what was seen since the last one forbids it. */
  advance(): Advance {
    return this.#stages.advance(this.proof);
  }

  /** To the stage before, whatever was seen. */
  retreat(): Share {
    return this.#stages.retreat(this.proof);
  }

  /** The legacy registry leads everywhere, from the next call on. What the other side acknowledged is carried over by `reconcile`. */
  kill(because: string): void {
    this.#stages.kill(because);
  }

  rearm(): void {
    this.#stages.rearm(this.proof);
  }

  /** Resolves when no comparison is in flight and nothing waits for the other side. */
  async drained(): Promise<void> {
    await Promise.all([this.reads.drained(), this.writes.drained()]);
  }
}
